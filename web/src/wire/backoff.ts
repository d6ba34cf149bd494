/** The n-th pause (n from 1): doubling from `first` to `longest`, of which a random half is taken off. */
export function pauseOf(n: number, first: number, longest: number, random: () => number): number {
  const whole = Math.min(longest, first * 2 ** Math.min(n - 1, 30));
  return whole * (1 - random() / 2);
}

export interface Pauses {
  first: number;
  longest: number;
  random: () => number;
}

/** How long to leave something in peace that fails again and again. It knows no timer: its caller waits. */
export class Backoff {
  readonly #pauses: Pauses;
  #failures = 0;

  constructor(pauses: Pauses) {
    this.#pauses = pauses;
  }

  /** It failed once more. Milliseconds until the next try, `atLeast` as many as were asked for. */
  next(atLeast = 0): number {
    const { first, longest, random } = this.#pauses;
    this.#failures += 1;
    return Math.max(atLeast, pauseOf(this.#failures, first, longest, random));
  }

  /** It went well. */
  reset(): void {
    this.#failures = 0;
  }
}
