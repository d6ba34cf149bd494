import { describe, expect, it } from "vitest";
import { comparedRows, inOrder, percentScored, scoredCount, scoreOfKey, withComment, withScore } from "../../../src/dashboard/debrief/scores/rules";
import type { OwnSheet, ScoreSheet } from "../../../src/wire/beside";

const item = (key: string) => ({ key, text: key, critical: false, marker: null, target_seconds: null, from: null });
const ITEMS = ["a", "b", "c", "d"].map(item);
const EMPTY: OwnSheet = { items: {}, comment: "" };

function sheetOf(scores: Record<string, 0 | 1 | 2 | "na">): OwnSheet {
  return { items: Object.fromEntries(Object.entries(scores).map(([key, score]) => [key, { score, at: null, comment: "" }])), comment: "" };
}

function by(id: string, sheet: OwnSheet): ScoreSheet {
  return { ...sheet, by: { role: "trainer", id, name: id }, percent: null, is_passed: null };
}

describe("the percentage of a sheet", () => {
  it("counts what is not scored as 0, and what is not applicable not at all", () => {
    expect(percentScored(ITEMS, EMPTY)).toBe(0);
    expect(percentScored(ITEMS, sheetOf({ a: 2, b: 1 }))).toBe(37.5);
    expect(percentScored(ITEMS, sheetOf({ a: 2, b: "na", c: "na", d: 2 }))).toBe(100);
    expect(percentScored(ITEMS.slice(0, 3), sheetOf({ a: 2, b: 2 }))).toBe(66.7);
  });

  it("is none where nothing is to be scored", () => {
    expect(percentScored([], EMPTY)).toBeNull();
    expect(percentScored(ITEMS, sheetOf({ a: "na", b: "na", c: "na", d: "na" }))).toBeNull();
  });
});

describe("a score", () => {
  it("keeps its moment and its comment when it changes, and takes both along when it goes", () => {
    const first = withComment(withScore(EMPTY, "a", 1, "2026-11-21T12:00:00.000Z"), "a", "Late");
    const second = withScore(first, "a", 2, "2026-11-21T12:05:00.000Z");
    expect(second.items["a"]).toEqual({ score: 2, at: "2026-11-21T12:00:00.000Z", comment: "Late" });
    expect(withScore(second, "a", null, null)).toEqual(EMPTY);
  });

  it("comes before a comment on it", () => {
    expect(withComment(EMPTY, "a", "Late")).toEqual(EMPTY);
    expect(scoredCount(ITEMS, sheetOf({ a: 0, b: "na" }))).toBe(2);
  });

  it("is typed by its own key", () => {
    expect(["0", "1", "2", "n", "N", "3", "a"].map(scoreOfKey)).toEqual([0, 1, 2, "na", "na", null, null]);
  });
});

describe("sheets side by side", () => {
  const sheets = [by("olga", sheetOf({ a: 2, b: 0 })), by("me", sheetOf({ a: 1 }))];

  it("have one's own first", () => {
    expect(inOrder(sheets, "me").map((sheet) => sheet.by.id)).toEqual(["me", "olga"]);
    expect(inOrder(sheets, null).map((sheet) => sheet.by.id)).toEqual(["olga", "me"]);
  });

  it("tell where they differ as the server says, and never of one alone", () => {
    const rows = comparedRows(ITEMS, sheets, [{ key: "a" }]);
    expect(rows.map(({ differs }) => differs)).toEqual([true, false, false, false]);
    expect(rows[1]?.cells.map((cell) => cell?.score ?? null)).toEqual([0, null]);
    expect(comparedRows(ITEMS, sheets.slice(0, 1), [{ key: "a" }])[0]?.differs).toBe(false);
  });
});
