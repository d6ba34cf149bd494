import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { RHYTHMS } from "../../src/patient/signs";
import { createWaves, firstSample, type WaveKind } from "../../src/waves";
import { valueAt } from "../../src/patient/ramps";
import { lineOf, valueOn } from "../../src/waves/line";
import { samples, state, steady, T0 } from "./support";

const KINDS: WaveKind[] = ["ecg", "pleth", "resp", "co2"];

describe("sampling", () => {
  it("is on the grid of the step, [from, to)", () => {
    const waves = steady();
    const out = new Float32Array(1_000);
    expect(waves.sample("ecg", T0, T0 + 40, 4, out)).toBe(10);
    expect(waves.sample("ecg", T0 + 1, T0 + 41, 4, out)).toBe(10);
    expect(waves.sample("ecg", T0 + 0.5, T0 + 0.9, 4, out)).toBe(0);
    expect(waves.sample("ecg", T0 + 40, T0, 4, out)).toBe(0);
    expect(firstSample(T0 + 1, 4)).toBe(T0 + 4);
    expect(waves.sample("ecg", T0, T0 + 60_000, 4, out)).toBe(1_000);
  });

  it("gives NaN, not a flat line, before anything is known", () => {
    for (const kind of KINDS)
      expect([...samples(createWaves("one"), kind, T0, 100)].every(Number.isNaN)).toBe(true);
    expect(createWaves("one").beatsBetween(T0, T0 + 1_000)).toEqual([]);
  });

  it.each(RHYTHMS)("never gives NaN in %s, at any number", (rhythm) => {
    const extremes = [
      { heart_rate: 0, respiratory_rate: 0, spo2: 0, etco2: 0, systolic: 0, diastolic: 0 },
      { heart_rate: 300, respiratory_rate: 80, spo2: 100, etco2: 150, systolic: 300, diastolic: 200 },
      { heart_rate: 1, respiratory_rate: 1, systolic: 60, diastolic: 60 },
      { heart_rate: 299, respiratory_rate: 79, systolic: 20, diastolic: 200 },
    ];
    for (const signs of extremes) {
      for (const flags of [{}, { cpr: true, respiratory_distress: true, pulseless: true }] as Record<string, boolean>[]) {
        const waves = steady({ rhythm, ...signs, flags });
        for (const kind of KINDS) {
          const curve = samples(waves, kind, T0, 20_000);
          expect(curve.every(Number.isFinite)).toBe(true);
        }
        const top = signs.etco2 ?? 38;
        expect(Math.max(...samples(waves, "co2", T0, 20_000))).toBeLessThanOrEqual(1.1 * top + 0.01);
        expect(Math.max(...samples(waves, "ecg", T0, 20_000).map(Math.abs))).toBeLessThan(4);
      }
    }
  });

  it("never gives NaN through any change of numbers and rhythms", () => {
    const waves = createWaves("changes");
    const numbers = [0, 300, 75, 1, 140];
    RHYTHMS.forEach((rhythm, number) => {
      const heart_rate = numbers[number % 5] as number;
      const at = T0 + number * 1_700;
      const from = numbers[(number + 4) % 5] as number;
      const ramps = { heart_rate: { from, started_at: new Date(at).toISOString(), seconds: number % 4 } };
      waves.update(state({ rhythm, heart_rate, respiratory_rate: (number * 23) % 80, ramps }), at);
      for (const kind of KINDS) expect(samples(waves, kind, at - 5_000, 7_000).every(Number.isFinite)).toBe(true);
    });
  });

  it("draws beats for a rhythm that it does not know, and holds at a number that is none", () => {
    const odd = steady({ rhythm: "brugada" as never, heart_rate: Number.NaN, systolic: Number.NaN });
    expect(odd.beatsBetween(T0, T0 + 60_000).length).toBeGreaterThan(70);
    expect(samples(odd, "pleth", T0, 5_000).every(Number.isFinite)).toBe(true);
  });

  it("reads ramps as the numbers do, before they are rounded", () => {
    const last = state({
      systolic: 60,
      ramps: { systolic: { from: 121, started_at: new Date(T0).toISOString(), seconds: 47 } },
    });
    const line = lineOf(last, "systolic", T0);
    for (let at = T0 - 3_000; at < T0 + 50_000; at += 173)
      expect(Math.abs(valueOn(line, at) - valueAt(last, "systolic", at))).toBeLessThanOrEqual(0.5 + 1e-9);
  });

  it("makes no objects: 60 frames a second for ten minutes leave nothing behind", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const waves = steady();
    const out = new Float32Array(64);
    let now = T0;
    const frames = (count: number) => {
      for (let frame = 0; frame < count; frame++) {
        for (const kind of KINDS) waves.sample(kind, now, now + 16, 4, out);
        now += 16;
      }
    };
    frames(20_000);
    const rounds: number[] = [];
    for (let round = 0; round < 6; round++) {
      collect();
      const before = process.memoryUsage().heapUsed;
      frames(6_000);
      rounds.push((process.memoryUsage().heapUsed - before) / (6_000 * KINDS.length));
    }
    // No object, no array. What the engine makes for itself are boxes for doubles that go through calls (a
    // time is too large for a small integer): 40-130 bytes a call when built, more where vitest rewrites the
    // imports. The least counts: what is not compiled yet makes more of them. An array would have 200 more.
    expect(Math.min(...rounds)).toBeLessThan(600);
    collect();
    const before = process.memoryUsage().heapUsed;
    frames(6_000);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000);
  });
});
