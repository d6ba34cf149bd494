import { describe, expect, it } from "vitest";
import { timeRows } from "../../../src/dashboard/debrief/figures/timeRows";
import { rangesOf, stagger } from "../../../src/dashboard/debrief/paper/sheetData";
import { takeaways } from "../../../src/dashboard/debrief/annotations/takeaways";
import { sheetOfShare } from "../../../src/dashboard/debrief/shared/sheetOfShare";
import { ADULT_LIMITS } from "../../../src/patient/signs";
import type { SharedDebrief } from "../../../src/wire/beside";
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
      { marker: "defibrillation", start: 411, arrest: 101, other: null, targets: [{ seconds: 120, from: "arrest", is_met: true }] },
      { marker: "adrenaline", start: 444, arrest: 132, other: null, targets: [] },
    ]);
  });

  it("leave the ticks of the checklist to the checklist, and say what never came", () => {
    expect(timeRows([time("done_pads", "start", 100), time("antibiotic", "start", null, 3600)], isMarkerOfItem)).toEqual([
      { marker: "antibiotic", start: null, arrest: null, other: null, targets: [{ seconds: 3600, from: "start", is_met: false }] },
    ]);
  });
});

describe("targets", () => {
  it("of a marker from both zeros are both there", () => {
    expect(timeRows([time("adrenaline", "start", 444, 600), time("adrenaline", "arrest", 132, 120)], isMarkerOfItem)[0]?.targets).toEqual([
      { seconds: 600, from: "start", is_met: true },
      { seconds: 120, from: "arrest", is_met: false },
    ]);
  });

  it("counted from an arrest that never came are neither met nor missed", () => {
    const told = { ...time("adrenaline", "arrest", null, 300), is_met: null };
    expect(timeRows([told], isMarkerOfItem)[0]?.targets).toEqual([{ seconds: 300, from: "arrest", is_met: null }]);
  });
});

describe("a time from another marker", () => {
  it("stands beside the target that asks for it", () => {
    expect(timeRows([time("antibiotic", "start", 900), time("antibiotic", "blood_cultures", 240, 300)], isMarkerOfItem)).toEqual([
      { marker: "antibiotic", start: 900, arrest: null, other: 240, targets: [{ seconds: 300, from: "blood_cultures", is_met: true }] },
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

describe("the sheet of a link", () => {
  const iso = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
  const share = {
    title: "Sepsis", trainee_name: null, created_at: iso(0), closed_at: iso(900), expires_at: iso(9000), limits: ADULT_LIMITS, case: null,
    annotations: [], events: [], duration_seconds: 900, moments: [], times: [], resuscitation: [], news2: [],
    scores: { sheets: [], differences: [] }, attendance: [], limits_since: [], reflections: [],
  } satisfies SharedDebrief; // prettier-ignore
  const bands = (given: SharedDebrief) => {
    const lane = sheetOfShare(given).course?.chart.lanes.find(({ name }) => name === "spo2");
    return lane?.limits.map(({ low, from, until }) => [low, (from - NOON) / 1000, (until - NOON) / 1000]);
  };

  it("has the limits of each second; of a server that does not tell them, the last ones", () => {
    const strict = { ...ADULT_LIMITS, spo2: { low: 94, high: null } };
    const limits_since = [{ at: iso(0), limits: strict }, { at: iso(300), limits: ADULT_LIMITS }];
    expect(bands({ ...share, limits_since })).toEqual([[94, 0, 300], [90, 300, 900]]);
    const { limits_since: _, ...earlier } = share;
    expect(bands(earlier as unknown as SharedDebrief)).toEqual([[90, 0, 900]]);
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
