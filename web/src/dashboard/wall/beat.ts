import { createLoop, type DrawLoop } from "../../waves";

const TICK = 250;

/**
 * What moves on the wall: one loop that draws all waves, and one timer at the quarters of the server's seconds, at which
 * all numbers change together. A room that is out of sight takes itself out of both.
 */
export class WallBeat {
  readonly loop: DrawLoop;
  readonly #now: () => number;
  readonly #ticks = new Set<(now: number) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `now`: milliseconds of the server's clock. */
  constructor(now: () => number) {
    this.#now = now;
    this.loop = createLoop(now);
  }

  /** Called at every quarter of a second, and once now. */
  add(tick: (now: number) => void): () => void {
    this.#ticks.add(tick);
    tick(quarterOf(this.#now()));
    return () => this.#ticks.delete(tick);
  }

  start(): () => void {
    this.loop.start();
    this.#tick();
    return () => {
      this.loop.stop();
      clearTimeout(this.#timer);
    };
  }

  #tick(): void {
    const now = this.#now();
    const quarter = quarterOf(now);
    this.#timer = setTimeout(() => this.#tick(), TICK - (now - quarter));
    for (const tick of this.#ticks) tick(quarter);
  }
}

function quarterOf(moment: number): number {
  return Math.floor(moment / TICK) * TICK;
}
