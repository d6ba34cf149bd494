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
