import { hasPulse, isOn } from "../../../patient/circulation";
import { rampEnd } from "../../../patient/history";
import { isPaused } from "../../../patient/ramps";
import type { Rhythm } from "../../../wire/types";
import type { RecordCourse, Remembered } from "../../room/record/course";

/** From `from` to `until` (milliseconds of the server's clock) something was so. */
export interface Lasting<T = true> {
  from: number;
  until: number;
  is: T;
}

/** What lies as bands below the curves: the patient's own state, whatever a monitor could see of it. */
export interface RecordBands {
  rhythms: Lasting<Rhythm>[];
  pulseless: Lasting[];
  compressions: Lasting[];
  paused: Lasting[];
}

/** Of a whole record, in one walk through it. */
export function bandsOf(course: RecordCourse, until: number): RecordBands {
  const rhythms = new Band<Rhythm>();
  const [pulseless, compressions, paused] = [new Band(), new Band(), new Band()];
  for (const state of course.states(course.openedAt, until)) {
    const { at, last } = state;
    rhythms.holds(at, last.rhythm);
    compressions.holds(at, isOn(last, "cpr") || null);
    paused.holds(at, isPaused(last) || null);
    for (const [since, has] of pulseIn(state)) pulseless.holds(since, has ? null : true);
  }
  return {
    rhythms: rhythms.until(until), pulseless: pulseless.until(until),
    compressions: compressions.until(until), paused: paused.until(until),
  }; // prettier-ignore
}

/** Twice where a heart comes to its last beat, or to its first one, on its way. */
function pulseIn({ at, last }: Remembered): [number, boolean][] {
  const first: [number, boolean] = [at, hasPulse(last, at + 1)];
  const end = rampEnd(last, "heart_rate");
  return Number.isFinite(end) && end > at ? [first, [end, hasPulse(last, end)]] : [first];
}

/** Told in order what holds from when on; null: nothing does. */
class Band<T = true> {
  readonly #all: Lasting<T>[] = [];
  #open: { from: number; is: T } | null = null;

  holds(at: number, is: T | null): void {
    if ((this.#open?.is ?? null) === is) return;
    this.#close(at);
    this.#open = is === null ? null : { from: at, is };
  }

  until(at: number): Lasting<T>[] {
    this.#close(at);
    return this.#all;
  }

  #close(at: number): void {
    if (this.#open !== null && at > this.#open.from) this.#all.push({ ...this.#open, until: at });
    this.#open = null;
  }
}
