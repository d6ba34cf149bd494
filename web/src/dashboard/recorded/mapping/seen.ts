import { isUnreadable, unreadable, type Unreadable } from "../file/fault";
import { clockIn } from "../file/moments";
import { numberIn, type Cell } from "../file/numbers";
import type { Recording } from "../file/recording";
import type { Work } from "../slices";

/** What a recording looks like, before anybody has said what its columns are. */
export interface SeenRecording {
  rows: number;
  columns: readonly SeenColumn[];
}

export interface SeenColumn {
  /** How many numbers it has, those left out that mean that there is none. */
  numbers: number;
  low: number;
  high: number;
  /** The first ones that say something, as they are written. */
  first: readonly string[];
  /** Cells with a time of day or a date and a time in them. */
  clocks: number;
  /** Whether some of them have seconds, or behind two numbers a fraction; and the largest first number. */
  hasSeconds: boolean;
  hasFraction: boolean;
  largestClock: number;
  /** How often its numbers went up and down from one row to the next. */
  ups: number;
  downs: number;
}

const SHOWN = 4;
/** Of texts it is enough to have looked at so many. */
const CLOCKS_LOOKED_AT = 200;
const CELLS_A_BIT = 2000;

export function* lookAt(recording: Recording): Work<SeenRecording | Unreadable> {
  const columns = recording.columns.map(() => new Looked());
  const rows = recording.rows();
  let [count, cells] = [0, 0];
  for (;;) {
    const row = rows.next();
    if (row.done === true) {
      if (row.value !== null && isUnreadable(row.value)) return row.value;
      return columns.some(({ numbers }) => numbers > 0) ? { rows: count, columns } : unreadable("no_table");
    }
    for (const [place, column] of columns.entries()) column.add(row.value[place] ?? null, count);
    if (row.value.length > 0) count += 1;
    cells += columns.length;
    if (cells < CELLS_A_BIT && row.value.length > 0) continue;
    cells = 0;
    yield;
  }
}

class Looked implements SeenColumn {
  numbers = 0;
  low = Number.POSITIVE_INFINITY;
  high = Number.NEGATIVE_INFINITY;
  readonly first: string[] = [];
  clocks = 0;
  hasSeconds = false;
  hasFraction = false;
  largestClock = 0;
  ups = 0;
  downs = 0;
  #before: number | null = null;

  add(cell: Cell, row: number): void {
    const value = numberIn(cell);
    if (value !== null) this.#addNumber(value);
    if (this.first.length < SHOWN && cell !== null && cell !== "") this.first.push(String(cell).slice(0, 24));
    if (value !== null || row >= CLOCKS_LOOKED_AT) return;
    const clock = clockIn(cell);
    if (clock === null) return;
    this.clocks += 1;
    this.hasSeconds ||= clock.parts[2] !== null;
    this.hasFraction ||= clock.fraction !== null;
    this.largestClock = Math.max(this.largestClock, clock.parts[0]);
  }

  #addNumber(value: number): void {
    this.numbers += 1;
    this.low = Math.min(this.low, value);
    this.high = Math.max(this.high, value);
    if (this.#before !== null && value > this.#before) this.ups += 1;
    if (this.#before !== null && value < this.#before) this.downs += 1;
    this.#before = value;
  }
}
