import { SIGN_NAMES } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";
import type { Unreadable } from "../file/fault";
import { momentReader } from "../file/moments";
import { numberIn } from "../file/numbers";
import type { Recording } from "../file/recording";
import { inOwnUnitOf, type Mapping } from "../mapping/mapping";
import type { Work } from "../slices";

/** What was measured of one sign, in the order of time; its moments are seconds since the first row. No date is kept. */
export interface Series {
  at: Float64Array;
  values: Float64Array;
}

export interface ReadCourse {
  series: Partial<Record<SignName, Series>>;
  /** From the first row to the last. */
  seconds: number;
  /** Rows without a time, or earlier than the one before them. */
  rowsLeftOut: number;
}

const CELLS_A_BIT = 2000;
const VALUES_A_BIT = 20_000;

/** The mapped columns and nothing else. */
export function* readCourse(recording: Recording, mapping: Mapping): Work<ReadCourse | Unreadable> {
  const { time } = mapping;
  const moment = momentReader(time.kind, time.interval);
  const mapped = SIGN_NAMES.flatMap((name) => {
    const sign = mapping.signs[name];
    return sign === undefined ? [] : [{ ...sign, name, at: new Growing(), values: new Growing() }];
  });
  const moments = new Growing();
  const rows = recording.rows();
  let [untimed, count, cells] = [0, -1, 0];
  for (;;) {
    const row = rows.next();
    if (row.done === true) {
      if (row.value !== null) return row.value;
      break;
    }
    cells += row.value.length;
    if (cells >= CELLS_A_BIT || row.value.length === 0) {
      cells = 0;
      yield;
    }
    if (row.value.length === 0) continue;
    count += 1;
    const at = moment(time.column === null ? null : (row.value[time.column] ?? null), count);
    if (at === null || !Number.isFinite(at)) {
      untimed += 1;
      continue;
    }
    moments.push(at);
    for (const { column, unit, at: times, values } of mapped) {
      const value = numberIn(row.value[column] ?? null);
      if (value === null) continue;
      times.push(at);
      values.push(inOwnUnitOf(value, unit));
    }
  }
  return yield* ordered(moments, mapped, untimed);
}

function* ordered(
  allMoments: Growing,
  mapped: readonly { name: SignName; at: Growing; values: Growing }[],
  untimed: number,
): Work<ReadCourse> {
  const moments = allMoments.taken();
  const [first, last] = [moments[0] ?? 0, moments.at(-1) ?? 0];
  const isNewestFirst = last < first;
  const begin = Math.min(first, last);
  const series: ReadCourse["series"] = {};
  for (const { name, at, values } of mapped) {
    yield;
    const times = at.taken();
    yield;
    const measured = values.taken();
    if (isNewestFirst) {
      times.reverse();
      measured.reverse();
    }
    series[name] = yield* inOrder(times, measured, begin);
  }
  yield;
  if (isNewestFirst) moments.reverse();
  let [newest, late] = [Number.NEGATIVE_INFINITY, 0];
  for (let place = 0; place < moments.length; place += 1) {
    if (place % VALUES_A_BIT === 0) yield;
    if (moments[place]! < newest) late += 1;
    else newest = moments[place]!;
  }
  return { series, seconds: Math.max(first, last) - begin, rowsLeftOut: untimed + late };
}

function* inOrder(times: Float64Array, values: Float64Array, begin: number): Work<Series> {
  let [kept, newest] = [0, Number.NEGATIVE_INFINITY];
  for (let place = 0; place < times.length; place += 1) {
    if (place % VALUES_A_BIT === 0) yield;
    if (times[place]! < newest) continue;
    newest = times[place]!;
    times[kept] = newest - begin;
    values[kept] = values[place]!;
    kept += 1;
  }
  return { at: times.subarray(0, kept), values: values.subarray(0, kept) };
}

const CHUNK = 8192;

/** A list of numbers that takes eight bytes for each. It grows by pieces: all lists grow at the same row, none is copied. */
class Growing {
  readonly #full: Float64Array[] = [];
  #chunk = new Float64Array(CHUNK);
  #length = 0;

  push(value: number): void {
    if (this.#length === CHUNK) {
      this.#full.push(this.#chunk);
      this.#chunk = new Float64Array(CHUNK);
      this.#length = 0;
    }
    this.#chunk[this.#length++] = value;
  }

  /** In one piece. */
  taken(): Float64Array {
    const all = new Float64Array(this.#full.length * CHUNK + this.#length);
    for (const [place, chunk] of this.#full.entries()) all.set(chunk, place * CHUNK);
    all.set(this.#chunk.subarray(0, this.#length), this.#full.length * CHUNK);
    return all;
  }
}
