import { SIGNS, SIGN_NAMES } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";
import type { Work } from "../slices";
import type { Series } from "./series";

/** Seconds between two moments of a course that is made of a recording. */
export const GRID_SECONDS = 5;
export const SECTION_SECONDS_LIMIT = 6 * 3600;
/** A sensor that gives nothing for so long is off: or for so many of its own usual times. */
const SHORTEST_GAP = 30;
const USUAL_TIMES = 2.5;
const VALUES_A_BIT = 500;
/** Of a wave's samples within one moment these many say enough of their median. */
const SORTED_AT_ONCE = 1000;

/** A sign at each moment of the grid. */
export interface SignGrid {
  name: SignName;
  /** As it was measured, NaN where it was not. */
  measured: Float64Array;
  /** The same without holes: what the sign is taken for meanwhile. */
  filled: Float64Array;
  /** It holds until the next reading. */
  isHeld: boolean;
  /** Moments of the grid with a value. */
  points: number;
  /** Seconds without one after which its sensor is off. */
  gap: number;
}

export interface CourseGrid {
  cells: number;
  signs: readonly SignGrid[];
  /** Moments at which the diastolic pressure was above the systolic one. */
  crossed: number;
}

/** Of the seconds from `from` to `to`. A sign without any value there is left out. */
export function* courseGrid(
  series: Partial<Record<SignName, Series>>,
  [from, to]: readonly [number, number],
  isCuff: boolean,
): Work<CourseGrid> {
  const cells = Math.floor(Math.min(to - from, SECTION_SECONDS_LIMIT) / GRID_SECONDS) + 1;
  const measured: Partial<Record<SignName, Float64Array>> = {};
  for (const name of SIGN_NAMES) {
    const one = series[name];
    if (one !== undefined) measured[name] = yield* medians(name, one, from, cells);
  }
  const { systolic, diastolic } = measured;
  const crossed = systolic !== undefined && diastolic !== undefined ? dropCrossed(systolic, diastolic) : 0;
  const signs: SignGrid[] = [];
  for (const name of SIGN_NAMES) {
    const values = measured[name];
    if (values === undefined || values.every(Number.isNaN)) continue;
    signs.push(signGrid(name, values, isCuff && (name === "systolic" || name === "diastolic")));
    yield;
  }
  keepApart(signs);
  return { cells, signs, crossed };
}

function signGrid(name: SignName, measured: Float64Array, isHeld: boolean): SignGrid {
  const places = [...measured.keys()].filter((cell) => !Number.isNaN(measured[cell]!));
  const gap = Math.max(SHORTEST_GAP, USUAL_TIMES * usualDistance(places) * GRID_SECONDS);
  return { name, measured, filled: filled(name, measured, places, isHeld), isHeld, points: places.length, gap };
}

/** Each value belongs to the moment next to it; of several it is their median. */
function* medians(name: SignName, { at, values }: Series, from: number, cells: number): Work<Float64Array> {
  const grid = new Float64Array(cells).fill(Number.NaN);
  let [begin, cell] = [0, -1];
  for (let place = 0; place <= at.length; place += 1) {
    if (place % VALUES_A_BIT === 0) yield;
    const here = place < at.length ? Math.round((at[place]! - from) / GRID_SECONDS) : cells;
    if (here === cell) continue;
    if (cell >= 0 && cell < cells) grid[cell] = rounded(name, median(values.subarray(begin, place)));
    [begin, cell] = [place, here];
  }
  return grid;
}

function median(all: Float64Array): number {
  const every = Math.ceil(all.length / SORTED_AT_ONCE);
  const values = all.filter((_, place) => place % every === 0).sort();
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

/** As it is shown: halves go up. */
export function rounded(name: SignName, value: number): number {
  const scale = 10 ** SIGNS[name].decimals;
  return Math.floor(value * scale + 0.5) / scale;
}

function dropCrossed(systolic: Float64Array, diastolic: Float64Array): number {
  let count = 0;
  for (const [cell, value] of systolic.entries()) {
    if (!(diastolic[cell]! > value)) continue;
    systolic[cell] = diastolic[cell] = Number.NaN;
    count += 1;
  }
  return count;
}

function usualDistance(places: readonly number[]): number {
  const distances = places.slice(1).map((place, before) => place - places[before]!);
  return distances.sort((one, other) => one - other)[distances.length >> 1] ?? 1;
}

function filled(name: SignName, measured: Float64Array, places: readonly number[], isHeld: boolean): Float64Array {
  const whole = measured.slice();
  const [first, last] = [places[0]!, places.at(-1)!];
  whole.fill(measured[first]!, 0, first);
  whole.fill(measured[last]!, last);
  for (const [number, to] of places.entries()) {
    const from = places[number - 1];
    if (from === undefined) continue;
    for (let cell = from + 1; cell < to; cell += 1)
      whole[cell] = isHeld ? measured[from]! : rounded(name, between(measured[from]!, measured[to]!, (cell - from) / (to - from)));
  }
  return whole;
}

export function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** Where only one of two pressures was measured the other is a guess, and gives way. */
function keepApart(signs: readonly SignGrid[]): void {
  const systolic = signs.find(({ name }) => name === "systolic");
  const diastolic = signs.find(({ name }) => name === "diastolic");
  if (systolic === undefined || diastolic === undefined) return;
  for (const cell of systolic.filled.keys()) {
    if (diastolic.filled[cell]! <= systolic.filled[cell]!) continue;
    if (Number.isNaN(diastolic.measured[cell]!)) diastolic.filled[cell] = systolic.filled[cell]!;
    else systolic.filled[cell] = diastolic.filled[cell]!;
  }
}
