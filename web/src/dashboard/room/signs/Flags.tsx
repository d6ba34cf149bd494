import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { SCORE_FLAGS } from "../../../patient/score";
import { CONDITIONS, SENSORS_OFF } from "../../../patient/signs";
import type { Marks } from "../record/record";
import { useRoom } from "../room";
import { FlagToggle } from "./FlagToggle";
import { ScoreFlags } from "./ScoreFlags";

export const FLAG_GROUPS = {
  circulation: ["pulseless"],
  breathing: ["bronchospasm"],
  conditions: CONDITIONS,
  sensors: SENSORS_OFF,
  score: SCORE_FLAGS,
} as const satisfies Record<string, readonly string[]>;

type Group = keyof typeof FLAG_GROUPS;
// The compressions stand with the presets.
const KNOWN: ReadonlySet<string> = new Set([...Object.values(FLAG_GROUPS).flat(), "cpr"]);

export function Flags(props: { marks: Marks }) {
  const texts = t.value.dashboard.flags;
  return (
    <section class="db-panel" aria-labelledby="part-flags-title">
      <h2 id="part-flags-title">{texts.title}</h2>
      <div class="db-groups">
        {(Object.keys(FLAG_GROUPS) as Group[]).map((group) =>
          group === "score" ? (
            <ScoreFlags key={group} marks={props.marks} />
          ) : (
            <FlagGroup key={group} name={group} title={texts[group]} keys={FLAG_GROUPS[group]} marks={props.marks} />
          ),
        )}
        <OtherFlags title={texts.others} marks={props.marks} />
      </div>
    </section>
  );
}

/** What another program has set and this page does not know: shown, and to be taken away. */
function OtherFlags(props: { title: string; marks: Marks }) {
  const room = useRoom();
  const keys = useComputed(() =>
    Object.keys(room.shown.value.flags)
      .filter((key) => !KNOWN.has(key))
      .sort()
      .join(" "),
  ).value;
  if (keys === "") return null;
  return <FlagGroup name="others" title={props.title} keys={keys.split(" ")} marks={props.marks} />;
}

function FlagGroup(props: { name: string; title: string; keys: readonly string[]; marks: Marks }) {
  return (
    <div class="db-group" role="group" aria-labelledby={`flags-${props.name}`}>
      <h3 id={`flags-${props.name}`}>{props.title}</h3>
      <div class="db-toggles">
        {props.keys.map((key) => (
          <FlagToggle key={key} flag={key} marks={props.marks} />
        ))}
      </div>
      {props.name === "conditions" ? <ShownToTrainees /> : null}
    </div>
  );
}

/** The name of a condition on the trainees' screens may give the diagnosis away: said here, where it is chosen. */
function ShownToTrainees() {
  const room = useRoom();
  const texts = t.value.dashboard.flags;
  const isShown = useComputed(() => room.session.value?.shows_conditions ?? false).value;
  return (
    <p class="db-flags-shown">
      <label>
        <input
          type="checkbox"
          role="switch"
          checked={isShown}
          onChange={(event) => room.edits.showConditions(event.currentTarget.checked)}
        />
        <span>{texts.shown}</span>
      </label>
      <small>{isShown ? texts.shown_yes : texts.shown_no}</small>
    </p>
  );
}
