import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { DebriefModel } from "../model";
import { caseClock } from "../times";
import { MomentIcon } from "./MomentIcon";
import { momentWords } from "./momentWords";
import { foremost, type FoundMoment } from "./moments";

/** One below the other, large enough for the other end of a room. */
export function MomentList(props: { model: DebriefModel; most: number; choose: (moment: FoundMoment) => void }) {
  const { model } = props;
  const moments = useComputed(() => foremost(model.visible.value, props.most)).value;
  const steps = model.room.steps.value;
  if (moments.length === 0) return <p class="db-hint">{t.value.debrief.moments.none}</p>;
  return (
    <ol class="db-moment-list">
      {moments.map((moment) => (
        <li key={moment.key}>
          <button type="button" class="db-moment" data-kind={moment.kind} onClick={() => props.choose(moment)}>
            <MomentIcon kind={moment.kind} />
            <span class="db-moment-time">{caseClock(model.time.value, moment.at)}</span>
            <span class="db-moment-words">{momentWords(moment, steps)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
