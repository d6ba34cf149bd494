import { describe, expect, it } from "vitest";
import { allowed, countStaged, NOTHING, patchOf, pressureTrouble, restage, stage, type Staging } from "../../src/dashboard/room/sending/staging";
import { undoOf } from "../../src/dashboard/room/sending/undo";
import { isEmptyPatch } from "../../src/patient/patches";
import { RHYTHM_FACTS } from "../../src/patient/rhythms";
import { RHYTHMS, START_VALUES } from "../../src/patient/signs";
import type { LastValues, Rhythm } from "../../src/wire/types";
import { NOON } from "./fakeDevice";

function staged(shown: LastValues, ...changes: Staging[]) {
  return changes.reduce((all, change) => stage(all, change, shown), NOTHING);
}

describe("a rhythm", () => {
  const of = (rhythm: Rhythm, shown: LastValues = START_VALUES) => patchOf(staged(shown, { type: "rhythm", rhythm }), 0);

  it("comes with its rate and what it does to the patient, to be seen before it is sent", () => {
    expect(of("ventricular_tachycardia")).toEqual({
      rhythm: "ventricular_tachycardia",
      vitals: { heart_rate: 170, systolic: 90, diastolic: 60, spo2: 92, etco2: 30 },
    });
    expect(of("svt")).toEqual({ rhythm: "svt", vitals: { heart_rate: 180, systolic: 95, diastolic: 60 } });
    const arrest = { vitals: { respiratory_rate: 0, etco2: 0 }, flags: { pulseless: true } };
    expect(of("ventricular_fibrillation")).toEqual({ rhythm: "ventricular_fibrillation", ...arrest });
    expect(of("torsades")).toEqual({
      rhythm: "torsades",
      vitals: { heart_rate: 220, respiratory_rate: 0, etco2: 0 },
      flags: { pulseless: true },
    });
    expect(of("atrial_fibrillation")).toEqual({ rhythm: "atrial_fibrillation" });
  });

  it("leaves a rate that it can have, and a patient who is as ill already", () => {
    const ill = { ...START_VALUES, heart_rate: 180, systolic: 70, diastolic: 40, spo2: 80, etco2: 25 };
    expect(of("ventricular_tachycardia", ill)).toEqual({ rhythm: "ventricular_tachycardia" });
    expect(of("sinus", { ...ill, rhythm: "svt", heart_rate: 220 })).toEqual({ rhythm: "sinus", vitals: { heart_rate: 75 } });
  });

  it("brings what can be taken out, one by one, and goes with all that it brought", () => {
    const there = staged(START_VALUES, { type: "rhythm", rhythm: "ventricular_tachycardia" });
    const refused = stage(there, { type: "forget_sign", name: "heart_rate" }, START_VALUES);
    expect(patchOf(refused, 0).vitals).not.toHaveProperty("heart_rate");
    expect(countStaged(stage(there, { type: "forget_rhythm" }, START_VALUES))).toBe(0);
    expect(countStaged(stage(there, { type: "rhythm", rhythm: "sinus" }, START_VALUES))).toBe(0);
    expect(patchOf(stage(there, { type: "rhythm", rhythm: "atrial_fibrillation" }, START_VALUES), 0)).toEqual({
      rhythm: "atrial_fibrillation",
    });
  });

  it("never overrules what the trainer has set by hand, before or after", () => {
    const before = staged(START_VALUES, { type: "sign", name: "heart_rate", value: 130 }, { type: "rhythm", rhythm: "svt" });
    expect(patchOf(before, 0).vitals?.heart_rate).toBe(130);
    const after = stage(staged(START_VALUES, { type: "rhythm", rhythm: "svt" }), { type: "sign", name: "heart_rate", value: 200 }, START_VALUES);
    expect(patchOf(stage(after, { type: "forget_rhythm" }, START_VALUES), 0)).toEqual({ vitals: { heart_rate: 200 } });
    const low = staged(START_VALUES, { type: "sign", name: "systolic", value: 50 }, { type: "rhythm", rhythm: "svt" });
    expect(patchOf(low, 0).vitals).toEqual({ heart_rate: 180, systolic: 50 });
  });

  it("brings its rate at once; a ramp is for what the trainer moves", () => {
    expect(patchOf(staged(START_VALUES, { type: "rhythm", rhythm: "svt" }), 60)).not.toHaveProperty("ramp_seconds");
    const moved = staged(START_VALUES, { type: "rhythm", rhythm: "svt" }, { type: "sign", name: "spo2", value: 90 });
    expect(patchOf(moved, 60).ramp_seconds).toBe(60);
  });

  it("that is an arrest leaves those who press the chest to ventilate", () => {
    expect(of("asystole", { ...START_VALUES, flags: { pulseless: true, cpr: true }, respiratory_rate: 10, etco2: 15 })).toEqual({
      rhythm: "asystole",
    });
  });

  it.each(RHYTHMS)("%s has its usual rate among those at which it exists", (rhythm) => {
    const { rate } = RHYTHM_FACTS[rhythm];
    if (rate === null) return;
    expect(rate.usual).toBeGreaterThanOrEqual(rate.least);
    expect(rate.usual).toBeLessThanOrEqual(rate.most);
  });
});

describe("a preset", () => {
  const VF: Staging = { type: "preset", preset: "ventricular_fibrillation" };
  const CPR: Staging = { type: "flag", key: "cpr", value: true };

  it("is staged like a rhythm: each part to be taken out, all to go with it", () => {
    const there = staged(START_VALUES, VF);
    expect(countStaged(there)).toBe(9);
    const refused = stage(there, { type: "forget_flag", key: "cardiac_arrest" }, START_VALUES);
    expect(patchOf(refused, 60)).toEqual({
      rhythm: "ventricular_fibrillation",
      vitals: { heart_rate: 0, systolic: 0, diastolic: 0, spo2: 30, respiratory_rate: 0, etco2: 0 },
      flags: { pulseless: true },
    });
    expect(countStaged(stage(refused, { type: "forget_rhythm" }, START_VALUES))).toBe(0);
    expect(countStaged(stage(there, { type: "preset", preset: "rosc" }, START_VALUES))).toBeLessThan(9);
  });

  it("never overrules what was set by hand", () => {
    const own = staged(START_VALUES, { type: "sign", name: "etco2", value: 12 }, VF);
    expect(patchOf(own, 0).vitals?.etco2).toBe(12);
  });

  it("that keeps the rhythm stays when another rhythm is chosen for it", () => {
    const pea = staged(START_VALUES, { type: "preset", preset: "pea" }, { type: "rhythm", rhythm: "junctional" });
    expect(patchOf(pea, 0)).toMatchObject({ rhythm: "junctional", flags: { pulseless: true }, vitals: { etco2: 0, respiratory_rate: 0 } });
  });

  it("and the compressions are staged together, and are parted again", () => {
    const both = staged(START_VALUES, VF, CPR);
    expect(patchOf(both, 60)).toMatchObject({ flags: { cpr: true, pulseless: true }, vitals: { respiratory_rate: 10, etco2: 15 } });
    expect(patchOf(both, 60)).not.toHaveProperty("ramp_seconds");
    expect(stage(both, { type: "forget_flag", key: "cpr" }, START_VALUES)).toEqual(staged(START_VALUES, VF));
    expect(stage(both, { type: "flag", key: "cpr", value: null }, START_VALUES)).toEqual(staged(START_VALUES, VF));
  });

  it("leaves a patient with a pulse to breathe when somebody presses the chest", () => {
    expect(patchOf(staged(START_VALUES, CPR), 0)).toEqual({ flags: { cpr: true } });
  });
});

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
    expect(patchOf(staged(START_VALUES, { type: "rhythm", rhythm: "paced" }), 60)).toEqual({ rhythm: "paced" });
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
