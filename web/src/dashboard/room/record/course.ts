import { fold, pause, resume } from "../../../patient/fold";
import { NO_MEMORY, withState, type Memory } from "../../../patient/memory";
import { act, type CuffAction } from "../../../patient/nibp";
import { START_VALUES } from "../../../patient/signs";
import type { LastValues, VitalsPatch } from "../../../wire/types";
import { placeAt } from "./placeAt";

/** What moved the signs, or let them stand, at the moment from which the monitors showed it (the server's clock). */
export type SignChange = { at: number } & (
  | { patch: VitalsPatch }
  | { control: "paused" | "resumed" }
  | { action: CuffAction; details: Readonly<Record<string, unknown>> }
);

/** From `at` on: the whole state, and what a monitor remembers of those before it. */
export interface Remembered {
  at: number;
  last: LastValues;
  memory: Memory;
}

/** So many changes lie at most between a moment that is asked for and what is kept. */
export const KEPT_EVERY = 64;

/**
 * A record as the states that it leads through, each to be had by its moment. What is kept are every so many of them:
 * a long record costs little memory, and any moment of it a few folds, however far it is from the one before. It folds
 * no further than it is asked.
 */
export class RecordCourse {
  readonly openedAt: number;
  readonly changes: readonly SignChange[];
  /** The state as it opened, then the one after every so many changes, as far as anybody has asked. */
  readonly #kept: Remembered[];
  /** The one that was asked for last: whoever plays a record on asks for the next. */
  #near: { place: number; state: Remembered };
  #folds = 0;

  /** `changes` in order, none before `openedAt`. */
  constructor(changes: readonly SignChange[], openedAt: number) {
    this.openedAt = openedAt;
    this.changes = changes;
    const opened = { at: openedAt, last: START_VALUES, memory: withState(NO_MEMORY, START_VALUES, openedAt) };
    this.#kept = [opened];
    this.#near = { place: 0, state: opened };
  }

  /** How many changes were folded until now: what a moment costs is counted, not timed. */
  get folds(): number {
    return this.#folds;
  }

  /** How many states are held in memory. */
  get kept(): number {
    return this.#kept.length + 1;
  }

  /** How many changes had come by `at`. */
  placeAt(at: number): number {
    return placeAt(this.changes, at, (change) => change.at);
  }

  /** The state in force at `at`; before the opening, the one at the opening. */
  at(at: number): Remembered {
    return this.after(this.placeAt(at));
  }

  /** The state after so many changes. */
  after(place: number): Remembered {
    let { place: known, state } = this.#nearest(place);
    while (known < place) {
      state = this.#next(state, this.changes[known] as SignChange);
      known++;
      if (known === this.#kept.length * KEPT_EVERY) this.#kept.push(state);
    }
    this.#near = { place, state };
    return state;
  }

  /** The state in force at `from`, then every later one that begins before `until`. */
  *states(from: number, until: number): Generator<Remembered> {
    for (let place = this.placeAt(from); place <= this.changes.length; place++) {
      const state = this.after(place);
      if (state.at >= until && state.at > from) return;
      yield state;
    }
  }

  #nearest(place: number): { place: number; state: Remembered } {
    const row = Math.min(this.#kept.length - 1, Math.floor(place / KEPT_EVERY));
    const kept = { place: row * KEPT_EVERY, state: this.#kept[row] as Remembered };
    return this.#near.place <= place && this.#near.place > kept.place ? this.#near : kept;
  }

  #next(before: Remembered, change: SignChange): Remembered {
    this.#folds++;
    const last = changed(before.last, change);
    // What a session opens with has always been so: nobody has seen it otherwise.
    const memory = withState(change.at > this.openedAt ? before.memory : NO_MEMORY, last, change.at);
    return { at: change.at, last, memory };
  }
}

function changed(last: LastValues, change: SignChange): LastValues {
  if ("patch" in change) return fold(last, change.patch, change.at);
  if ("action" in change) return act(last, change.action, change.details, change.at);
  return change.control === "paused" ? pause(last, change.at) : resume(last, change.at);
}
