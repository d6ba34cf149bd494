import { describe, expect, it } from "vitest";
import { allowed, countStaged, NOTHING, patchOf, pressureTrouble, restage, stage, type Staging } from "../../src/dashboard/room/sending/staging";
import { undoOf } from "../../src/dashboard/room/sending/undo";
import { isEmptyPatch } from "../../src/patient/patches";
import { START_VALUES } from "../../src/patient/signs";
import type { LastValues } from "../../src/wire/types";
import { NOON } from "./fakeDevice";

function staged(shown: LastValues, ...changes: Staging[]) {
  return changes.reduce((all, change) => stage(all, change, shown), NOTHING);
}

describe("staging", () => {
  it("collects several changes and sends them as one push", () => {
    const all = staged(
      START_VALUES,
      { type: "sign", name: "heart_rate", value: 140 },
      { type: "sign", name: "systolic", value: 85 },
      { type: "rhythm", rhythm: "svt" },
      { type: "flag", key: "haemorrhage", value: true },
    );
    expect(countStaged(all)).toBe(4);
    expect(patchOf(all, 60)).toEqual({
      vitals: { heart_rate: 140, systolic: 85 },
      rhythm: "svt",
      flags: { haemorrhage: true },
      ramp_seconds: 60,
    });
  });

  it("says nothing of a ramp where no number moves, or where it is none", () => {
    expect(patchOf(staged(START_VALUES, { type: "rhythm", rhythm: "asystole" }), 60)).toEqual({ rhythm: "asystole" });
    expect(patchOf(staged(START_VALUES, { type: "sign", name: "spo2", value: 90 }), 0)).toEqual({ vitals: { spo2: 90 } });
  });

  it("takes a change out again when it leads back to what is shown", () => {
    const there = staged(
      START_VALUES,
      { type: "sign", name: "heart_rate", value: 76 },
      { type: "rhythm", rhythm: "svt" },
      { type: "flag", key: "cpr", value: true },
    );
    const back = ([
      { type: "sign", name: "heart_rate", value: 75 },
      { type: "rhythm", rhythm: "sinus" },
      { type: "flag", key: "cpr", value: null },
    ] as const).reduce((all, change) => stage(all, change, START_VALUES), there);
    expect(countStaged(back)).toBe(0);
    expect(isEmptyPatch(patchOf(back, 30))).toBe(true);
  });

  it("takes a flag away with null, and counts a false one as none", () => {
    const shown = { ...START_VALUES, flags: { cpr: true, pulseless: false } };
    expect(patchOf(staged(shown, { type: "flag", key: "cpr", value: null }), 0)).toEqual({ flags: { cpr: null } });
    expect(countStaged(staged(shown, { type: "flag", key: "pulseless", value: null }))).toBe(0);
  });

  it("keeps every value in its range and with its decimals", () => {
    expect(allowed("heart_rate", 412)).toBe(300);
    expect(allowed("spo2", 103)).toBe(100);
    expect(allowed("temperature", 24)).toBe(25);
    expect(allowed("temperature", 36.1 + 0.1 + 0.1)).toBe(36.3);
    expect(allowed("etco2", 38.4)).toBe(38);
  });

  it("forgets one, and discards all", () => {
    const two = staged(
      START_VALUES,
      { type: "sign", name: "heart_rate", value: 140 },
      { type: "flag", key: "cpr", value: true },
    );
    expect(countStaged(stage(two, { type: "forget_sign", name: "heart_rate" }, START_VALUES))).toBe(1);
    expect(countStaged(stage(two, { type: "forget_flag", key: "cpr" }, START_VALUES))).toBe(1);
    expect(stage(two, { type: "discard" }, START_VALUES)).toEqual(NOTHING);
  });

  it("leaves what it was given as it was", () => {
    const before = staged(START_VALUES, { type: "sign", name: "heart_rate", value: 140 });
    const copy = structuredClone(before);
    stage(before, { type: "sign", name: "spo2", value: 80 }, START_VALUES);
    stage(before, { type: "forget_sign", name: "heart_rate" }, START_VALUES);
    expect(before).toEqual(copy);
  });

  it("brings a push back that came to nothing, below what was staged since", () => {
    const since = staged(START_VALUES, { type: "sign", name: "heart_rate", value: 60 });
    expect(restage(since, { vitals: { heart_rate: 140, spo2: 88 }, rhythm: "svt" })).toEqual({
      signs: { heart_rate: 60, spo2: 88 },
      rhythm: "svt",
      flags: {},
    });
  });
});

describe("the pressures", () => {
  it("are judged after the merge with what is shown", () => {
    expect(pressureTrouble(START_VALUES, { diastolic: 125 })).toEqual({ systolic: 120, diastolic: 125 });
    expect(pressureTrouble(START_VALUES, { systolic: 70 })).toEqual({ systolic: 70, diastolic: 80 });
    expect(pressureTrouble(START_VALUES, { systolic: 130, diastolic: 125 })).toBeNull();
    expect(pressureTrouble(START_VALUES, { diastolic: 120 })).toBeNull();
  });

  it("trouble nobody who does not touch them", () => {
    const odd = { ...START_VALUES, systolic: 60 };
    expect(pressureTrouble(odd, { heart_rate: 100 })).toBeNull();
  });
});

describe("undo", () => {
  it("names what the push named, as it was", () => {
    const shown = { ...START_VALUES, flags: { cpr: true } };
    const patch = { vitals: { heart_rate: 140, spo2: 80 }, rhythm: "svt", flags: { cpr: null, pulseless: true } } as const;
    expect(undoOf(shown, patch, NOON)).toEqual({
      vitals: { heart_rate: 75, spo2: 98 },
      rhythm: "sinus",
      flags: { cpr: true, pulseless: null },
    });
  });

  it("brings a sign in the middle of a ramp back to where it was", () => {
    const ramps = { heart_rate: { from: 75, started_at: new Date(NOON - 30_000).toISOString(), seconds: 60 } };
    const shown = { ...START_VALUES, heart_rate: 135, ramps };
    expect(undoOf(shown, { vitals: { heart_rate: 60 } }, NOON)).toEqual({ vitals: { heart_rate: 105 } });
  });
});
