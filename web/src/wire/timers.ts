/** Time for whatever waits: an argument, so that tests own it. */
export interface Timers {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Runs once; the answer calls it off. */
  after(ms: number, run: () => void): () => void;
}

export const realTimers: Timers = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The n-th pause (n from 1): doubling from `first` to `longest`, of which a random half is taken off. */
export function pauseOf(n: number, first: number, longest: number, random: () => number): number {
  const whole = Math.min(longest, first * 2 ** Math.min(n - 1, 30));
  return whole * (1 - random() / 2);
}
