import { describe, expect, it } from "vitest";
import { RHYTHMS } from "../../src/patient/signs";
import { createWaves, type WaveKind, type Waves } from "../../src/waves";
import { unit } from "../../src/waves/noise";
import type { LastValues } from "../../src/wire/types";
import { beatTimes, firstDifference, samples, SEED, state, steady, T0 } from "./support";

const KINDS: WaveKind[] = ["ecg", "pleth", "resp", "co2"];
/** ms between two frames: a phone, a desktop, a tab that was hidden. */
const CADENCES = [16.67, 33.3, 7.1, 211, 4_000, 30_000];

/** Draws as a lane does: each frame what is new since the last. */
function byFrames(waves: Waves, kind: WaveKind, from: number, ms: number, frame: number, step = 4): number[] {
  const out = new Float32Array(8_192);
  const drawn: number[] = [];
  for (let begin = from; begin < from + ms; begin += frame) {
    const count = waves.sample(kind, begin, Math.min(from + ms, begin + frame), step, out);
    drawn.push(...out.subarray(0, count));
  }
  return drawn;
}

const ramp = (from: number, at: number, seconds: number) => ({ from, started_at: new Date(at).toISOString(), seconds });

/** Seconds after T0, and what was pushed. */
const STORY: [number, LastValues][] = [
  [-60, state({ heart_rate: 72 })],
  [3.21, state({ heart_rate: 120, ramps: { heart_rate: ramp(72, T0 + 3_210, 8) } })],
  [5, state({ heart_rate: 120, systolic: 80, diastolic: 55, ramps: { heart_rate: ramp(72, T0 + 3_210, 8) } })],
  [14, state({ heart_rate: 190, rhythm: "ventricular_tachycardia", systolic: 70, diastolic: 50 })],
  [19.5, state({ heart_rate: 190, rhythm: "ventricular_fibrillation", respiratory_rate: 0, flags: { cpr: true } })],
  [26, state({ heart_rate: 50, rhythm: "av_block_2_wenckebach", respiratory_rate: 10 })],
];

function told(story: [number, LastValues][], seed = SEED): Waves {
  const waves = createWaves(seed);
  for (const [seconds, last] of story) waves.update(last, T0 + seconds * 1000);
  return waves;
}

describe("two screens", () => {
  it.each(KINDS)("that were told the same draw the same %s, however their frames fall", (kind) => {
    const [wanted, ...others] = CADENCES.map((frame) => byFrames(told(STORY), kind, T0, 36_000, frame));
    expect(wanted).toHaveLength(9_000);
    for (const other of others) expect(other).toEqual(wanted);
  });

  it("draw the same while the story is being told", () => {
    const out = new Float32Array(64);
    const live = createWaves(SEED);
    const drawn: number[] = [];
    const rest = [...STORY];
    for (let now = T0; now < T0 + 36_000; now += 16) {
      while (rest[0] !== undefined && T0 + rest[0][0] * 1000 <= now) {
        const [seconds, last] = rest.shift() as [number, LastValues];
        live.update(last, T0 + seconds * 1000);
      }
      drawn.push(...out.subarray(0, live.sample("ecg", now, now + 16, 4, out)));
    }
    // What was on the screen when the next push came is still right: pushes are at frame borders or a frame late.
    const after = samples(told(STORY), "ecg", T0, 36_000);
    const wrong = drawn.filter((value, at) => value !== after[at]).length;
    expect(wrong).toBeLessThanOrEqual(8);
  });

  it("in two sessions differ", () => {
    expect(firstDifference(samples(steady({}, "a"), "ecg", T0, 4_000), samples(steady({}, "b"), "ecg", T0, 4_000))).not.toBe(-1);
  });

  it("read any time, in any order, the same", () => {
    const waves = told(STORY);
    const first = samples(waves, "ecg", T0 + 20_000, 5_000);
    samples(waves, "pleth", T0 - 30_000, 5_000);
    samples(waves, "co2", T0 + 300_000, 5_000);
    expect(samples(waves, "ecg", T0 + 20_000, 5_000)).toEqual(first);
  });
});

describe("a late joiner", () => {
  it.each(RHYTHMS)("draws %s as everybody, when nothing has changed", (rhythm) => {
    const early = steady({ rhythm, heart_rate: 70 });
    samples(early, "ecg", T0 - 50_000, 45_000);
    const late = createWaves(SEED);
    late.update(state({ rhythm, heart_rate: 70 }), T0);
    for (const kind of KINDS)
      expect(firstDifference(samples(late, kind, T0, 20_000), samples(early, kind, T0, 20_000))).toBe(-1);
  });

  it("agrees exactly four beats and four breaths after the last change", () => {
    const present = state({ heart_rate: 110, respiratory_rate: 24, ramps: {} });
    for (let push = 0; push < 40; push++) {
      const at = T0 + push * 137;
      const early = told([[-60, state({ heart_rate: 64, respiratory_rate: 15 })]]);
      early.update(present, at);
      const late = createWaves(SEED);
      late.update(present, at + 5_000);
      expect(beatTimes(late, at + 3_500, 10_000)).toEqual(beatTimes(early, at + 3_500, 10_000));
      expect(firstDifference(samples(late, "ecg", at + 4_500, 10_000), samples(early, "ecg", at + 4_500, 10_000))).toBe(-1);
      expect(firstDifference(samples(late, "pleth", at + 6_000, 10_000), samples(early, "pleth", at + 6_000, 10_000))).toBe(-1);
      expect(firstDifference(samples(late, "co2", at + 16_000, 10_000), samples(early, "co2", at + 16_000, 10_000))).toBe(-1);
    }
  });

  it("agrees in the middle of a ramp, and after it whether or not the ramp is still told", () => {
    const at = T0 + 1_234;
    const moving = state({ heart_rate: 150, ramps: { heart_rate: ramp(66, at, 30) } });
    const early = told([[-60, state({ heart_rate: 66 })]]);
    early.update(moving, at);
    const middle = createWaves(SEED);
    middle.update(moving, at + 10_000);
    expect(firstDifference(samples(middle, "ecg", at + 10_000, 15_000), samples(early, "ecg", at + 10_000, 15_000))).toBe(-1);
    for (const known of [moving, state({ heart_rate: 150 })]) {
      const late = createWaves(SEED);
      late.update(known, at + 40_000);
      expect(firstDifference(samples(late, "ecg", at + 40_000, 10_000), samples(early, "ecg", at + 40_000, 10_000))).toBe(-1);
    }
  });

  it.each(["av_block_2_wenckebach", "av_block_2_mobitz", "pvc_bigeminy"] as const)(
    "agrees two groups after a change in %s",
    (rhythm) => {
      const early = told([[-60, state({ rhythm, heart_rate: 60 })]]);
      early.update(state({ rhythm, heart_rate: 80 }), T0);
      const late = createWaves(SEED);
      late.update(state({ rhythm, heart_rate: 80 }), T0 + 1_000);
      expect(firstDifference(samples(late, "ecg", T0 + 8_000, 10_000), samples(early, "ecg", T0 + 8_000, 10_000))).toBe(-1);
    },
  );
});

describe("a push", () => {
  it("leaves what is past as it was drawn", () => {
    const changes: Partial<LastValues>[] = [
      { heart_rate: 150 },
      { rhythm: "ventricular_fibrillation" },
      { rhythm: "asystole", respiratory_rate: 0 },
      { respiratory_rate: 40, etco2: 20 },
      { systolic: 50, diastolic: 30, flags: { cpr: true } },
      { flags: { ecg_off: true, spo2_off: true, co2_off: true } },
    ];
    for (const [number, change] of changes.entries()) {
      const at = T0 + 4_000 + number * 217;
      const waves = steady();
      const before = KINDS.map((kind) => samples(waves, kind, at - 8_000, 8_000));
      waves.update(state(change), at);
      expect(KINDS.map((kind) => samples(waves, kind, at - 8_000, 8_000))).toEqual(before);
    }
  });

  it("of the same state again changes nothing, and of another sign leaves the beats alone", () => {
    const waves = steady();
    const { version } = waves;
    waves.update(state(), T0);
    waves.update(state({ temperature: 39, spo2: 90 }), T0 + 1);
    expect(waves.version).toBe(version);
    const beats = beatTimes(waves, T0, 20_000);
    waves.update(state({ systolic: 90 }), T0 + 5_000);
    expect(beatTimes(waves, T0, 20_000)).toEqual(beats);
    expect(waves.changedSince(version)).toBe(T0 + 5_000);
    expect(waves.changedSince(waves.version)).toBe(Number.POSITIVE_INFINITY);
  });

  it("that was guessed is replaced by what the server says", () => {
    const guessed = steady();
    guessed.update(state({ heart_rate: 100 }), T0 + 80);
    guessed.update(state({ heart_rate: 120 }), T0 + 50);
    const right = steady();
    right.update(state({ heart_rate: 120 }), T0 + 50);
    expect(firstDifference(samples(guessed, "ecg", T0, 20_000), samples(right, "ecg", T0, 20_000))).toBe(-1);
  });
});

describe("any history", () => {
  const pick = <T>(among: readonly T[], seed: number): T => among[Math.floor(unit(0x5eed, seed) * among.length)] as T;

  function history(number: number): [number, LastValues][] {
    const pushes: [number, LastValues][] = [];
    let at = T0;
    for (let push = 0; push < 12; push++) {
      const dice = number * 100 + push * 7;
      at += 40 + Math.floor(unit(7, dice) * 4_000);
      const heart = ramp(pick([0, 40, 90, 200], dice), at, pick([1, 5, 20], dice + 1));
      const ramps: LastValues["ramps"] = unit(8, dice) < 0.4 ? { heart_rate: heart } : {};
      const flags: LastValues["flags"] = unit(9, dice) < 0.2 ? { cpr: true } : {};
      const heart_rate = pick([0, 20, 38, 60, 75, 110, 150, 220, 300], dice + 2);
      const respiratory_rate = pick([0, 6, 16, 30, 80], dice + 3);
      const rhythm = push > 0 && unit(10, dice) < 0.6 ? (pushes.at(-1)?.[1].rhythm ?? "sinus") : pick(RHYTHMS, dice + 4);
      pushes.push([at, state({ heart_rate, respiratory_rate, rhythm, flags, ramps })]);
    }
    return pushes;
  }

  const all = (waves: Waves, kind: WaveKind, end: number) => samples(waves, kind, T0 - 5_000, end - T0 + 30_000);

  it("gives two clients the same, and the late one too, when the echo has gone", () => {
    for (let number = 0; number < 25; number++) {
      const pushes = history(number);
      const [one, other, late] = [createWaves(SEED), createWaves(SEED), createWaves(SEED)];
      for (const [at, last] of pushes) {
        one.update(last, at);
        other.update(last, at);
        // One draws as it goes, the other does not.
        for (const kind of KINDS) samples(one, kind, at - 3_000, 3_500);
      }
      const [end, present] = pushes.at(-1) as [number, LastValues];
      for (const kind of KINDS)
        expect(firstDifference(all(one, kind, end), all(other, kind, end))).toBe(-1);
      late.update(present, end + 10_000);
      // The slowest: Wenckebach at 20/min, two groups of 9 s, and a breath of 10 s.
      const settled = end + 75_000;
      for (const kind of KINDS)
        expect(firstDifference(samples(late, kind, settled, 10_000), samples(one, kind, settled, 10_000))).toBe(-1);
    }
  });
});
