// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useWakeLock } from "../../src/monitor/wakeLock";

function Screen() {
  useWakeLock();
  return null;
}

/** As a browser gives them: later, and not where the page is hidden by then. */
class Locks {
  readonly given: { released: boolean; release(): Promise<void> }[] = [];
  readonly asked: (() => void)[] = [];

  readonly request = () =>
    new Promise((resolve, reject) => {
      this.asked.push(() => {
        if (document.visibilityState === "hidden") return reject(new Error("NotAllowedError"));
        const lock = { released: false, release: () => Promise.resolve(void (lock.released = true)) };
        this.given.push(lock);
        resolve(lock);
      });
    });

  get held(): number {
    return this.given.filter(({ released }) => !released).length;
  }

  async answer(): Promise<void> {
    await act(async () => {
      for (const give of this.asked.splice(0)) give();
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    });
  }
}

let locks: Locks;

function see(state: DocumentVisibilityState): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(async () => {
  locks = new Locks();
  Object.defineProperty(navigator, "wakeLock", { value: locks, configurable: true });
  see("visible");
  await act(() => render(<Screen />, document.body));
});

afterEach(() => {
  render(null, document.body);
  vi.restoreAllMocks();
});

it("keeps one lock, however often the page is seen, and none once it is left", async () => {
  see("hidden");
  see("visible");
  await locks.answer();
  see("visible");
  await locks.answer();
  await locks.answer();
  expect(locks.held).toBe(1);
  await act(() => render(null, document.body));
  await locks.answer();
  expect(locks.held).toBe(0);
});

it("asks again where the page was hidden while it asked", async () => {
  see("hidden");
  const [refuse] = locks.asked.splice(0);
  refuse!();
  see("visible");
  await locks.answer();
  await locks.answer();
  expect(locks.held).toBe(1);
});
