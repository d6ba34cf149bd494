import type { Line } from "./line";

/** Any fixed moment will do, so long as every screen has the same; a near one keeps the digits of the sums. */
export const ERA = Date.UTC(2026, 0, 1);

/**
 * How many turns (beats, breaths, groups of beats) have gone by at a moment, and when turn `n` comes.
 *
 * A steady rate counts from a fixed moment, ERA, not from the push that set it: whoever knows the rate knows
 * every beat, and nobody needs to have been there. A moving rate is integrated analytically, and is anchored
 * at the END of its ramp, so that it runs into the steady count of its target without a step. What does not
 * fit at the moment of a push is the business of score.ts.
 */
export class Law {
  readonly start: number;
  readonly end: number;
  /** Turns per millisecond, before and after the ramp. */
  readonly before: number;
  readonly after: number;
  /** Turns per millisecond, per millisecond. */
  readonly slope: number;
  readonly #shift: number;
  readonly #turnsAtStart: number;
  readonly #turnsAtEnd: number;

  /** `turnsPerUnit`: turns per unit of the line's rate (a third where three beats make a turn). `shift`: in turns. */
  constructor(line: Line, turnsPerUnit: number, shift: number) {
    const scale = turnsPerUnit / 60_000;
    this.start = line.start;
    this.end = line.end;
    this.before = line.from * scale;
    this.after = line.to * scale;
    this.#shift = shift;
    const moves = line.end > line.start;
    this.slope = moves ? (this.after - this.before) / (line.end - line.start) : 0;
    this.#turnsAtEnd = moves ? this.#steady(line.end) : 0;
    this.#turnsAtStart = moves ? this.#turnsAtEnd - ((this.before + this.after) / 2) * (line.end - line.start) : 0;
  }

  /** Nothing ever turns: a rate of 0. */
  get still(): boolean {
    return this.before <= 0 && this.after <= 0;
  }

  turnsAt(time: number): number {
    if (time >= this.end) return this.#steady(time);
    if (time <= this.start) return this.#turnsAtStart + this.before * (time - this.start);
    const left = this.end - time;
    return this.#turnsAtEnd - (this.after - (this.slope * left) / 2) * left;
  }

  /** When turn `n` comes; infinite when it never does. */
  timeOf(n: number): number {
    if (this.end === Number.NEGATIVE_INFINITY || n >= this.#turnsAtEnd) {
      if (this.after <= 0) return Number.POSITIVE_INFINITY;
      return ERA + (n - this.#shift) / this.after;
    }
    if (n < this.#turnsAtStart) {
      if (this.before <= 0) return Number.NEGATIVE_INFINITY;
      return this.start - (this.#turnsAtStart - n) / this.before;
    }
    // slope/2 left^2 - after left + missing = 0, in the form that does not cancel when the slope is small.
    const missing = this.#turnsAtEnd - n;
    const root = Math.sqrt(Math.max(0, this.after * this.after - 2 * this.slope * missing));
    return this.end - (2 * missing) / (this.after + root);
  }

  /** Turns per millisecond. */
  rateAt(time: number): number {
    if (time >= this.end) return this.after;
    if (time <= this.start) return this.before;
    return this.after - this.slope * (this.end - time);
  }

  #steady(time: number): number {
    return this.after > 0 ? (time - ERA) * this.after + this.#shift : 0;
  }
}
