/** One loop for all lanes: they move together, and a page has one of these. */
export interface DrawLoop {
  /** `draw` is called every frame with the server's time in ms; gives the function that takes it out again. */
  add(draw: (now: number) => void): () => void;
  start(): void;
  stop(): void;
}

export interface Frames {
  request(callback: () => void): number;
  cancel(handle: number): void;
}

const BROWSER: Frames = {
  request: (callback) => requestAnimationFrame(callback),
  cancel: (handle) => cancelAnimationFrame(handle),
};

/**
 * `now` reads the server's clock, once a frame, so that all lanes show one moment. A hidden tab gets no
 * frames; the first one after it draws what is due, because lanes go by the time and count nothing.
 */
export function createLoop(
  now: () => number,
  frames: Frames = BROWSER,
  failed: (error: unknown) => void = (error) => reportError(error),
): DrawLoop {
  let lanes: readonly ((now: number) => void)[] = [];
  let handle: number | null = null;

  function frame(): void {
    handle = frames.request(frame);
    const time = now();
    for (const draw of lanes) {
      // A lane that fails must neither stop the others nor fail sixty times a second, nor be silent.
      try {
        draw(time);
      } catch (error) {
        remove(draw);
        failed(error);
      }
    }
  }

  function remove(draw: (now: number) => void): void {
    lanes = lanes.filter((lane) => lane !== draw);
  }

  return {
    add(draw) {
      lanes = [...lanes, draw];
      return () => remove(draw);
    },
    start() {
      handle ??= frames.request(frame);
    },
    stop() {
      if (handle !== null) frames.cancel(handle);
      handle = null;
    },
  };
}
