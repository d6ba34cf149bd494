import { describe, expect, it } from "vitest";
import { fold } from "../../src/patient/fold";
import { valueAt } from "../../src/patient/ramps";
import { meanPressure, SIGN_NAMES, SIGNS } from "../../src/patient/signs";
import type { LastValues, Signs } from "../../src/wire/types";

const start = Object.fromEntries(SIGN_NAMES.map((name) => [name, SIGNS[name].start])) as Signs;
const last: LastValues = { ...start, rhythm: "sinus", flags: { haemorrhage: true }, ramps: {}, nibp: null };
const NOW = Date.parse("2026-11-21T09:30:00.123Z");

describe("a push", () => {
  it("changes what it names and nothing else", () => {
    expect(fold(last, { vitals: { heart_rate: 120 } }, NOW)).toEqual({ ...last, heart_rate: 120 });
    expect(fold(last, { rhythm: "svt" }, NOW)).toEqual({ ...last, rhythm: "svt" });
    expect(fold(last, {}, NOW)).toEqual(last);
  });

  it("leaves what it was folded from alone", () => {
    const before = structuredClone(last);
    fold(last, { vitals: { spo2: 80 }, flags: { haemorrhage: null, cpr: true }, ramp_seconds: 5 }, NOW);
    expect(last).toEqual(before);
  });

  it("sets flags, and takes away those that are null", () => {
    expect(fold(last, { flags: { cpr: true, note: "left" } }, NOW).flags).toEqual({ haemorrhage: true, cpr: true, note: "left" });
    expect(fold(last, { flags: { haemorrhage: null } }, NOW).flags).toEqual({});
    expect(fold(last, { flags: { haemorrhage: false } }, NOW).flags).toEqual({ haemorrhage: false });
  });

  it("starts a ramp where the sign is now", () => {
    const rising = fold(last, { vitals: { heart_rate: 135 }, ramp_seconds: 60 }, NOW);
    expect(rising.heart_rate).toBe(135);
    expect(rising.ramps).toEqual({ heart_rate: { from: 75, started_at: "2026-11-21T09:30:00.123Z", seconds: 60 } });
    const turned = fold(rising, { vitals: { heart_rate: 60 }, ramp_seconds: 10 }, NOW + 30_000);
    expect(turned.ramps.heart_rate?.from).toBe(105);
    expect(valueAt(turned, "heart_rate", NOW + 30_000)).toBe(105);
    expect(valueAt(turned, "heart_rate", NOW + 40_000)).toBe(60);
  });

  it("keeps the ramps of signs that it does not name while they run, and drops them when they have ended", () => {
    const rising = fold(last, { vitals: { heart_rate: 135 }, ramp_seconds: 60 }, NOW);
    expect(fold(rising, { vitals: { spo2: 90 } }, NOW + 59_999).ramps).toEqual(rising.ramps);
    expect(fold(rising, { vitals: { spo2: 90 } }, NOW + 60_000).ramps).toEqual({});
  });

  it("without a time ends the ramp of a sign at once", () => {
    const rising = fold(last, { vitals: { heart_rate: 135 }, ramp_seconds: 60 }, NOW);
    const set = fold(rising, { vitals: { heart_rate: 80 } }, NOW + 1_000);
    expect(set.ramps).toEqual({});
    expect(valueAt(set, "heart_rate", NOW + 1_000)).toBe(80);
  });

  it("to where the sign already is needs no ramp", () => {
    expect(fold(last, { vitals: { heart_rate: 75 }, ramp_seconds: 60 }, NOW).ramps).toEqual({});
  });
});

it("the mean pressure is a third of the way up", () => {
  expect(meanPressure({ systolic: 120, diastolic: 80 })).toBe(93);
  expect(meanPressure({ systolic: 0, diastolic: 0 })).toBe(0);
});
