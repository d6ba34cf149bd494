import { describe, expect, it } from "vitest";
import { co2Top, createWaves } from "../../src/waves";
import type { LastValues } from "../../src/wire/types";
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

  it("is a shark's fin in bronchospasm alone: other distress keeps its plateau", () => {
    const share = (flags: Record<string, boolean>) =>
      mean(breaths(co2({ flags })).map((breath) => breath.filter((value) => value > 0.85 * 38).length / breath.length));
    expect(share({})).toBeGreaterThan(0.85);
    expect(share({ respiratory_distress: true })).toBeGreaterThan(0.85);
    expect(share({ bronchospasm: true })).toBeLessThan(0.5);
    expect(share({ respiratory_distress: true, bronchospasm: true })).toBeLessThan(0.5);
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

  it("ripples under compressions", () => {
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

const ARRESTS: [string, Partial<LastValues>][] = [
  ["ventricular fibrillation", { rhythm: "ventricular_fibrillation" }],
  ["asystole", { rhythm: "asystole" }],
  ["no pulse under a normal ECG", { flags: { pulseless: true } }],
  ["VT without a pulse", { rhythm: "ventricular_tachycardia", heart_rate: 180, flags: { pulseless: true } }],
  ["a heart rate of 0", { heart_rate: 0 }],
];

describe("without a circulation", () => {
  it.each(ARRESTS)("nobody breathes: %s alone, with RR 16 and EtCO2 38 left as they were", (_name, change) => {
    expect(range(co2(change))).toBe(0);
    expect(range(samples(steady(change), "resp", T0, 10_000))).toBe(0);
    const waves = createWaves("one");
    waves.update(state(), T0 - 60_000);
    waves.update(state(change), T0);
    // What was in the lungs still comes out, at its old height; then nothing does.
    expect(range(samples(waves, "co2", T0 - 8_000, 12_000, STEP))).toBeGreaterThan(30);
    expect(range(samples(waves, "co2", T0 + 5_500, 30_000, STEP))).toBeLessThan(0.1);
    expect(waves.endTidalAt(T0 + 16_000)).toBe(0);
  });

  it.each(ARRESTS)("compressions and ventilation bring 20 mmHg at the most: %s", (_name, change) => {
    const flags = { ...change.flags, cpr: true };
    const most = Math.max(...co2({ ...change, flags, respiratory_rate: 10, etco2: 38 }));
    expect(most).toBeGreaterThan(15);
    expect(most).toBeLessThan(22);
    expect(Math.max(...co2({ ...change, flags, respiratory_rate: 10, etco2: 12 }))).toBeCloseTo(12, 0);
    expect(range(co2({ ...change, flags, respiratory_rate: 0 }))).toBe(0);
  });

  it("ends when the pulse is back: the next breaths have the number", () => {
    const waves = createWaves("one");
    waves.update(state({ rhythm: "ventricular_fibrillation", respiratory_rate: 10, etco2: 14, flags: { cpr: true } }), T0 - 60_000);
    waves.update(state({ heart_rate: 110, respiratory_rate: 12, etco2: 44 }), T0);
    expect(waves.endTidalAt(T0)).toBeLessThan(16);
    expect(waves.endTidalAt(T0 + 12_000)).toBeCloseTo(44, 0);
  });

  it("begins with the last beat of a rate that falls to 0", () => {
    const falling = state({
      heart_rate: 0,
      ramps: { heart_rate: { from: 60, started_at: new Date(T0).toISOString(), seconds: 30 } },
    });
    const waves = createWaves("one");
    waves.update(falling, T0);
    expect(range(samples(waves, "co2", T0 + 20_000, 8_000, STEP))).toBeGreaterThan(30);
    expect(range(samples(waves, "co2", T0 + 36_000, 20_000, STEP))).toBeLessThan(0.1);
  });
});

describe("the end-tidal number", () => {
  it("is the highest point of the curve in the last 10 s", () => {
    const waves = createWaves("one");
    waves.update(state(), T0 - 60_000);
    waves.update(state({ etco2: 60, respiratory_rate: 10 }), T0);
    waves.update(state({ etco2: 25 }), T0 + 20_000);
    for (let now = T0 - 10_000; now < T0 + 50_000; now += 1_000) {
      const most = Math.max(...samples(waves, "co2", now - 10_000, 10_000, STEP));
      expect(Math.abs(waves.endTidalAt(now) - most)).toBeLessThan(1);
    }
  });

  it.each([4, 6, 10, 16, 40, 80])("does not fall between two breaths at %i/min", (respiratory_rate) => {
    const waves = steady({ respiratory_rate });
    for (let now = T0; now < T0 + 120_000; now += 1_000) expect(waves.endTidalAt(now)).toBeGreaterThan(36);
  });

  it("is 0 ten seconds after the last breath, and not before", () => {
    const waves = createWaves("one");
    waves.update(state(), T0 - 60_000);
    waves.update(state({ respiratory_rate: 0 }), T0);
    const { time, rate } = waves.lastBreathAt(T0 + 19_000);
    expect(rate).toBe(16);
    expect(time).toBeGreaterThan(T0 - 4_000);
    expect(time).toBeLessThanOrEqual(T0);
    expect(waves.endTidalAt(T0 + 8_000)).toBeGreaterThan(36);
    expect(waves.endTidalAt(T0 + 16_000)).toBe(0);
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
