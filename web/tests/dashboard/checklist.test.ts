import { describe, expect, it } from "vitest";
import { doneAt } from "../../src/dashboard/room/case/checklist";
import { isMarkerOfItem, markerOfItem, type ChecklistItem } from "../../src/dashboard/room/case/itemMarkers";
import type { RecordLine } from "../../src/dashboard/room/record/record";

const item = (part: Partial<ChecklistItem>): ChecklistItem => ({
  key: "pads",
  text: "Attaches the pads",
  critical: false,
  marker: null,
  target_seconds: null,
  from: null,
  ...part,
});
const marked = (marker: string | null, at: number) => ({ marker, at }) as RecordLine;

describe("an item of the checklist", () => {
  it("is done by its marker, or by one of its own that no other item has", () => {
    expect(markerOfItem(item({ marker: "adrenaline" }), 0)).toBe("adrenaline");
    expect(markerOfItem(item({ key: "adrenaline" }), 0)).toBe("done_adrenaline");
    expect(isMarkerOfItem("done_adrenaline")).toBe(true);
    expect(isMarkerOfItem("adrenaline")).toBe(false);
  });

  it("goes by its place where its key leaves no room, and stays a key that the server takes", () => {
    const long = "a".repeat(28);
    expect(markerOfItem(item({ key: "a".repeat(27) }), 4)).toBe(`done_${"a".repeat(27)}`);
    expect(markerOfItem(item({ key: long }), 4)).toBe("done_5");
    for (const key of ["pads", long, "a".repeat(32)]) expect(markerOfItem(item({ key }), 99)).toMatch(/^[a-z][a-z0-9_]{0,31}$/);
  });

  it("was done when it was first recorded, by whomever", () => {
    const items = [item({}), item({ key: "shock", marker: "defibrillation" }), item({ key: "late" })];
    const lines = [marked("defibrillation", 50), marked("done_pads", 40), marked("defibrillation", 20), marked(null, 1)];
    expect(doneAt(items, lines)).toEqual([40, 20, null]);
  });
});
