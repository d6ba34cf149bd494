import type { LastValues, Ramp, SignName, Signs } from "../wire/types";
import { SIGNS, SIGN_NAMES } from "./signs";

/**
 * What the sign reads at `now` (milliseconds of the server's clock), rounded as it is shown.
 * The same arithmetic as the server's `value_at`; tests/vectors/ramps.json holds both to it.
 */
export function valueAt(last: LastValues, name: SignName, now: number): number {
  const scale = 10 ** SIGNS[name].decimals;
  return Math.floor(rawValueAt(last, name, now) * scale + 0.5) / scale;
}

/** Where the sign is at `now`, before it is rounded. Nothing moves while the session is paused. */
export function rawValueAt(last: LastValues, name: SignName, now: number): number {
  const target = last[name];
  const ramp = last.ramps[name];
  if (ramp === undefined) return target;
  if (isPaused(last)) return ramp.from;
  const elapsed = now - Date.parse(ramp.started_at);
  if (elapsed >= ramp.seconds * 1000) return target;
  return ramp.from + (target - ramp.from) * (Math.max(0, elapsed) / (ramp.seconds * 1000));
}

/** How long the ramp still takes at `now`, from then or from when the session goes on. */
export function secondsLeft(last: LastValues, ramp: Ramp, now: number): number {
  if (isPaused(last)) return ramp.seconds;
  return ramp.seconds - Math.max(0, (now - Date.parse(ramp.started_at)) / 1000);
}

export function isPaused(last: LastValues): boolean {
  return last.paused_at !== undefined;
}

export function signsAt(last: LastValues, now: number): Signs {
  return Object.fromEntries(SIGN_NAMES.map((name) => [name, valueAt(last, name, now)])) as Signs;
}

/** The signs that have not arrived at `now`: they move, or stand until the session goes on. */
export function runningRamps(last: LastValues, now: number): SignName[] {
  return SIGN_NAMES.filter((name) => {
    const ramp = last.ramps[name];
    return ramp !== undefined && secondsLeft(last, ramp, now) > 0;
  });
}
