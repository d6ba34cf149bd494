import type { Timers } from "./timers";

/** A stretch in which something is left in peace. A clock that is set back meanwhile ends it, and never prolongs it. */
export class Quiet {
  readonly #timers: Pick<Timers, "now">;
  #from = 0;
  #until = 0;

  constructor(timers: Pick<Timers, "now">) {
    this.#timers = timers;
  }

  begin(ms: number): void {
    this.#from = this.#timers.now();
    this.#until = this.#from + ms;
  }

  end(): void {
    this.#until = 0;
  }

  /** Milliseconds. */
  get left(): number {
    const now = this.#timers.now();
    return now < this.#from ? 0 : Math.max(0, this.#until - now);
  }
}
