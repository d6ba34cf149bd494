import type { LastValues, SignName } from "../wire/types";
import { isPaused } from "./ramps";

/**
 * When `of`, which goes one way along the ramp of the sign, changes after `seenAt`, up to and with `until`: milliseconds
 * of the server's clock, computed and not polled.
 */
export function turns(
  last: LastValues,
  name: SignName,
  seenAt: number,
  of: (at: number) => number | boolean,
  until = Number.POSITIVE_INFINITY,
): number[] {
  const ramp = last.ramps[name];
  if (ramp === undefined || isPaused(last)) return [];
  const start = Date.parse(ramp.started_at);
  const end = start + Math.ceil(ramp.seconds * 1000);
  return turnsBetween(of, Math.max(start, seenAt), Math.min(end, until));
}

function turnsBetween(of: (at: number) => number | boolean, low: number, high: number): number[] {
  if (low >= high || of(low) === of(high)) return [];
  if (high - low === 1) return [high];
  const middle = Math.floor((low + high) / 2);
  return [...turnsBetween(of, low, middle), ...turnsBetween(of, middle, high)];
}
