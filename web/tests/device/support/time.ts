import type { Timers } from "../../../src/wire/timers";
import { quietTurns } from "./turns";

/** Longer than any chain of promises and messages between two transactions. */
const QUIET_TURNS = 50;

/** Let everything run that needs no time: promises, the database, messages between tabs. */
export async function settle(): Promise<void> {
  await quietTurns(QUIET_TURNS);
}

/** Time that moves only when a test moves it. The database's own turns need none of it. */
export class VirtualTimers implements Timers {
  #now = 1_000_000;
  #waiting: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const one = { at: this.#now + ms, run };
    this.#waiting.push(one);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== one);
    };
  }

  /** What waits is due when it would have been: only what the clock says is another time. */
  setBack(ms: number): void {
    this.#now -= ms;
    for (const one of this.#waiting) one.at -= ms;
  }

  /** Everything due within `ms`, one after the other, each let finish. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#waiting.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settle();
    }
    this.#now = end;
  }
}

/** A small seeded generator (mulberry32): the same schedule for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
