import { useComputed } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { PRESETS, type Preset } from "../../../patient/presets";
import { Roving } from "../../keys/Roving";
import { keyed } from "../../keys/shortcuts";
import { flagName, patchWords } from "../../words";
import type { Marks } from "../record/record";
import { useRoom } from "../room";
import { announce } from "../../shell/announce";
import { flagOf } from "../../../patient/score";
import { patchOf } from "../sending/staging";
import { Toggle } from "../Toggle";
import "./presets.css";

/** The arrest, the compressions and the return: one press each, staged as a whole. */
export function Presets(props: { marks: Marks }) {
  const texts = t.value.dashboard.presets;
  return (
    <section class="db-presets" aria-labelledby="part-presets-title" title={texts.help}>
      <h2 id="part-presets-title">{texts.title}</h2>
      <Roving class="db-presets-row" role="toolbar" labelledBy="part-presets-title">
        {PRESETS.map((preset) => (
          <PresetButton key={preset} preset={preset} />
        ))}
        <Compressions marks={props.marks} />
      </Roving>
    </section>
  );
}

function PresetButton(props: { preset: Preset }) {
  const room = useRoom();
  const texts = t.value.dashboard.presets;
  const stage = () => {
    room.changes.change({ type: "preset", preset: props.preset });
    const words = patchWords(patchOf(room.changes.staged.peek(), 0));
    if (!room.changes.isAtOnce.peek()) announce(words === "" ? texts.nothing : fill(texts.staged, { what: words }));
  };
  const shortcut = props.preset === "ventricular_fibrillation" ? keyed("arrest") : {};
  return (
    <button
      type="button"
      class="db-preset"
      data-preset={props.preset}
      aria-label={fill(texts.name, { what: texts[props.preset] })}
      {...shortcut}
      onClick={stage}
    >
      {texts[props.preset]}
    </button>
  );
}

/** One control for the compressions: they go to the screens, and their marker to the record. */
function Compressions(props: { marks: Marks }) {
  const room = useRoom();
  const isNext = useComputed(() => {
    const staged = room.changes.staged.value.flags["cpr"];
    return (staged === undefined ? flagOf(room.shown.value, "cpr") : staged) !== null;
  });
  return (
    <Toggle
      text={flagName("cpr")}
      isNext={isNext}
      markKey="flag:cpr"
      marks={props.marks}
      shortcut={keyed("cpr")}
      onPress={() => room.changes.change({ type: "flag", key: "cpr", value: isNext.peek() ? null : true })}
    />
  );
}
