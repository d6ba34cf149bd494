import { trainerTexts as t } from "../../../i18n/trainers";
import { Beside } from "../Beside";
import { CourseChart } from "../chart/CourseChart";
import { News2Source } from "../figures/News2Source";
import { Reckoned } from "../figures/Reckoned";
import { Foot } from "../Foot";
import type { DebriefModel } from "../model";
import { PlayedCase } from "../PlayedCase";
import { MomentStrip } from "../moments/MomentStrip";
import { ReplayedMonitor } from "../replay/ReplayedMonitor";
import { TransportKeys } from "../replay/TransportKeys";
import { RecordPages } from "../table/RecordPages";

/** The moment that is talked about: the strip, the monitor as it was, the course, and what is judged beside it. */
export function Analysis({ model }: { model: DebriefModel }) {
  const lacks = model.room.lacksRecord.value;
  return (
    <div class="db-analysis">
      <MomentStrip model={model} />
      {lacks ? (
        <p class="db-hint">{t.value.debrief.no_record}</p>
      ) : (
        <div class="db-analysis-right">
          <CourseChart model={model}>
            <TransportKeys model={model} />
          </CourseChart>
          <Reckoned model={model} />
          <RecordPages model={model} />
          {model.room.isOver.value ? <PlayedCase model={model} /> : null}
        </div>
      )}
      <div class="db-analysis-left">
        {lacks ? null : <ReplayedMonitor model={model} />}
        <Beside model={model} />
      </div>
      <Foot model={model} />
      <News2Source />
    </div>
  );
}
