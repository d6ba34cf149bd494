import type { ServerClock } from "./clock";
import type { Timers } from "./timers";

const READ_EVERY_MS = 30_000;
/** A device's clock drifts: after so many readings the best of them is too old to be believed. */
const READINGS_BELIEVED = 20;
/** One reading may have been held up on its way: of several, the quickest is right to a few milliseconds. */
const READINGS_ANEW = 5;
const BETWEEN_READINGS_MS = 200;

/**
 * Keeps a clock right while there is a connection. It does not know what a connection is: `ask` asks the server
 * for its time and answers null when nothing came back.
 */
export class ClockReader {
  readonly #clock: ServerClock;
  readonly #timers: Timers;
  readonly #ask: () => Promise<string | null>;
  #callOff = () => {};

  constructor(clock: ServerClock, timers: Timers, ask: () => Promise<string | null>) {
    this.#clock = clock;
    this.#timers = timers;
    this.#ask = ask;
  }

  /** A connection has opened, or the device slept: what was read before counts no more. */
  readAnew(): void {
    this.#clock.forget();
    this.#readIn(0, 1);
  }

  stop(): void {
    this.#callOff();
  }

  #readIn(ms: number, reading: number): void {
    this.#callOff();
    this.#callOff = this.#timers.after(ms, () => {
      void this.#read();
      if (reading >= READINGS_ANEW + READINGS_BELIEVED) this.readAnew();
      else this.#readIn(reading < READINGS_ANEW ? BETWEEN_READINGS_MS : READ_EVERY_MS, reading + 1);
    });
  }

  async #read(): Promise<void> {
    const sent = Date.now();
    const serverTime = await this.#ask();
    if (serverTime !== null) this.#clock.heard(serverTime, sent);
  }
}
