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

/** Each total until the next one: a mean pressure moves by itself, too. */
export function news2Steps(scores: readonly News2[], until: number): News2Step[] {
  const totals = scores.filter((one, place) => place === 0 || news2Words(one) !== news2Words(scores[place - 1] as News2) || one.band !== scores[place - 1]?.band);
  return totals.map((one, place) => ({ ...one, from: Date.parse(one.at), until: Date.parse(totals[place + 1]?.at ?? "") || until }));
}

/** "≥" while consciousness or oxygen was never recorded. */
export function news2Words({ total, missing }: News2): string {
  if (total === null) return t.value.debrief.chart.arrest;
  return missing.length > 0 ? `≥${total}` : String(total);
}
