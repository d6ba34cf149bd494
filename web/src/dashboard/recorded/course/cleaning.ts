import { SIGNS } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";
import type { Work } from "../slices";
import type { Series } from "./series";
import { TOLERANCES } from "./tolerances";

export interface CleanSeries {
  kept: Series;
  /** Values that cannot be. */
  outOfRange: number;
  /** Values that stand alone: more than 30 % from the median of five. */
  jumps: number;
}

const JUMP = 0.3;
const AROUND = 2;
const VALUES_A_BIT = 500;

/** `isHeld`: of readings that come minutes apart, every one of which may differ. */
export function* cleaned(sign: SignName, series: Series, isHeld: boolean): Work<CleanSeries> {
  const inRange = yield* thoseInRange(sign, series);
  const outOfRange = series.at.length - inRange.at.length;
  if (isHeld) return { kept: inRange, outOfRange, jumps: 0 };
  const kept = yield* withoutJumps(sign, inRange);
  return { kept, outOfRange, jumps: inRange.at.length - kept.at.length };
}

function* thoseInRange(sign: SignName, { at, values }: Series): Work<Series> {
  const { min, max } = SIGNS[sign];
  return yield* those(at, values, (place) => values[place]! >= min && values[place]! <= max);
}

function* withoutJumps(sign: SignName, { at, values }: Series): Work<Series> {
  // Of small numbers 30 % is nothing: from 4 breaths a minute to 6.
  const least = 2 * TOLERANCES[sign];
  const window = new Float64Array(2 * AROUND + 1);
  return yield* those(at, values, (place) => {
    if (values.length < window.length) return true;
    const from = Math.min(Math.max(0, place - AROUND), values.length - window.length);
    window.set(values.subarray(from, from + window.length));
    const median = window.sort()[AROUND]!;
    return Math.abs(values[place]! - median) <= Math.max(JUMP * median, least);
  });
}

function* those(at: Float64Array, values: Float64Array, isKept: (place: number) => boolean): Work<Series> {
  const [times, measured] = [new Float64Array(at.length), new Float64Array(at.length)];
  let count = 0;
  for (let place = 0; place < at.length; place += 1) {
    if (place % VALUES_A_BIT === 0) yield;
    if (!isKept(place)) continue;
    times[count] = at[place]!;
    measured[count] = values[place]!;
    count += 1;
  }
  return { at: times.subarray(0, count), values: measured.subarray(0, count) };
}
