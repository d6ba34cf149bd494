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
  return ordered(moments.taken(), mapped, untimed);
}


function ordered(
  moments: Float64Array,
  mapped: readonly { name: SignName; at: Growing; values: Growing }[],
  untimed: number,
): ReadCourse {
  const [first, last] = [moments[0] ?? 0, moments.at(-1) ?? 0];
  const isNewestFirst = last < first;
  if (isNewestFirst) moments.reverse();
  const begin = Math.min(first, last);
  const series: ReadCourse["series"] = {};
  for (const { name, at, values } of mapped) {
    const [times, measured] = [at.taken(), values.taken()];
    if (isNewestFirst) {
      times.reverse();
      measured.reverse();
    }
    series[name] = inOrder(times, measured, begin);
  }
  let [newest, late] = [Number.NEGATIVE_INFINITY, 0];
  for (const at of moments) {
    if (at < newest) late += 1;
    else newest = at;
  }
  return { series, seconds: Math.max(first, last) - begin, rowsLeftOut: untimed + late };
}

function inOrder(times: Float64Array, values: Float64Array, begin: number): Series {
  let [kept, newest] = [0, Number.NEGATIVE_INFINITY];
  for (let place = 0; place < times.length; place += 1) {
    if (times[place]! < newest) continue;
    newest = times[place]!;
    times[kept] = newest - begin;
    values[kept] = values[place]!;
    kept += 1;
  }
  return { at: times.subarray(0, kept), values: values.subarray(0, kept) };
}

/** A list of numbers that takes eight bytes for each. */
class Growing {
  #room = new Float64Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#room.length) {
      const wider = new Float64Array(this.#length * 2);
      wider.set(this.#room);
      this.#room = wider;
    }
    this.#room[this.#length++] = value;
  }

  taken(): Float64Array {
    return this.#room.subarray(0, this.#length);
  }
}
