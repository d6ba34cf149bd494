import type { DryState } from "../../../patient/dryRun";
import { rampEnd } from "../../../patient/history";
import { rawValueAt } from "../../../patient/ramps";
import { SIGNS } from "../../../patient/signs";
import type { Limit, SignName } from "../../../wire/types";

/** One sign over the time of a case, as straight lines: a ramp is a slope, a jump stands upright. */

/** [second, value], both ascending in time; two points of one second are a jump. */
export type Point = readonly [number, number];

export function curveOf(states: readonly DryState[], name: SignName, until: number): Point[] {
  const points: Point[] = [];
  const add = (second: number, value: number) => {
    const [one, two] = [points.at(-2), points.at(-1)];
    if (two?.[0] === second && two[1] === value) return;
    // In the middle of a level line nothing is to be seen.
    if (one?.[1] === value && two?.[1] === value) points.pop();
    points.push([second, value]);
  };
  for (const [place, { at_seconds, last }] of states.entries()) {
    const end = Math.min(until, states[place + 1]?.at_seconds ?? until);
    if (end < at_seconds) break;
    add(at_seconds, rawValueAt(last, name, at_seconds * 1000));
    const arrived = rampEnd(last, name) / 1000;
    if (arrived > at_seconds && arrived < end) add(arrived, last[name]);
    add(end, rawValueAt(last, name, end * 1000));
  }
  return points;
}

export interface LaneScale {
  low: number;
  high: number;
}

/** Everything that is drawn has its place, and a sign that hardly moves is not blown up. */
export function scaleOf(name: SignName, curves: readonly (readonly Point[])[], limit: Limit): LaneScale {
  const { min, max, decimals } = SIGNS[name];
  const values = curves.flatMap((points) => points.map(([, value]) => value));
  const ends = [limit.low, limit.high].flatMap((value) => (value === null ? [] : [value]));
  const [lowest, highest] = [Math.min(...values, ...ends), Math.max(...values, ...ends)];
  const least = decimals === 0 ? 10 : 2;
  const margin = Math.max((least - (highest - lowest)) / 2, (highest - lowest) * 0.08);
  return { low: Math.max(min, lowest - margin), high: Math.min(max, highest + margin) };
}

/** In a box of 100 by 100: x goes with time, y upwards with the value. */
export function pathOf(points: readonly Point[], until: number, scale: LaneScale): string {
  return points
    .map(([second, value], place) => `${place === 0 ? "M" : "L"}${rounded(percentOf(second, until))} ${rounded(100 - share(value, scale))}`)
    .join("");
}

export function percentOf(second: number, until: number): number {
  return (100 * Math.min(second, until)) / until;
}

/** Percent of the lane's height from its bottom. */
export function share(value: number, { low, high }: LaneScale): number {
  return (100 * (Math.min(high, Math.max(low, value)) - low)) / (high - low);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Whole minutes at even steps, at most so many between both ends. */
export function ticksOf(until: number, most = 8): number[] {
  const steps = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800];
  const step = steps.find((each) => until / each <= most) ?? 86_400;
  return Array.from({ length: Math.floor(until / step) + 1 }, (_, place) => place * step);
}
