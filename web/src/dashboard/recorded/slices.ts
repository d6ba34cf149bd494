/** Work that is done bit by bit: it yields after each, and returns what came of all. */
export type Work<T> = Generator<void, T>;

/** A frame is 16 ms, and the work of one bit is not cut any shorter: far from the 50 ms at which a page feels stuck. */
const SLICE_MS = 10;

/** Between two slices the page answers to its reader. Null if nobody waits for it any more. */
export async function inSlices<T>(work: Work<T>, wanted: AbortSignal): Promise<T | null> {
  for (;;) {
    if (wanted.aborted) return null;
    const until = performance.now() + SLICE_MS;
    do {
      const bit = work.next();
      if (bit.done === true) return bit.value;
    } while (performance.now() < until);
    await new Promise((done) => setTimeout(done, 0));
  }
}

/** All at once: for tests, and for what is known to be little. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const bit = work.next();
    if (bit.done === true) return bit.value;
  }
}
