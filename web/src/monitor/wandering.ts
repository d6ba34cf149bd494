import { isPaused } from "../patient/ramps";
import { wander } from "../waves";
import type { LastValues, Rhythm, SignName } from "../wire/types";

/**
 * No resting number stands still (docs/clinical.md: heart rate +-2, respiratory rate and EtCO2 +-1; in atrial fibrillation
 * 5-15): a pure function of the session and the server's time, so that all screens wander together. Most of the time
 * it is the number itself, and it is for some seconds after every change: what a trainer sends is seen first.
 */
const QUIET = 8_000;
const SEEDS: Partial<Record<SignName, number>> = {
  heart_rate: 0x1b56c4e9,
  respiratory_rate: 0x7a2d8f13,
  etco2: 0x4cf5ad43,
};
/** ms from one turn to the next. */
const PACE = 7_000;
const FIBRILLATING_PACE = 3_000;

/** /min. A pacemaker and a flutter's steady block do not waver; what has no sinus node wavers less. */
const HEART: Partial<Record<Rhythm, number>> = { sinus: 2, stemi: 2, av_block_1: 2, paced: 0, atrial_flutter: 0 };

/**
 * What is added to a sign at `now`, whole; `steadySince`: when it last changed. In a pause nothing is: the numbers stand
 * as still as the ramps, and whoever comes meanwhile, without knowing what changed when, sees the same.
 */
export function wandering(name: SignName, last: LastValues, seed: number, now: number, steadySince: number): number {
  const own = SEEDS[name];
  if (own === undefined || isPaused(last) || now - steadySince < QUIET) return 0;
  const value = last[name];
  if (name === "heart_rate" && last.rhythm === "atrial_fibrillation")
    return Math.round(0.065 * value * wander(seed ^ own, now / FIBRILLATING_PACE));
  const most = name === "heart_rate" ? (HEART[last.rhythm] ?? 1) : 1;
  const part = wander(seed ^ own, now / PACE);
  // Squared: small most of the time. Of a small number no more than a tenth.
  return Math.round(Math.min(most, value / 10) * part * Math.abs(part)) || 0;
}

/** Chance alone raises no alarm and ends none: on its limit's other side the number stands as it is. */
export function insideLimits(value: number, wandered: number, limits: readonly (number | null)[]): number {
  const crosses = (limit: number) => value < limit !== wandered < limit || value > limit !== wandered > limit;
  return limits.some((limit) => limit !== null && crosses(limit)) ? value : wandered;
}
