import { ERA } from "./law";
import { sine, wander } from "./noise";
import { FLUTTER_RATE, flutterOf } from "./rhythms";
import type { Scene } from "./scene";

/** What lies under the beats, in mV: pure functions of the seed and the server's time, so they need no past. */

/** A scene's ground goes over into the next one's in so many ms; a step would look like an artefact. */
const FADE = 300;

/**
 * The ground and the compressions at `time`; `before` is the scene ahead of `scene`.
 */
export function groundAt(seed: number, scene: Scene, before: Scene | undefined, time: number): number {
  const here = under(seed, scene, time);
  const part = (time - scene.start) / FADE;
  if (before === undefined || part >= 1 || alike(before, scene)) return here + drift(seed, time);
  const there = under(seed, before, time);
  return there + (here - there) * Math.max(0, part) + drift(seed, time);
}

function alike(a: Scene, b: Scene): boolean {
  return a.form.ground === b.form.ground && a.cpr === b.cpr && a.score === b.score;
}

/** Compressions move the electrodes, and what comes from the heart is smaller between them; both stay within 2.2 mV. */
function under(seed: number, scene: Scene, time: number): number {
  const own = ofForm(seed, scene, time);
  return scene.cpr ? 0.85 * own + 0.72 * compression(seed, time) : own;
}

function ofForm(seed: number, scene: Scene, time: number): number {
  switch (scene.form.ground) {
    case "fibrillating":
      return atrial(seed, time);
    case "flutter":
      return flutter(scene, time);
    case "twisting":
      return twisting(seed, scene, time);
    case "coarse":
      return 1.1 * ventricular(seed, time);
    case "fine":
      return 0.1 * ventricular(seed ^ 0x3c6ef372, time);
    case "flat":
      // Asystole is never a ruler's line: slow, small, without a rhythm.
      return 0.05 * wander(seed ^ 0x1f83d9ab, (time - ERA) / 1100) + 0.02 * wander(seed ^ 0x5be0cd19, (time - ERA) / 370);
    case "quiet":
      return 0;
  }
}

/** Breathing and muscle: some hundredths of a mV, on every ECG. */
function drift(seed: number, time: number): number {
  const ms = time - ERA;
  return 0.02 * wander(seed ^ 0x6a09e667, ms / 1500) + 0.008 * wander(seed ^ 0x510e527f, ms / 12);
}

/** f-waves, 5-9 Hz (facts); their height swells and falls. */
function atrial(seed: number, time: number): number {
  const s = (time - ERA) / 1000;
  const height = 0.048 + 0.02 * wander(seed ^ 0x243f6a88, s * 0.8);
  const bend = 0.7 * wander(seed ^ 0x299f31d0, s * 1.9);
  return height * (sine(5.3 * s + bend) + 0.7 * sine(6.7 * s - bend) + 0.4 * sine(8.8 * s + 0.3));
}

/**
 * The saw of lead II: slowly down, quickly up; four overtones, each damped so that the edge does not ring.
 * Steady conduction counts F waves from the beats, so each beat meets its wave at the same place.
 */
function flutter(scene: Scene, time: number): number {
  const { ratio } = flutterOf(scene.heartRate);
  const turns =
    ratio === null || scene.score === null
      ? ((time - ERA) * FLUTTER_RATE) / 60_000
      : scene.score.turnsAt(time) * ratio;
  // A fifth of a wave: the quick stroke stands clear of the QRS.
  const x = turns - 0.2;
  return 0.15 * (sine(x) + 0.43 * sine(2 * x) + 0.2 * sine(3 * x) + 0.07 * sine(4 * x));
}

/** Torsades: wide waves whose height runs through zero and out on the other side every 8 to 9 beats (facts: 5-20). */
function twisting(seed: number, scene: Scene, time: number): number {
  if (scene.score === null || !scene.form.beats || scene.score.law.still) return 0;
  const turns = scene.score.turnsAt(time);
  const axis = sine(turns / 17 + 0.05 * wander(seed ^ 0x0801f2e2, turns / 6));
  const uneven = 1 + 0.22 * wander(seed ^ 0x858efc16, turns / 1.3);
  const height = 0.95 * uneven * (axis + 0.12 * wander(seed ^ 0x636920d8, turns / 3));
  // The peak lies on the whole turn, where the plan has the beat.
  return height * (sine(turns + 0.25) + 0.28 * sine(2 * turns + 0.12));
}

/** 4-6 Hz noise under a slow envelope (facts); a little of 2.6 Hz, or it would be too even to be fibrillation. */
function ventricular(seed: number, time: number): number {
  const s = (time - ERA) / 1000;
  const envelope = 0.72 + 0.38 * wander(seed ^ 0x71574e69, s * 0.55);
  const bend = 0.9 * wander(seed ^ 0xa458fea3, s * 1.3);
  const other = 0.9 * wander(seed ^ 0xf4933d7e, s * 1.7);
  return (
    envelope *
    (0.62 * sine(4.2 * s + bend) + 0.5 * sine(5.1 * s - other) + 0.34 * sine(6.0 * s + other) + 0.22 * sine(2.6 * s - bend))
  );
}

/** Compressions per minute: the middle of 100-120 (facts). */
const COMPRESSIONS = 110;

/**
 * Chest compressions, about -1 to 1: as large as a QRS, round, each somewhat different, never quite even.
 */
export function compression(seed: number, time: number): number {
  const count = ((time - ERA) * COMPRESSIONS) / 60_000;
  const turns = count + 0.06 * wander(seed ^ 0x0d95748f, count / 2);
  const height = 1 + 0.33 * wander(seed ^ 0x728eb658, count / 1.5);
  return 0.75 * height * (sine(turns) + 0.34 * sine(2 * turns + 0.18) + 0.15 * sine(3 * turns + 0.4));
}
