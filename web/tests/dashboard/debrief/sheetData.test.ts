import { describe, expect, it } from "vitest";
import { rangesOf, stagger, timeRows } from "../../../src/dashboard/debrief/paper/sheetData";
import { takeaways } from "../../../src/dashboard/debrief/annotations/takeaways";
import { annotationLines } from "../../../src/dashboard/room/beside/annotationLines";
import { isMarkerOfItem } from "../../../src/dashboard/room/case/itemMarkers";
import type { Annotation } from "../../../src/wire/types";
import { anEntry, NOON, TRAINER } from "../fakeDevice";

const time = (marker: string, from: string, seconds: number | null, target_seconds: number | null = null) => ({
  marker, from, seconds, target_seconds, is_met: target_seconds === null ? null : seconds !== null && seconds <= target_seconds,
}); // prettier-ignore

describe("the key times of a sheet", () => {
  it("stand on one row for each marker, what has a target first", () => {
    const rows = timeRows(
      [time("adrenaline", "start", 444), time("adrenaline", "arrest", 132), time("defibrillation", "arrest", 101, 120), time("defibrillation", "start", 411)],
      isMarkerOfItem,
    );
    expect(rows).toEqual([
      { marker: "defibrillation", start: 411, arrest: 101, other: null, target: { seconds: 120, from: "arrest", is_met: true } },
      { marker: "adrenaline", start: 444, arrest: 132, other: null, target: null },
    ]);
  });

  it("leave the ticks of the checklist to the checklist, and say what never came", () => {
    expect(timeRows([time("done_pads", "start", 100), time("antibiotic", "start", null, 3600)], isMarkerOfItem)).toEqual([
      { marker: "antibiotic", start: null, arrest: null, other: null, target: { seconds: 3600, from: "start", is_met: false } },
    ]);
  });
});

describe("a time from another marker", () => {
  it("stands beside the target that asks for it", () => {
    expect(timeRows([time("antibiotic", "start", 900), time("antibiotic", "blood_cultures", 240, 300)], isMarkerOfItem)).toEqual([
      { marker: "antibiotic", start: 900, arrest: null, other: 240, target: { seconds: 300, from: "blood_cultures", is_met: true } },
    ]);
  });
});

describe("the numbers above the chart", () => {
  it("step up where they would cover each other, and go where there is no room", () => {
    expect(stagger([0, 10, 20, 25, 30], 24, 3)).toEqual([0, 1, 2, 0, null]);
    expect(stagger([0, 100, 200], 24, 1)).toEqual([0, 0, 0]);
  });
});

describe("the sentence about the chart", () => {
  it("says between what a sign was shown, and nothing of what never was", () => {
    const none = { systolic: [], diastolic: [], spo2: [], respiratory_rate: [], etco2: [], temperature: [] };
    expect(rangesOf({ xs: [0, 1, 2], values: { ...none, heart_rate: [75, null, 40] } })).toEqual([{ name: "heart_rate", low: 40, high: 75 }]);
  });
});

describe("what is written beside the record", () => {
  const at = new Date(NOON).toISOString();
  const made = (id: string, kind: Annotation["kind"], text: string, minutes = 0): Annotation => ({
    id, session_id: "session-1", at, kind, text, marker: null, by: { role: "trainer", id: TRAINER.id, name: TRAINER.name },
    created_at: new Date(NOON + minutes * 60_000).toISOString(), updated_at: at, deleted_at: null, version: 1,
  }); // prettier-ignore

  it("is shown as it will be once what waits here has arrived", () => {
    const entries = [
      anEntry({ id: "new", kind: "annotation:add", body: { at, kind: "plus", text: "Calm" } }),
      anEntry({ id: "c", kind: "annotation:change", body: { annotation_id: "a", at, kind: "delta", text: "Say who leads" } }),
      anEntry({ id: "d", kind: "annotation:change", body: { annotation_id: "new", at, kind: "plus", text: "Calm voices" } }),
      anEntry({ id: "r", kind: "annotation:remove", body: { annotation_id: "b" } }),
      anEntry({ id: "x", kind: "annotation:remove", body: { annotation_id: "a" }, state: "rejected" }),
    ];
    const lines = annotationLines([made("a", "note", "Nobody leads"), made("b", "note", "Gone")], entries, TRAINER);
    expect(lines.map(({ id, kind, said, isWaiting }) => ({ id, kind, said, isWaiting }))).toEqual([
      { id: "new", kind: "plus", said: "Calm voices", isWaiting: true },
      { id: "a", kind: "delta", said: "Say who leads", isWaiting: true },
    ]);
  });

  it("has three lines to take home, in the order in which they were begun", () => {
    const written = annotationLines([made("c", "takeaway", "third", 3), made("a", "takeaway", "first", 1), made("d", "takeaway", "fourth", 4), made("b", "takeaway", "second", 2), made("n", "note", "none")], [], TRAINER);
    expect(takeaways(written).map(({ text }) => text)).toEqual(["first", "second", "third"]);
  });
});
