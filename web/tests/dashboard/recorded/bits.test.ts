import { afterEach, expect, it, vi } from "vitest";
import { readCourse } from "../../../src/dashboard/recorded/course/series";
import type { Recording } from "../../../src/dashboard/recorded/file/recording";
import type { Mapping } from "../../../src/dashboard/recorded/mapping/mapping";
import { SIGN_NAMES } from "../../../src/patient/signs";

afterEach(() => vi.unstubAllGlobals());

const ROWS = 70_000;
const COLUMNS = SIGN_NAMES.length;

it("of a large file does little in one bit: what it has room made for, and what it puts in order behind the last row", () => {
  let [made, most, behind, isRead] = [0, 0, 0, false];
  const Real = Float64Array;
  class Counted extends Real {
    constructor(...given: unknown[]) {
      super(...(given as [number]));
      if (typeof given[0] === "number") made += given[0];
    }
  }
  vi.stubGlobal("Float64Array", Counted);
  const recording: Recording = {
    columns: SIGN_NAMES.map((name) => ({ name, unit: "" })),
    interval: 1,
    *rows() {
      for (let row = 0; row < ROWS; row += 1) yield SIGN_NAMES.map((_, column) => 60 + ((row + column) % 20));
      isRead = true;
      return null;
    },
  };
  const signs = Object.fromEntries(SIGN_NAMES.map((name, column) => [name, { column, unit: "own" }]));
  const work = readCourse(recording, { time: { column: null, kind: "rows", interval: 1 }, signs, isCuff: false } as Mapping);
  for (;;) {
    made = 0;
    const bit = work.next();
    most = Math.max(most, made);
    if (bit.done === true) break;
    if (isRead) behind += 1;
  }
  // No more at once than one list of one sign; the lists of all of them at one row were ten times as much.
  expect(most).toBeLessThan(3 * ROWS);
  expect(behind).toBeGreaterThan((COLUMNS * ROWS) / 20_000);
});
