import { trainerTexts as t } from "../../i18n/trainers";
import { People } from "../room/people/People";
import { Trainers } from "../room/people/Trainers";
import { Downloads } from "../room/record/Downloads";
import { Notes } from "../room/record/Notes";
import { Keeping } from "./keeping/Keeping";
import { Attempts } from "./again/Attempts";
import type { DebriefModel } from "./model";
import { SideBySide } from "./scores/SideBySide";

/** What is done with a session that was talked over: taken along, added to, made a case of. */
export function Foot({ model }: { model: DebriefModel }) {
  return (
    <div class="db-debrief-foot">
      <section class="db-panel db-debrief-actions" aria-labelledby="part-actions-title">
        <h2 id="part-actions-title">{t.value.debrief.actions}</h2>
        <Downloads />
      </section>
      <SideBySide />
      <Attempts sessionId={model.room.id} />
      <Notes lines={model.lines} time={model.time} />
      <People />
      <Trainers />
      <Keeping sessionId={model.room.id} />
    </div>
  );
}
