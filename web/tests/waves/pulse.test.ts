import { describe, expect, it } from "vitest";
import { RHYTHMS } from "../../src/patient/signs";
import { hasPulse } from "../../src/patient/circulation";
import { createWaves } from "../../src/waves";
import { beatTimes, mean, peaks, range, samples, state, steady, T0 } from "./support";

/** The steepest rise behind each R, as the delay in ms. */
function delays(change: Parameters<typeof steady>[0]): number[] {
  const waves = steady(change);
  return beatTimes(waves, T0, 20_000).map((beat) => {
    const from = Math.round(beat) + 120;
    const curve = samples(waves, "pleth", from, 380, 2);
    let steepest = 1;
    for (let at = 1; at < curve.length; at++) {
      const here = (curve[at] as number) - (curve[at - 1] as number);
      if (here > (curve[steepest] as number) - (curve[steepest - 1] as number)) steepest = at;
    }
    return from + steepest * 2 - beat;
  });
}

const amplitude = (change: Parameters<typeof steady>[0]) => range(samples(steady(change), "pleth", T0, 10_000));

describe("the pulse wave", () => {
  it.each([40, 60, 75, 100, 140])("comes 200-300 ms after its R at %i/min", (heart_rate) => {
    for (const delay of delays({ heart_rate })) {
      expect(delay).toBeGreaterThan(200);
      expect(delay).toBeLessThan(310);
    }
    expect(mean(delays({ heart_rate }))).toBeLessThanOrEqual(300);
  });

  it("never rises before its R", () => {
    const waves = steady({ heart_rate: 50 });
    for (const beat of beatTimes(waves, T0, 10_000))
      expect(range(samples(waves, "pleth", beat - 20, 200))).toBeLessThan(0.05);
  });

  it("is one for each beat, with a notch", () => {
    const waves = steady({ heart_rate: 60 });
    const tops = peaks(samples(waves, "pleth", T0, 60_000), T0, 0.15);
    const high = tops.filter((top) => top.value > 0.65);
    const low = tops.filter((top) => top.value <= 0.65);
    expect(Math.abs(high.length - 60)).toBeLessThanOrEqual(2);
    expect(Math.abs(low.length - 60)).toBeLessThanOrEqual(2);
  });

  it("falls with the pulse pressure, and with the pressure", () => {
    const full = amplitude({});
    expect(amplitude({ systolic: 100, diastolic: 80 })).toBeLessThan(0.75 * full);
    expect(amplitude({ systolic: 75, diastolic: 45 })).toBeLessThan(0.75 * full);
    const weak = amplitude({ systolic: 55, diastolic: 30 });
    expect(weak).toBeLessThan(0.3 * full);
    expect(weak).toBeGreaterThan(0.03);
    expect(amplitude({ systolic: 0, diastolic: 0 })).toBe(0);
  });

  it("of a premature beat is small", () => {
    const waves = steady({ rhythm: "pvc_bigeminy", heart_rate: 60 });
    const tops = peaks(samples(waves, "pleth", T0, 20_000), T0, 0.7);
    expect(tops.length).toBeGreaterThanOrEqual(9);
    expect(tops.length).toBeLessThanOrEqual(11);
  });

  it("of a fibrillating atrium varies", () => {
    const tops = peaks(samples(steady({ rhythm: "atrial_fibrillation", heart_rate: 90 }), "pleth", T0, 30_000), T0, 0.6);
    expect(Math.max(...tops.map((top) => top.value)) / Math.min(...tops.map((top) => top.value))).toBeGreaterThan(1.2);
  });
});

describe("pulses that can be counted", () => {
  const share = (change: Parameters<typeof steady>[0]) =>
    mean(Array.from({ length: 60 }, (_, second) => steady(change).pulsesPerBeatAt(T0 + second * 1_000)));

  it.each([50, 60, 80, 100, 120])("are half of the beats in bigeminy at %i/min, as the eye counts them", (heart_rate) => {
    const change = { rhythm: "pvc_bigeminy", heart_rate } as const;
    for (let second = 0; second < 30; second++) expect(steady(change).pulsesPerBeatAt(T0 + second * 1_000)).toBe(0.5);
    const curve = samples(steady(change), "pleth", T0, 60_000);
    const high = 0.6 * Math.max(...curve);
    const rises = curve.filter((value, at) => value >= high && (curve[at - 1] ?? 0) < high);
    expect(Math.abs(rises.length - heart_rate / 2)).toBeLessThanOrEqual(2);
  });

  it("are all of them else, at any rate and pressure", () => {
    for (const heart_rate of [40, 75, 140, 200]) expect(share({ heart_rate })).toBe(1);
    expect(share({ heart_rate: 130, systolic: 60, diastolic: 40 })).toBe(1);
    expect(share({ rhythm: "svt", heart_rate: 220 })).toBe(1);
    expect(share({ rhythm: "ventricular_tachycardia", heart_rate: 180 })).toBe(1);
    expect(share({ rhythm: "av_block_2_wenckebach", heart_rate: 60 })).toBe(1);
    expect(share({ rhythm: "atrial_fibrillation", heart_rate: 70 })).toBe(1);
  });

  it("are 5-35 fewer than the beats in fast fibrillation", () => {
    for (const heart_rate of [150, 170, 180]) {
      const deficit = heart_rate * (1 - share({ rhythm: "atrial_fibrillation", heart_rate }));
      expect(deficit).toBeGreaterThan(5);
      expect(deficit).toBeLessThan(35);
    }
  });

  it("are none without a pulse", () => {
    expect(share({ flags: { pulseless: true } })).toBe(0);
    expect(share({ rhythm: "ventricular_fibrillation" })).toBe(0);
  });
});

describe("no pulse", () => {
  it.each(["ventricular_fibrillation", "ventricular_fibrillation_fine", "asystole"] as const)("in %s", (rhythm) => {
    expect(hasPulse(state({ rhythm }))).toBe(false);
    expect(amplitude({ rhythm })).toBe(0);
  });

  it.each(RHYTHMS)("in %s under the flag, and no wave", (rhythm) => {
    const last = state({ rhythm, flags: { pulseless: true } });
    expect(hasPulse(last)).toBe(false);
    expect(amplitude(last)).toBe(0);
    expect(steady(last).beatsBetween(T0, T0 + 10_000).some((beat) => beat.pulse)).toBe(false);
  });

  it("but its electrical beats go on", () => {
    const beats = steady({ flags: { pulseless: true } }).beatsBetween(T0, T0 + 60_000);
    expect(Math.abs(beats.length - 75)).toBeLessThanOrEqual(1);
  });

  it("at a rate of 0; a ramp towards it has one until it arrives", () => {
    expect(hasPulse(state({ heart_rate: 0 }))).toBe(false);
    const falling = state({
      heart_rate: 0,
      ramps: { heart_rate: { from: 60, started_at: new Date(T0).toISOString(), seconds: 30 } },
    });
    expect(hasPulse(falling, T0 + 10_000)).toBe(true);
    expect(hasPulse(falling, T0 + 30_000)).toBe(false);
  });

  it("else there is one", () => {
    for (const rhythm of RHYTHMS) {
      if (rhythm === "asystole" || rhythm.startsWith("ventricular_fibrillation")) continue;
      expect(hasPulse(state({ rhythm }))).toBe(true);
      expect(amplitude({ rhythm })).toBeGreaterThan(0.1);
    }
  });

  it("shows small waves under compressions", () => {
    const moved = amplitude({ rhythm: "asystole", flags: { cpr: true } });
    expect(moved).toBeGreaterThan(0.1);
    expect(moved).toBeLessThan(0.6);
  });

  it("ends with the last beat before it", () => {
    const waves = createWaves("one");
    waves.update(state(), T0 - 60_000);
    waves.update(state({ rhythm: "ventricular_fibrillation" }), T0);
    expect(range(samples(waves, "pleth", T0 - 2_000, 1_500))).toBeGreaterThan(0.5);
    expect(range(samples(waves, "pleth", T0 + 2_500, 5_000))).toBe(0);
  });

  it("and no wave either while the probe is off", () => {
    expect([...samples(steady({ flags: { spo2_off: true } }), "pleth", T0, 1_000)].every(Number.isNaN)).toBe(true);
  });
});
