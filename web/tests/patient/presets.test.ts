import { describe, expect, it } from "vitest";
import { broughtByCompressions, markerOfCompressions, partsOfPreset, patchOfCompressions, PRESETS } from "../../src/patient/presets";
import { START_VALUES } from "../../src/patient/signs";
import type { LastValues } from "../../src/wire/types";

const NO_PULSE = { pulseless: true, cardiac_arrest: true } as const;
const GONE = { systolic: 0, diastolic: 0, spo2: 30, respiratory_rate: 0, etco2: 0 };
const IN_VF: LastValues = { ...START_VALUES, ...GONE, heart_rate: 0, rhythm: "ventricular_fibrillation", flags: { ...NO_PULSE } };

describe("a preset", () => {
  it("of an arrest takes rhythm, pulse, breath and CO2 away together", () => {
    const parts = { signs: { ...GONE, heart_rate: 0 }, flags: NO_PULSE };
    expect(partsOfPreset("ventricular_fibrillation", START_VALUES)).toEqual({ rhythm: "ventricular_fibrillation", ...parts });
    expect(partsOfPreset("asystole", START_VALUES)).toEqual({ rhythm: "asystole", ...parts });
  });

  it("of PEA keeps an organised rhythm with its rate, and takes the pulse", () => {
    const fast = { ...START_VALUES, heart_rate: 130, rhythm: "atrial_fibrillation" } as const;
    expect(partsOfPreset("pea", fast)).toEqual({ rhythm: null, signs: GONE, flags: NO_PULSE });
    expect(partsOfPreset("pea", IN_VF)).toEqual({ rhythm: "sinus", signs: { heart_rate: 60 }, flags: {} });
    const shockable = { ...START_VALUES, heart_rate: 170, rhythm: "ventricular_tachycardia" } as const;
    expect(partsOfPreset("pea", shockable).rhythm).toBe("sinus");
  });

  it("leaves those who press the chest to ventilate", () => {
    const cpr = { ...IN_VF, respiratory_rate: 10, etco2: 15, flags: { ...NO_PULSE, cpr: true } };
    expect(partsOfPreset("asystole", cpr)).toEqual({ rhythm: "asystole", signs: {}, flags: {} });
  });

  it("of a return brings low pressures, a late finger, and a leap of the CO2", () => {
    const cpr = { ...IN_VF, respiratory_rate: 10, etco2: 15, flags: { ...NO_PULSE, cpr: true } };
    expect(partsOfPreset("rosc", cpr)).toEqual({
      rhythm: "sinus",
      signs: { heart_rate: 110, systolic: 85, diastolic: 50, spo2: 84, respiratory_rate: 12, etco2: 35 },
      flags: { pulseless: null, cardiac_arrest: null, cpr: null },
    });
    const pea = { ...cpr, heart_rate: 96, rhythm: "stemi", etco2: 52 } as const;
    expect(partsOfPreset("rosc", pea)).toMatchObject({ rhythm: null, signs: { etco2: 60 } });
    expect(partsOfPreset("rosc", pea).signs).not.toHaveProperty("heart_rate");
  });

  it.each(PRESETS)("%s changes nothing in whoever has it all already", (preset) => {
    const { rhythm, signs, flags } = partsOfPreset(preset, IN_VF);
    const after: LastValues = { ...IN_VF, ...signs, rhythm: rhythm ?? IN_VF.rhythm, flags: { ...IN_VF.flags } };
    for (const [key, value] of Object.entries(flags)) {
      if (value === null) delete after.flags[key];
      else after.flags[key] = value;
    }
    const again = partsOfPreset(preset, after);
    // The CO2 of a return is counted from what is there.
    delete (again.signs as { etco2?: number }).etco2;
    expect(again).toEqual({ rhythm: null, signs: {}, flags: {} });
  });
});

describe("compressions", () => {
  it("bring a bag and some CO2 to whoever has no circulation, and nothing to whoever has one", () => {
    expect(broughtByCompressions(IN_VF)).toEqual({ respiratory_rate: 10, etco2: 15 });
    expect(broughtByCompressions(START_VALUES)).toEqual({});
  });

  it("are one with their markers", () => {
    expect(patchOfCompressions("cpr_started", IN_VF)).toEqual({ flags: { cpr: true }, vitals: { respiratory_rate: 10, etco2: 15 } });
    expect(patchOfCompressions("cpr_stopped", IN_VF)).toBeNull();
    const pressed = { ...IN_VF, flags: { ...IN_VF.flags, cpr: true } };
    expect(patchOfCompressions("cpr_stopped", pressed)).toEqual({ flags: { cpr: null } });
    expect(patchOfCompressions("cpr_started", pressed)).toBeNull();
    expect(patchOfCompressions("adrenaline", IN_VF)).toBeNull();
    expect(markerOfCompressions(IN_VF, { cpr: true })).toBe("cpr_started");
    expect(markerOfCompressions(pressed, { cpr: true })).toBeNull();
    expect(markerOfCompressions(pressed, { cpr: null })).toBe("cpr_stopped");
    expect(markerOfCompressions(IN_VF, { pulseless: null })).toBeNull();
    expect(markerOfCompressions(IN_VF, undefined)).toBeNull();
  });
});
