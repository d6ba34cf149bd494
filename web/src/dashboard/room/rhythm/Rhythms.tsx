import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { Rhythm } from "../../../wire/types";
import { Roving } from "../../keys/Roving";
import { keyed } from "../../keys/shortcuts";
import type { Marks } from "../record/record";
import { useRoom } from "../room";
import { Toggle } from "../Toggle";

/** As a clinician looks for them: where the rhythm comes from. Every rhythm stands in one group. */
export const RHYTHM_GROUPS = {
  supraventricular: ["sinus", "stemi", "atrial_fibrillation", "atrial_flutter", "svt", "junctional"],
  conduction: ["av_block_1", "av_block_2_wenckebach", "av_block_2_mobitz", "av_block_3", "paced"],
  ventricular: ["ventricular_tachycardia", "torsades", "pvc_bigeminy", "idioventricular"],
  arrest: ["ventricular_fibrillation", "ventricular_fibrillation_fine", "asystole"],
} as const satisfies Record<string, readonly Rhythm[]>;

type Group = keyof typeof RHYTHM_GROUPS;

export function Rhythms(props: { marks: Marks }) {
  const texts = t.value.dashboard.rhythm;
  return (
    <section class="db-panel db-rhythms" id="part-rhythm" aria-labelledby="part-rhythm-title" tabIndex={-1}>
      <h2 id="part-rhythm-title">{texts.title}</h2>
      <Roving class="db-groups" role="group" labelledBy="part-rhythm-title" shortcut={keyed("rhythm")}>
        {(Object.keys(RHYTHM_GROUPS) as Group[]).map((group) => (
          <div key={group} class="db-group" role="group" aria-labelledby={`rhythm-${group}`}>
            <h3 id={`rhythm-${group}`}>{texts.groups[group]}</h3>
            <div class="db-toggles">
              {RHYTHM_GROUPS[group].map((rhythm) => (
                <RhythmToggle key={rhythm} rhythm={rhythm} marks={props.marks} />
              ))}
            </div>
          </div>
        ))}
      </Roving>
      <p class="db-hint">{texts.no_pulse_hint}</p>
    </section>
  );
}

function RhythmToggle(props: { rhythm: Rhythm; marks: Marks }) {
  const room = useRoom();
  const { rhythm } = props;
  const isNext = useComputed(() => (room.changes.staged.value.rhythm ?? room.shown.value.rhythm) === rhythm);
  const isLive = useComputed(() => room.shown.value.rhythm === rhythm);
  return (
    <Toggle
      text={t.value.common.rhythms[rhythm]}
      isNext={isNext}
      isMarked={isNext}
      markKey="rhythm"
      marks={props.marks}
      isLive={isLive}
      onPress={() => room.changes.change({ type: "rhythm", rhythm })}
    />
  );
}
