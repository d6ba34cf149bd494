import { describe, expect, it } from "vitest";
import { beepPitch, burst, HARMONICS, isDue } from "../../src/monitor/sounds";

describe("bursts", () => {
  it("have 10, 3 and 2 pulses, of lengths and gaps that the standard's table allows", () => {
    const [high, medium, low] = [burst("high", "cardiac"), burst("medium", "cardiac"), burst("low", "general")];
    expect([high.length, medium.length, low.length]).toEqual([10, 3, 2]);
    for (const { length } of high) expect(length).toBeGreaterThanOrEqual(75);
    for (const { length } of high) expect(length).toBeLessThanOrEqual(200);
    const gap = (high[1]?.start ?? 0) - (high[0]?.start ?? 0) - (high[0]?.length ?? 0);
    expect(gap).toBeGreaterThanOrEqual(50);
    expect(gap).toBeLessThanOrEqual(125);
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

it("beeps lower as the saturation falls", () => {
  expect(beepPitch(100)).toBe(950);
  expect(beepPitch(85)).toBe(830);
});
