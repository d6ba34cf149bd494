import { describe, expect, it } from "vitest";
import { co2Top, createWaves } from "../../src/waves";
import { intervals, mean, peaks, range, samples, state, steady, T0 } from "./support";

const STEP = 8;
const co2 = (change: Parameters<typeof steady>[0], ms = 30_000) => samples(steady(change), "co2", T0, ms, STEP);

/** Of each breath: the samples above a tenth. */
function breaths(curve: Float32Array): number[][] {
  const top = curve.reduce((high, value) => Math.max(high, value), 0);
  const found: number[][] = [];
  let open: number[] = [];
  for (const value of curve) {
    if (value > 0.1 * top) open.push(value);
    else if (open.length > 0) {
      found.push(open);
      open = [];
    }
  }
  return found.slice(1);
}

describe("the capnogram", () => {
  it.each([
    [38, 16],
    [12, 10],
    [80, 30],
    [25, 60],
  ])("ends each breath at the number: %i mmHg at %i/min", (etco2, respiratory_rate) => {
    for (const breath of breaths(co2({ etco2, respiratory_rate }))) {
      expect(Math.max(...breath)).toBeLessThanOrEqual(etco2 * 1.001);
      expect(Math.max(...breath)).toBeGreaterThan(etco2 * 0.96);
    }
  });

  it("rises steeply, has a plateau that climbs, falls, and comes down to nothing", () => {
    const curve = co2({});
    expect(Math.min(...curve)).toBeCloseTo(0, 1);
    for (const breath of breaths(curve)) {
      const high = breath.findIndex((value) => value > 0.8 * 38);
      expect(high * STEP).toBeLessThan(250);
      const plateau = breath.slice(high + 30, -20);
      expect(plateau.length).toBeGreaterThan(100);
      for (let at = 1; at < plateau.length; at++) expect(plateau[at]).toBeGreaterThanOrEqual((plateau[at - 1] as number) - 0.001);
      expect((plateau.at(-1) as number) - (plateau[0] as number)).toBeLessThan(0.12 * 38);
    }
  });

  it("is a shark's fin in distress: no plateau", () => {
    const share = (flags: Record<string, boolean>) =>
      mean(breaths(co2({ flags })).map((breath) => breath.filter((value) => value > 0.85 * 38).length / breath.length));
    expect(share({})).toBeGreaterThan(0.85);
    expect(share({ respiratory_distress: true })).toBeLessThan(0.5);
  });

  it("is flat in apnoea, soon after the last breath", () => {
    expect(range(co2({ respiratory_rate: 0 }))).toBe(0);
    expect(range(samples(steady({ respiratory_rate: 0 }), "resp", T0, 10_000))).toBe(0);
    const waves = createWaves("one");
    waves.update(state(), T0 - 60_000);
    waves.update(state({ respiratory_rate: 0 }), T0);
    expect(range(samples(waves, "co2", T0 + 5_500, 20_000, STEP))).toBeLessThan(0.1);
    expect(range(samples(waves, "resp", T0 + 5_500, 20_000, STEP))).toBeLessThan(0.01);
  });

  it("follows the number without a pulse, and ripples under compressions", () => {
    const low = co2({ rhythm: "asystole", etco2: 14 });
    expect(Math.max(...low)).toBeCloseTo(14, 0);
    const pressed = breaths(co2({ rhythm: "asystole", etco2: 14, flags: { cpr: true } }));
    for (const breath of pressed) expect(peaks(new Float32Array(breath), 0, 8, STEP).length).toBeGreaterThan(1);
  });

  it("is nothing while the sensor is off", () => {
    expect([...co2({ flags: { co2_off: true } }, 1_000)].every(Number.isNaN)).toBe(true);
  });

  it("has a scale that holds it", () => {
    expect([0, 38, 48, 50, 70, 80, 120, 150].map(co2Top)).toEqual([50, 50, 50, 75, 75, 100, 150, 150]);
  });
});

describe("the chest", () => {
  it("moves with each breath", () => {
    const tops = peaks(samples(steady({ respiratory_rate: 20 }), "resp", T0, 60_000, STEP), T0, 0.5, STEP);
    expect(Math.abs(tops.length - 20)).toBeLessThanOrEqual(1);
    for (const gap of intervals(tops.map((top) => top.time))) expect(Math.abs(gap - 3_000)).toBeLessThan(500);
  });

  it("breathes out when the CO2 comes", () => {
    const waves = steady();
    const chest = samples(waves, "resp", T0, 30_000, STEP);
    const gas = samples(waves, "co2", T0, 30_000, STEP);
    for (let at = 1; at < gas.length; at++) {
      // On the way up through 19 mmHg the chest is falling.
      if ((gas[at - 1] as number) < 19 && (gas[at] as number) >= 19)
        expect(chest[at] as number).toBeLessThan(chest[at - 1] as number);
    }
  });
});
