// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { whenShareEnds } from "../../../src/dashboard/debrief/shared/lookAtShare";

const DAY = 86_400_000;
let status = 200;
const asked = vi.fn();
let stop: () => void = () => {};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  asked.mockClear();
  vi.stubGlobal("fetch", async (path: string) => {
    asked(path);
    if (status === 0) throw new TypeError("no network");
    return new Response(JSON.stringify({}), { status });
  });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function watch(days: number) {
  const over = vi.fn();
  stop = whenShareEnds("token", Date.now() + days * DAY, over);
  return over;
}

it.each([[404], [0]])("a link that is open when its time is over has ended, a year from now as well (%i)", async (answer) => {
  status = answer;
  const over = watch(366);
  await vi.advanceTimersByTimeAsync(366 * DAY - 1);
  expect([over.mock.calls.length, asked.mock.calls.length]).toEqual([0, 0]);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toHaveBeenCalledWith("/api/v1/shares/token");
  expect(over).toHaveBeenCalledTimes(1);
});

it("the server says whether it is over, not a clock that is ahead", async () => {
  status = 200;
  const over = watch(1);
  await vi.advanceTimersByTimeAsync(DAY);
  expect([over.mock.calls.length, asked.mock.calls.length]).toEqual([0, 1]);
  status = 404;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(over).toHaveBeenCalledTimes(1);
});

it("a device that slept looks when it wakes, and nobody looks behind a page that is gone", async () => {
  status = 404;
  const over = watch(1);
  vi.setSystemTime(Date.now() + 2 * DAY);
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(0);
  expect(over).toHaveBeenCalledTimes(1);
  const gone = watch(1);
  stop();
  await vi.advanceTimersByTimeAsync(2 * DAY);
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(0);
  expect(gone).not.toHaveBeenCalled();
});
