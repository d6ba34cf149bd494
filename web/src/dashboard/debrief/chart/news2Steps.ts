import { trainerTexts as t } from "../../../i18n/trainers";
import { earlyWarningsOf, type EarlyWarnings } from "../../../patient/earlyWarning";
import type { News2 } from "../../../wire/debrief";
import type { RecordCourse } from "../../room/record/course";

export interface News2Step extends News2 {
  /** Milliseconds of the server's clock. */
  from: number;
  until: number;
}

/** From a whole record; `until`: so far it goes. */
export function warningsOf(course: RecordCourse, until: number): EarlyWarnings {
  return earlyWarningsOf(course.states(course.openedAt, until + 1), until);
}

/** Each score until the next one. */
export function news2Steps(scores: readonly News2[], until: number): News2Step[] {
  return scores.map((one, place) => ({ ...one, from: Date.parse(one.at), until: Date.parse(scores[place + 1]?.at ?? "") || until }));
}

/** "≥" while consciousness or oxygen was never recorded. */
export function news2Words({ total, missing }: News2): string {
  if (total === null) return t.value.debrief.chart.arrest;
  return missing.length > 0 ? `≥${total}` : String(total);
}
