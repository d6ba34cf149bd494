import { trainerTexts as t } from "../../i18n/trainers";
import { Annotations } from "../room/beside/Annotations";
import { About } from "../room/case/About";
import { Checklist } from "../room/case/Checklist";
import type { DebriefModel } from "./model";
import { Scoring } from "./scores/Scoring";

/** What is judged and written down while the course is looked at. */
export function Beside({ model }: { model: DebriefModel }) {
  return (
    <aside class="db-debrief-beside" aria-label={t.value.debrief.beside}>
      {model.room.may("score") ? <Scoring lines={model.lines} /> : <Checklist lines={model.lines} time={model.time} />}
      <Annotations />
      <About isOpen={false} />
    </aside>
  );
}
