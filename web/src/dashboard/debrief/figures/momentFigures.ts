import { knownWarningAt } from "../../../monitor/knownWarning";
import { earlyWarningAt, NOTHING_RECORDED } from "../../../patient/earlyWarning";
import type { News2 } from "../../../wire/debrief";
import type { RecordCourse } from "../../room/record/course";

/** What of NEWS2 had never been recorded, from each moment on (milliseconds of the server's clock). */
export type NeverRecorded = readonly { at: number; missing: News2["missing"] }[];

/** `scores` are those of the patient: of them nothing else is missing. */
export function neverRecordedOf(scores: readonly News2[]): NeverRecorded {
  return scores
    .filter(({ missing }, place) => place === 0 || missing.length !== scores[place - 1]?.missing.length)
    .map(({ at, missing }) => ({ at: Date.parse(at), missing }));
}

/** NEWS2, mean pressure and shock index of one moment: of the patient, and as the team could know them. */
export function figuresAt(course: RecordCourse, at: number, never: NeverRecorded): { patient: News2; team: News2 } {
  const state = course.at(at);
  const moment = Math.max(at, state.at);
  const missing = never.findLast((one) => one.at <= moment)?.missing ?? NOTHING_RECORDED;
  return { patient: earlyWarningAt(state.last, moment, missing), team: knownWarningAt(state, moment, missing) };
}
