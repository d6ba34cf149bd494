/** Web Locks as far as leaders need them: one exclusive lock, a queue, `signal` and `steal`. */
export class FakeLocks {
  #holder: { release: (error?: Error) => void } | null = null;
  #queue: (() => void)[] = [];

  readonly request = (
    _name: string,
    options: LockOptions,
    callback: (lock: Lock | null) => unknown,
  ): Promise<unknown> =>
    new Promise((resolve, reject) => {
      let isWaiting = true;
      const grant = () => {
        isWaiting = false;
        const mine = {
          release: (error?: Error) => {
            if (this.#holder === mine) this.#holder = null;
            if (error !== undefined) reject(error);
            else resolve(undefined);
            if (this.#holder === null) this.#queue.shift()?.();
          },
        };
        this.#holder = mine;
        Promise.resolve(callback(null)).then(
          () => this.#holder === mine && mine.release(),
          (error: Error) => mine.release(error),
        );
      };
      options.signal?.addEventListener("abort", () => {
        this.#queue = this.#queue.filter((one) => one !== grant);
        if (isWaiting) reject(new DOMException("aborted", "AbortError"));
      });
      if (options.steal === true) {
        const robbed = this.#holder;
        this.#holder = { release: () => {} };
        robbed?.release(new DOMException("stolen", "AbortError"));
        queueMicrotask(grant);
      } else if (this.#holder === null) queueMicrotask(grant);
      else this.#queue.push(grant);
      if (this.#holder === null) this.#holder = { release: () => {} };
    });

  asLockManager(): LockManager {
    return this as unknown as LockManager;
  }
}
