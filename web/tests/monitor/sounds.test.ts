import { describe, expect, it } from "vitest";
import { beepPitch, burst, HARMONICS, isDue } from "../../src/monitor/sounds";

describe("bursts", () => {
  it("have 10, 3 and 2 pulses, of lengths and gaps that the standard's table allows", () => {
    const [high, medium, low] = [burst("high", "cardiac"), burst("medium", "cardiac"), burst("low", "general")];
    expect([high.length, medium.length, low.length]).toEqual([10, 3, 2]);
    for (const { length } of high) expect(length).toBeGreaterThanOrEqual(75);
    for (const { length } of high) expect(length).toBeLessThanOrEqual(200);
    for (const { length } of [...medium, ...low]) expect(length >= 125 && length <= 250).toBe(true);
  });

  it("are two groups of five when high: three and two, and a pause between them that is heard", () => {
    const high = burst("high", "cardiac");
    const gaps = high.slice(1).map((pulse, at) => pulse.start - ((high[at]?.start ?? 0) + (high[at]?.length ?? 0)));
    expect(gaps).toEqual([90, 90, 330, 90, 600, 90, 90, 330, 90]);
    // IEC 60601-1-8 style: x 50-125, from the 3rd to the 4th 2x + t_d, from the 5th to the 6th 350-1300.
    const [x = 0, , third, , fifth = 0] = gaps;
    expect(x >= 50 && x <= 125).toBe(true);
    expect(third).toBe(2 * x + (high[0]?.length ?? 0));
    expect(fifth >= 350 && fifth <= 1300).toBe(true);
  });

  it("have lengths that the table allows when medium and low", () => {
    const [medium, low] = [burst("medium", "cardiac"), burst("low", "general")];
    for (const { length } of [...medium, ...low]) expect(length >= 125 && length <= 250).toBe(true);
  });

  it("play the melody twice when high, its first three notes when medium", () => {
    const notes = burst("high", "cardiac").map(({ hz }) => Math.round(hz));
    expect(notes).toEqual([262, 330, 392, 392, 523, 262, 330, 392, 392, 523]);
    expect(burst("medium", "cardiac").map(({ hz }) => Math.round(hz))).toEqual([262, 330, 392]);
    expect(new Set(burst("high", "general").map(({ hz }) => hz)).size).toBe(1);
  });

  it("are heard: a fundamental of 150-1000 Hz, and four harmonics more from 300 to 4000 Hz", () => {
    for (const { hz } of burst("high", "cardiac")) {
      expect(hz >= 150 && hz <= 1000).toBe(true);
      const audible = HARMONICS.map((_, i) => hz * (i + 1)).filter((part) => part >= 300 && part <= 4000);
      expect(audible.length).toBeGreaterThanOrEqual(4);
    }
  });
});

describe("when a burst begins", () => {
  const high = { id: "asystole", priority: "high" } as const;
  const medium = { id: "spo2_low", priority: "medium" } as const;

  it("is at once for the first and for a higher one", () => {
    expect(isDue(null, medium, 0)).toBe(true);
    expect(isDue({ ...medium, at: 1000 }, high, 1100)).toBe(true);
  });

  it("is after its time for the same one, and never for none", () => {
    expect(isDue({ ...high, at: 0 }, high, 6000)).toBe(false);
    expect(isDue({ ...high, at: 0 }, high, 7000)).toBe(true);
    expect(isDue({ ...medium, at: 0 }, medium, 11_000)).toBe(false);
    expect(isDue({ ...medium, at: 0 }, medium, 12_000)).toBe(true);
    expect(isDue({ ...medium, at: 0 }, null, 60_000)).toBe(false);
  });

  it("is soon for another of the same priority", () => {
    expect(isDue({ ...medium, at: 0 }, { id: "etco2_low", priority: "medium" }, 2500)).toBe(true);
  });
});

it("beeps lower as the saturation falls, and at one pitch while there is none", () => {
  expect(beepPitch(null)).toBeGreaterThan(400);
  expect(beepPitch(100)).toBe(950);
  expect(beepPitch(85)).toBe(830);
});
