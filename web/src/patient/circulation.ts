import type { LastValues } from "../wire/types";
import { isPaused } from "./ramps";
import { RHYTHM_FACTS } from "./rhythms";

/** Whether the heart beats and moves blood. Numbers and curves both ask here, or they would tell two stories. */

/** A flag counts unless it is absent, false or an empty text. */
export function isOn(last: LastValues, flag: string): boolean {
  return Boolean(last.flags[flag]);
}

/**
 * Whether there are beats on the ECG: never in ventricular fibrillation and asystole, and none at a heart rate of
 * 0. Without `at` a running ramp counts as ended; while the session is paused none ends.
 */
export function hasBeats(last: LastValues, at: number = Number.POSITIVE_INFINITY): boolean {
  // A newer server may name a rhythm that this page does not know: it is drawn with beats.
  if (RHYTHM_FACTS[last.rhythm]?.rate === null) return false;
  const ramp = last.ramps.heart_rate;
  if (ramp === undefined) return last.heart_rate > 0;
  if (isPaused(last)) return ramp.from > 0;
  const start = Date.parse(ramp.started_at);
  if (at >= start + ramp.seconds * 1000) return last.heart_rate > 0;
  return at > start ? ramp.from > 0 || last.heart_rate > 0 : ramp.from > 0;
}

/** Whether there is a pulse to feel: none either under the flag `pulseless` (PEA, pulseless VT). */
export function hasPulse(last: LastValues, at: number = Number.POSITIVE_INFINITY): boolean {
  return hasBeats(last, at) && !isOn(last, "pulseless");
}

/** Whoever has no circulation does not breathe; those who press the chest ventilate as well. */
export function isVentilated(last: LastValues, at: number): boolean {
  return hasPulse(last, at) || isOn(last, "cpr");
}
