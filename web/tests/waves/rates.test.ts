import { describe, expect, it } from "vitest";
import type { Rhythm } from "../../src/wire/types";
import { beatTimes, deviation, foundBeats, intervals, mean, samples, state, steady, T0 } from "./support";
import { createWaves } from "../../src/waves";

const WITH_BEATS: [Rhythm, number[]][] = [
  ["sinus", [30, 45, 75, 120, 180]],
  ["atrial_fibrillation", [60, 110, 140]],
  ["atrial_flutter", [60, 75, 100, 120, 150, 300]],
  ["svt", [180, 220, 280]],
  ["av_block_1", [50, 75, 100]],
  ["av_block_2_wenckebach", [50, 60, 75, 90]],
  ["av_block_2_mobitz", [50, 60, 75, 90]],
  ["av_block_3", [30, 40, 50]],
  ["junctional", [45, 60]],
  ["idioventricular", [20, 32, 40]],
  ["ventricular_tachycardia", [110, 170, 250]],
  ["stemi", [60, 90]],
  ["paced", [60, 80]],
  ["pvc_bigeminy", [60, 75, 100]],
];
const CASES = WITH_BEATS.flatMap(([rhythm, rates]) => rates.map((rate) => [rhythm, rate] as const));

/** A whole group at each end may fall outside of the two minutes. */
const groupOf = (rhythm: Rhythm) => (rhythm.startsWith("av_block_2") ? 3 : rhythm === "pvc_bigeminy" ? 2 : 1);

describe("the rate that is drawn is the number", () => {
  it.each(CASES)("%s at %i/min: beats told", (rhythm, heart_rate) => {
    const told = beatTimes(steady({ rhythm, heart_rate }), T0, 120_000).length / 2;
    expect(Math.abs(told - heart_rate)).toBeLessThanOrEqual(Math.max(0.03 * heart_rate, groupOf(rhythm) / 2));
  });

  it.each(CASES)("%s at %i/min: complexes counted in the curve", (rhythm, heart_rate) => {
    const waves = steady({ rhythm, heart_rate });
    const curve = samples(waves, "ecg", T0, 120_000);
    const part = rhythm === "pvc_bigeminy" ? 0.6 : 0.7;
    const counted = foundBeats(curve, T0, part, 0.35 * (60_000 / heart_rate)).length / 2;
    expect(Math.abs(counted - heart_rate)).toBeLessThanOrEqual(Math.max(0.03 * heart_rate, groupOf(rhythm) / 2));
  });

  it("torsades has its peaks at the number", () => {
    expect(beatTimes(steady({ rhythm: "torsades", heart_rate: 220 }), T0, 60_000).length).toBeCloseTo(220, -1);
  });

  it.each(["sinus", "junctional", "paced", "svt", "ventricular_tachycardia", "av_block_3"] as const)(
    "%s is regular",
    (rhythm) => {
      const gaps = intervals(beatTimes(steady({ rhythm, heart_rate: 60 }), T0, 120_000));
      expect(deviation(gaps) / mean(gaps)).toBeLessThan(0.03);
    },
  );

  it("sinus is not a machine: 2 % between beats", () => {
    const gaps = intervals(beatTimes(steady({ heart_rate: 60 }), T0, 300_000));
    expect(deviation(gaps) / mean(gaps)).toBeGreaterThan(0.015);
    expect(deviation(gaps) / mean(gaps)).toBeLessThan(0.025);
  });

  it.each([50, 70, 90, 110, 130, 150, 170, 180, 200])("fibrillation at %i/min varies by 15-22 %%", (heart_rate) => {
    const beats = beatTimes(steady({ rhythm: "atrial_fibrillation", heart_rate }), T0, 600_000);
    const gaps = intervals(beats);
    expect(Math.abs(beats.length / 10 - heart_rate)).toBeLessThan(0.5);
    expect(deviation(gaps) / mean(gaps)).toBeGreaterThan(0.15);
    expect(deviation(gaps) / mean(gaps)).toBeLessThan(0.22);
    expect(Math.min(...gaps)).toBeGreaterThan(230);
    // No pattern: unlike itself at any distance.
    for (let lag = 2; lag < 12; lag++) expect(Math.abs(correlation(gaps, lag))).toBeLessThan(0.25);
  });

  it("a breath is drawn for each that is told", () => {
    for (const respiratory_rate of [6, 12, 16, 30, 60, 80]) {
      const co2 = samples(steady({ respiratory_rate }), "co2", T0, 120_000, 8);
      let rises = 0;
      for (let at = 1; at < co2.length; at++) if ((co2[at - 1] as number) < 19 && (co2[at] as number) >= 19) rises++;
      expect(Math.abs(rises / 2 - respiratory_rate)).toBeLessThanOrEqual(Math.max(0.5, 0.03 * respiratory_rate));
    }
  });
});

describe("a rate that changes", () => {
  const ramp = { from: 60, started_at: new Date(T0).toISOString(), seconds: 60 };

  it("is in between in the middle of a ramp, and reaches the target", () => {
    const waves = createWaves("one");
    waves.update(state({ heart_rate: 60 }), T0 - 60_000);
    waves.update(state({ heart_rate: 140, ramps: { heart_rate: ramp } }), T0);
    const rateIn = (from: number, ms: number) => 60_000 / mean(intervals(beatTimes(waves, T0 + from, ms)));
    expect(rateIn(-20_000, 20_000)).toBeCloseTo(60, -0.5);
    expect(Math.abs(rateIn(25_000, 10_000) - 100)).toBeLessThan(4);
    expect(Math.abs(rateIn(10_000, 10_000) - 80)).toBeLessThan(4);
    expect(Math.abs(rateIn(60_000, 30_000) - 140)).toBeLessThan(3);
  });

  it("stands where it is while the session is paused, for a late joiner too, and then goes on", () => {
    const paused = { heart_rate: { from: 90, started_at: new Date(T0 + 22_500).toISOString(), seconds: 37.5 } };
    const told = state({ heart_rate: 140, ramps: paused, paused_at: new Date(T0 + 22_500).toISOString() });
    const waves = createWaves("one");
    waves.update(state({ heart_rate: 140, ramps: { heart_rate: ramp } }), T0);
    waves.update(told, T0 + 22_500);
    const late = createWaves("one");
    late.update(told, T0 + 60_000);
    const rateIn = (one: typeof waves, from: number, ms: number) => 60_000 / mean(intervals(beatTimes(one, T0 + from, ms)));
    expect(rateIn(waves, 30_000, 60_000)).toBeCloseTo(90, -0.5);
    expect(rateIn(late, 70_000, 20_000)).toBeCloseTo(90, -0.5);
    const resumed = { heart_rate: { from: 90, started_at: new Date(T0 + 90_000).toISOString(), seconds: 37.5 } };
    waves.update(state({ heart_rate: 140, ramps: resumed }), T0 + 90_000);
    expect(Math.abs(rateIn(waves, 128_000, 30_000) - 140)).toBeLessThan(3);
  });

  it("goes without a gap or a stumble, whatever is pushed when", () => {
    for (let push = 0; push < 400; push++) {
      const from = 40 + ((push * 37) % 120);
      const to = 40 + ((push * 61) % 140);
      const at = T0 + push * 173;
      const waves = createWaves(`session ${push % 7}`);
      waves.update(state({ heart_rate: from }), T0 - 60_000);
      const seconds = push % 3 === 0 ? 0 : push % 11;
      const moving = { heart_rate: { from, started_at: new Date(at).toISOString(), seconds } };
      waves.update(state({ heart_rate: to, ramps: seconds > 0 ? moving : {} }), at);
      const gaps = intervals(beatTimes(waves, at - 10_000, 40_000));
      const short = 60_000 / Math.max(from, to);
      const long = 60_000 / Math.min(from, to);
      expect(Math.min(...gaps)).toBeGreaterThan(0.78 * short);
      expect(Math.max(...gaps)).toBeLessThan(1.25 * long);
    }
  });

  it("survives a slider, 10 pushes a second", () => {
    const waves = createWaves("slider");
    waves.update(state({ heart_rate: 60 }), T0 - 60_000);
    for (let push = 0; push < 100; push++) waves.update(state({ heart_rate: 60 + push }), T0 + push * 100);
    const gaps = intervals(beatTimes(waves, T0 - 5_000, 30_000));
    expect(Math.max(...gaps)).toBeLessThan(1_300);
    expect(Math.min(...gaps)).toBeGreaterThan(220);
  });

  it("stops at 0 and starts again", () => {
    const waves = createWaves("one");
    waves.update(state({ heart_rate: 60 }), T0 - 60_000);
    waves.update(state({ heart_rate: 0 }), T0);
    waves.update(state({ heart_rate: 80 }), T0 + 20_000);
    // The beat that had begun is ended.
    expect(beatTimes(waves, T0 + 400, 19_600)).toEqual([]);
    const back = beatTimes(waves, T0 + 20_000, 10_000);
    expect(back.length).toBeGreaterThan(11);
    expect((back[0] as number) - T0 - 20_000).toBeLessThan(1_200);
  });
});

/** How alike a row is to itself `lag` places later, -1 to 1. */
function correlation(row: readonly number[], lag: number): number {
  const middle = mean(row);
  const products = row.slice(lag).map((value, at) => (value - middle) * ((row[at] as number) - middle));
  return mean(products) / deviation(row) ** 2;
}
