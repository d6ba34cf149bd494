import { describe, expect, it } from "vitest";
import type { Waves } from "../../src/waves";
import type { Rhythm } from "../../src/wire/types";
import { beatTimes, deviation, intervals, likeness, mean, peaks, range, samples, steady, T0 } from "./support";

/** P waves: local peaks of 0.08-0.3 mV that are no T (left out: what is within 200-420 ms behind an R, or a QRS). */
function pBefore(waves: Waves, beat: number, from: number, to: number): { time: number; value: number } | undefined {
  const curve = samples(waves, "ecg", beat - from, from - to);
  return peaks(curve, beat - from, 0.09)
    .filter((peak) => peak.value < 0.32)
    .sort((a, b) => b.value - a.value)[0];
}

function ecg(rhythm: Rhythm, heart_rate: number, ms = 20_000): Float32Array {
  return samples(steady({ rhythm, heart_rate }), "ecg", T0, ms);
}

/** ms that the complex at `beat` stays above half its height. */
function width(waves: Waves, beat: number): number {
  const curve = samples(waves, "ecg", beat - 120, 240, 1).map(Math.abs);
  const half = (curve[120] as number) / 2;
  return curve.filter((value, at) => value > half && Math.abs(at - 120) < 80).length;
}

/** mV^2 of the waves of one frequency. */
function power(curve: Float32Array, hertz: number, step = 4): number {
  let sine = 0;
  let cosine = 0;
  curve.forEach((value, at) => {
    sine += value * Math.sin((2 * Math.PI * hertz * at * step) / 1000);
    cosine += value * Math.cos((2 * Math.PI * hertz * at * step) / 1000);
  });
  return (sine * sine + cosine * cosine) / curve.length ** 2;
}

const band = (curve: Float32Array, low: number, high: number): number => {
  let sum = 0;
  for (let hertz = low; hertz < high; hertz += 0.05) sum += power(curve, hertz);
  return sum;
};

describe("sinus", () => {
  it("has a P 155 ms before the R, a T behind it, and the heights of the facts", () => {
    const waves = steady({ heart_rate: 60 });
    for (const beat of beatTimes(waves, T0, 10_000)) {
      const p = pBefore(waves, beat, 260, 60);
      expect(beat - (p?.time ?? 0)).toBeGreaterThan(140);
      expect(beat - (p?.time ?? 0)).toBeLessThan(170);
      const r = samples(waves, "ecg", beat - 8, 16, 1);
      expect(Math.max(...r)).toBeGreaterThan(1);
      expect(Math.max(...r)).toBeLessThan(1.2);
      const t = peaks(samples(waves, "ecg", beat + 150, 300), beat + 150, 0.2);
      expect((t[0]?.time ?? 0) - beat).toBeGreaterThan(270);
      expect((t[0]?.time ?? 0) - beat).toBeLessThan(330);
    }
  });

  it("draws PR and QT shorter as the rate rises", () => {
    const times = [50, 80, 110].map((heart_rate) => {
      const waves = steady({ heart_rate });
      const beat = beatTimes(waves, T0, 3_000)[0] as number;
      const t = peaks(samples(waves, "ecg", beat + 100, 320), beat + 100, 0.2)[0]?.time ?? 0;
      return { pr: beat - (pBefore(waves, beat, 220, 50)?.time ?? 0), qt: t - beat };
    });
    expect(times[0]?.pr).toBeGreaterThan(times[1]?.pr ?? 0);
    expect(times[1]?.pr).toBeGreaterThan(times[2]?.pr ?? 0);
    expect(times[0]?.qt).toBeGreaterThan(times[1]?.qt ?? 0);
    expect(times[1]?.qt).toBeGreaterThan(times[2]?.qt ?? 0);
  });
});

describe("widths", () => {
  const cases: [Rhythm, number, "narrow" | "wide"][] = [
    ["sinus", 75, "narrow"],
    ["svt", 190, "narrow"],
    ["junctional", 50, "narrow"],
    ["atrial_fibrillation", 90, "narrow"],
    ["ventricular_tachycardia", 170, "wide"],
    ["idioventricular", 32, "wide"],
    ["av_block_3", 38, "wide"],
    ["paced", 70, "wide"],
  ];
  it.each(cases)("%s at %i/min is %s", (rhythm, heart_rate, wanted) => {
    const waves = steady({ rhythm, heart_rate });
    const wide = mean(beatTimes(waves, T0, 20_000).map((beat) => width(waves, beat)));
    if (wanted === "narrow") expect(wide).toBeLessThan(40);
    else expect(wide).toBeGreaterThan(50);
  });
});

describe("atrial waves", () => {
  it("are none before the beats of SVT, VT and an escape", () => {
    for (const [rhythm, heart_rate] of [
      ["svt", 150],
      ["idioventricular", 35],
    ] as const) {
      const waves = steady({ rhythm, heart_rate });
      for (const beat of beatTimes(waves, T0, 10_000)) {
        const before = samples(waves, "ecg", beat - 130, 50);
        expect(range(before)).toBeLessThan(0.07);
      }
    }
  });

  it("are upside down in junctional rhythm", () => {
    const waves = steady({ rhythm: "junctional", heart_rate: 50 });
    for (const beat of beatTimes(waves, T0, 10_000))
      expect(Math.min(...samples(waves, "ecg", beat - 130, 60))).toBeLessThan(-0.08);
  });

  it("come 280 ms and more before the QRS in first degree block", () => {
    const waves = steady({ rhythm: "av_block_1", heart_rate: 75 });
    // P peak is 45 ms behind its onset, R 40 ms behind that of the QRS: PR is the distance of the peaks and 5.
    for (const beat of beatTimes(waves, T0, 10_000))
      expect(beat - (pBefore(waves, beat, 360, 150)?.time ?? beat) + 5).toBeGreaterThanOrEqual(280);
  });

  it.each([50, 60, 75, 90, 100, 120])("run 250-350 a minute in flutter at %i/min", (heart_rate) => {
    const waves = steady({ rhythm: "atrial_flutter", heart_rate });
    const beats = beatTimes(waves, T0 - 1_000, 62_000);
    // The tops of the saw, where no QRS is.
    const tops = peaks(samples(waves, "ecg", T0, 60_000), T0, 0.03)
      .map((top) => top.time)
      .filter((time) => beats.every((beat) => Math.abs(time - beat) > 70));
    const gaps = intervals(tops).filter((gap) => gap > 120 && gap < 330);
    expect(gaps.length).toBeGreaterThan(60);
    const rate = 60_000 / (gaps.sort((a, b) => a - b)[gaps.length >> 1] as number);
    expect(rate).toBeGreaterThanOrEqual(250);
    expect(rate).toBeLessThanOrEqual(350);
  });

  it("flutter conducts 4:1, 3:1 and 2:1 evenly where the rate allows it, else in whole waves", () => {
    for (const heart_rate of [75, 100, 150]) {
      const gaps = intervals(beatTimes(steady({ rhythm: "atrial_flutter", heart_rate }), T0, 30_000));
      expect(deviation(gaps)).toBeLessThan(1);
    }
    for (const gap of intervals(beatTimes(steady({ rhythm: "atrial_flutter", heart_rate: 120 }), T0, 30_000))) {
      const waves = gap / 200;
      expect(Math.abs(waves - Math.round(waves))).toBeLessThan(0.01);
    }
  });

  it("fibrillate at 5-9 Hz", () => {
    const waves = steady({ rhythm: "atrial_fibrillation", heart_rate: 40 });
    // Between beats, well behind the T.
    const quiet = beatTimes(waves, T0, 60_000).map((beat) => samples(waves, "ecg", beat + 550, 400));
    const hertz = quiet.map((curve) => crossings(curve) / 2 / 0.4);
    expect(mean(hertz)).toBeGreaterThan(4.5);
    expect(mean(hertz)).toBeLessThan(9.5);
    expect(mean(quiet.map(range))).toBeGreaterThan(0.08);
  });
});

describe("blocks", () => {
  it("Wenckebach: PR grows, then a P stays alone", () => {
    const waves = steady({ rhythm: "av_block_2_wenckebach", heart_rate: 60 });
    const beats = beatTimes(waves, T0, 60_000);
    const gaps = intervals(beats);
    const pause = Math.max(...gaps);
    const first = gaps.map((gap, at) => (gap > 0.95 * pause ? at + 1 : -1)).filter((at) => at > 0 && at + 3 < beats.length);
    expect(first.length).toBeGreaterThan(15);
    for (const at of first) {
      const group = beats.slice(at, at + 3);
      const pr = group.map((beat) => beat - (pBefore(waves, beat, 380, 120)?.time ?? beat));
      expect((pr[1] ?? 0) - (pr[0] ?? 0)).toBeGreaterThan(40);
      expect((pr[2] ?? 0) - (pr[1] ?? 0)).toBeGreaterThan(25);
      // Behind the third a P, 750 ms after the third's own, and no R until the pause is over.
      const own = (group[2] as number) - (pr[2] ?? 0);
      const alone = peaks(samples(waves, "ecg", own + 700, 100), own + 700, 0.1);
      expect(alone[0]?.time ?? 0).toBeGreaterThan(own + 730);
      expect(alone[0]?.time ?? 0).toBeLessThan(own + 770);
      expect((beats[at + 3] as number) - (group[2] as number)).toBeGreaterThan(1_100);
    }
  });

  it("Mobitz: PR is constant, every fourth P stays alone", () => {
    const waves = steady({ rhythm: "av_block_2_mobitz", heart_rate: 60 });
    const beats = beatTimes(waves, T0, 60_000);
    const pr = beats.map((beat) => beat - (pBefore(waves, beat, 260, 100)?.time ?? beat));
    expect(mean(pr)).toBeGreaterThan(150);
    expect(Math.max(...pr) - Math.min(...pr)).toBeLessThanOrEqual(12);
    const gaps = intervals(beats);
    const dropped = gaps.filter((gap) => gap > 1_400);
    expect(dropped.length).toBeGreaterThan(18);
    for (const gap of dropped) expect(gap).toBeCloseTo(1_500, -1);
    for (const gap of gaps.filter((one) => one <= 1_400)) expect(gap).toBeCloseTo(750, -1);
    for (const [at, gap] of gaps.entries()) {
      if (gap < 1_400) continue;
      const place = (beats[at] as number) + 750 - mean(pr);
      expect(peaks(samples(waves, "ecg", place - 30, 60), place - 30, 0.1)).toHaveLength(1);
    }
  });

  it("third degree: P at 80-100/min, regular, at every distance from the QRS", () => {
    const waves = steady({ rhythm: "av_block_3", heart_rate: 36 });
    const beats = beatTimes(waves, T0, 120_000);
    const curve = samples(waves, "ecg", T0, 120_000);
    const found = peaks(curve, T0, 0.1)
      .filter((peak) => peak.value < 0.3)
      // Nothing else is that small where no QRS and no T is.
      .filter((peak) => beats.every((beat) => peak.time < beat - 150 || peak.time > beat + 560))
      .map((peak) => peak.time)
      .filter((time, at, all) => at === 0 || time - (all[at - 1] as number) > 300);
    const gap = Math.min(...intervals(found));
    expect(60_000 / gap).toBeGreaterThan(80);
    expect(60_000 / gap).toBeLessThan(100);
    for (const one of intervals(found)) expect(Math.abs(one / gap - Math.round(one / gap))).toBeLessThan(0.1);
    const before = found.map((time) => (beats.find((beat) => beat > time) ?? time) - time).filter((ms) => ms > 0);
    expect(deviation(before)).toBeGreaterThan(150);
  });
});

describe("ventricular rhythms and none", () => {
  it("bigeminy: a wide beat early, then a compensatory pause", () => {
    const waves = steady({ rhythm: "pvc_bigeminy", heart_rate: 75 });
    const beats = beatTimes(waves, T0, 20_000);
    const early = beats.filter((beat) => width(waves, beat) > 45);
    const normal = beats.filter((beat) => width(waves, beat) < 40);
    expect(Math.abs(early.length - normal.length)).toBeLessThanOrEqual(1);
    for (const beat of early.slice(1, -1)) {
      const before = Math.max(...normal.filter((one) => one < beat));
      const after = Math.min(...normal.filter((one) => one > beat));
      expect(beat - before).toBeLessThan(0.7 * 800);
      expect(after - beat).toBeGreaterThan(1.2 * 800);
    }
  });

  it.each([50, 60, 80, 100, 120, 150])("bigeminy at %i/min: the early beat is early, 0.45-0.71 of the interval", (heart_rate) => {
    const gaps = intervals(beatTimes(steady({ rhythm: "pvc_bigeminy", heart_rate }), T0, 60_000));
    const short = gaps.filter((gap) => gap < 60_000 / heart_rate);
    expect(Math.abs(short.length - gaps.length / 2)).toBeLessThanOrEqual(1);
    for (const gap of short) {
      expect(gap / (60_000 / heart_rate)).toBeGreaterThan(0.45);
      expect(gap / (60_000 / heart_rate)).toBeLessThan(0.72);
    }
  });

  it("torsades twists: its waves shrink and turn over every 5 to 20 beats", () => {
    const waves = steady({ rhythm: "torsades", heart_rate: 220 });
    const heights = beatTimes(waves, T0, 30_000).map((beat) => heightAt(waves, beat));
    let turns = 0;
    for (let at = 1; at < heights.length; at++)
      if (Math.sign(heights[at] as number) !== Math.sign(heights[at - 1] as number)) turns++;
    expect(110 / turns).toBeGreaterThan(5);
    expect(110 / turns).toBeLessThan(20);
    expect(Math.max(...heights)).toBeGreaterThan(0.8);
    expect(Math.min(...heights)).toBeLessThan(-0.8);
  });

  it("fibrillation has no QRS and no rhythm: 4-6 Hz, unlike itself a second later", () => {
    for (const rhythm of ["ventricular_fibrillation", "ventricular_fibrillation_fine"] as const) {
      const waves = steady({ rhythm });
      expect(waves.beatsBetween(T0, T0 + 60_000)).toEqual([]);
      const curve = samples(waves, "ecg", T0, 30_000);
      expect(band(curve, 3.5, 7)).toBeGreaterThan(3 * band(curve, 8, 20));
      for (let lag = 75; lag < 500; lag += 5) expect(likeness(curve, lag)).toBeLessThan(0.6);
    }
    expect(range(ecg("ventricular_fibrillation", 75))).toBeGreaterThan(1);
    expect(range(ecg("ventricular_fibrillation_fine", 75))).toBeLessThan(0.35);
    expect(range(ecg("ventricular_fibrillation_fine", 75))).toBeGreaterThan(0.12);
  });

  it("asystole is flat, but not a ruler's line", () => {
    const waves = steady({ rhythm: "asystole" });
    expect(waves.beatsBetween(T0, T0 + 60_000)).toEqual([]);
    const curve = samples(waves, "ecg", T0, 60_000);
    expect(range(curve)).toBeLessThan(0.2);
    expect(range(curve)).toBeGreaterThan(0.02);
  });

  it("infarction: the ST stands 0.2 mV and more above the line before the P", () => {
    const waves = steady({ rhythm: "stemi", heart_rate: 75 });
    const sinus = steady({ heart_rate: 75 });
    const elevation = (from: Waves, beat: number) =>
      mean([...samples(from, "ecg", beat + 80, 20)]) - mean([...samples(from, "ecg", beat - 330, 60)]);
    for (const beat of beatTimes(waves, T0, 10_000)) expect(elevation(waves, beat)).toBeGreaterThan(0.2);
    for (const beat of beatTimes(sinus, T0, 10_000)) expect(Math.abs(elevation(sinus, beat))).toBeLessThan(0.06);
  });

  it("paced: a spike stands 60-90 ms before each complex, and is none of the curve's", () => {
    const waves = steady({ rhythm: "paced", heart_rate: 70 });
    const spikes = spikesIn(waves, T0, 60_000);
    expect(Math.abs(spikes.length - 70)).toBeLessThanOrEqual(1);
    for (const spike of spikes) {
      const beat = beatTimes(waves, spike, 200)[0] ?? 0;
      expect(beat - spike).toBeGreaterThan(60);
      expect(beat - spike).toBeLessThan(90);
      expect(Math.max(...samples(waves, "ecg", spike - 4, 30, 1))).toBeLessThan(0.1);
    }
  });

  it("paced: the spikes of two halves are those of the whole, and others have none", () => {
    const waves = steady({ rhythm: "paced", heart_rate: 70 });
    for (let cut = T0 + 1_000; cut < T0 + 3_000; cut += 37)
      expect([...spikesIn(waves, T0, cut - T0), ...spikesIn(waves, cut, T0 + 5_000 - cut)]).toEqual(spikesIn(waves, T0, 5_000));
    expect(spikesIn(steady({}), T0, 10_000)).toEqual([]);
    expect(spikesIn(steady({ rhythm: "paced", flags: { ecg_off: true } }), T0, 10_000)).toEqual([]);
  });

  it("compressions: 100-120 a minute, as large as a QRS", () => {
    const curve = samples(steady({ rhythm: "asystole", flags: { cpr: true } }), "ecg", T0, 60_000);
    expect(range(curve)).toBeGreaterThan(1);
    const inside = band(curve, 100 / 60, 120 / 60);
    expect(inside).toBeGreaterThan(3 * band(curve, 0.4, 1.4));
  });

  it("no electrodes, no curve", () => {
    expect([...samples(steady({ flags: { ecg_off: true } }), "ecg", T0, 1_000)].every(Number.isNaN)).toBe(true);
  });
});

function spikesIn(waves: Waves, from: number, ms: number): number[] {
  const out = new Float64Array(200);
  return [...out.subarray(0, waves.spikes(from, from + ms, out))];
}

function heightAt(waves: Waves, time: number): number {
  return samples(waves, "ecg", Math.round(time), 1, 1)[0] as number;
}

/** How often a curve, smoothed over 20 ms, passes its own mean. */
function crossings(curve: Float32Array): number {
  const smooth = [...curve.subarray(4)].map((_, at) => mean([...curve.subarray(at, at + 5)]));
  const middle = mean(smooth);
  return smooth.filter((value, at) => at > 0 && value > middle !== (smooth[at - 1] as number) > middle).length;
}
