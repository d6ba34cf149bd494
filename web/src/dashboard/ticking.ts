import { signal, type ReadonlySignal } from "@preact/signals";

/**
 * The time as a signal, told `every` so many milliseconds while somebody reads it.
 * Leaves compute their text from it, so that only a text that changed touches the page.
 */
export function ticking(now: () => number, every: number): ReadonlySignal<number> {
  let timer: ReturnType<typeof setInterval> | undefined;
  const time = signal(now(), {
    watched() {
      time.value = now();
      timer = setInterval(() => {
        time.value = now();
      }, every);
    },
    unwatched() {
      clearInterval(timer);
    },
  });
  return time;
}
