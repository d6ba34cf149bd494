import { isOn } from "../../../patient/circulation";
import type { RecordCourse } from "../../room/record/course";
import type { Lasting } from "../chart/spans";
import { caseSeconds } from "./caseSeconds";

const SENSORS = ["ecg_off", "spo2_off", "nibp_off", "co2_off", "temp_off"];
const LONG_SECONDS = 60;

/** `seconds` is null for one that was not put on again. */
export interface SensorOff {
  flag: string;
  seconds: number | null;
}

/** Sensors that were off for more than a minute of the case, by the moment at which they were taken off together. */
export function sensorsOff(course: RecordCourse, paused: readonly Lasting[], until: number): Map<number, SensorOff[]> {
  const found: { at: number; off: SensorOff }[] = [];
  const since = new Map<string, number>();
  const judge = (flag: string, at: number, end: number | null) => {
    if (caseSeconds(at, end ?? until, paused) <= LONG_SECONDS) return;
    found.push({ at, off: { flag, seconds: end === null ? null : caseSeconds(at, end, paused) } });
  };
  for (const { at, last } of course.states(course.openedAt, until)) {
    for (const flag of SENSORS) {
      const offAt = since.get(flag);
      if (isOn(last, flag)) since.set(flag, offAt ?? at);
      else if (offAt !== undefined) {
        since.delete(flag);
        judge(flag, offAt, at);
      }
    }
  }
  for (const [flag, at] of since) judge(flag, at, null);
  const together = new Map<number, SensorOff[]>();
  for (const { at, off } of found.sort((a, b) => a.at - b.at)) together.set(at, [...(together.get(at) ?? []), off]);
  return together;
}
