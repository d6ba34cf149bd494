import type { LastValues } from "../wire/types";
import { breathPlan, drawCo2, drawResp, endTidalAt, lastBreathAt } from "./breath";
import { SPIKE_AHEAD } from "./complexes";
import { drawEcg } from "./ecg";
import { seedOf, unit } from "./noise";
import { drawPleth, strength } from "./pleth";
import { lonePlanOf, planOf } from "./rhythms";
import { valueOn } from "./line";
import { pulseIn, type Scene, sameScene, sceneOf, Timeline } from "./scene";
import type { Plan } from "./score";
import { Stream } from "./stream";

export type WaveKind = "ecg" | "pleth" | "resp" | "co2";

export interface Beat {
  /** The R peak, milliseconds of the server's clock. */
  time: number;
  /** Whether it moves blood. */
  pulse: boolean;
}

/** What a lane draws from. */
export interface WaveSource {
  /**
   * Samples at every whole multiple of `step` ms in [from, to): mV, 0..1, 0..1, mmHg. NaN: no sensor. Gives
   * their number, which `out`'s length bounds; the first is at firstSample(from, step). Makes no objects.
   */
  sample(kind: WaveKind, from: number, to: number, step: number, out: Float32Array): number;
  /** Grows with every change of what `sample` says. */
  readonly version: number;
  /** Writes the times of the pacemaker's spikes in [from, to), as many as there is room for; gives their number. */
  spikes(from: number, to: number, out: Float64Array): number;
  /** From which time on the curve is another than at `version`; infinite when it is not. */
  changedSince(version: number): number;
}

export interface Waves extends WaveSource {
  /**
   * From `at` (ms of the server's clock, the push's `at`) on, `last` holds. Call it with every state that
   * arrives; the same state again changes nothing. An `at` before an earlier one replaces that.
   */
  update(last: LastValues, at: number): void;
  /** The beats whose R lies in [from, to), also while the electrodes are off. */
  beatsBetween(from: number, to: number): readonly Beat[];
  /** The end-tidal CO2 that a monitor makes of the curve up to `now`, mmHg. */
  endTidalAt(now: number): number;
  /** When the last breath up to `now` began, and how many a minute there were then. */
  lastBreathAt(now: number): { time: number; rate: number };
  /** Which part of the last beats up to `now`, and since `from`, sent a wave to the finger that can be counted: 0 to 1. */
  pulsesPerBeatAt(now: number, from?: number): number;
}

/** On the shared grid: however the frames fall, two screens compute the same points. */
export function firstSample(from: number, step: number): number {
  return Math.ceil(from / step) * step;
}

/** How far back a lane can be redrawn, ms: the longest lane twice. What was pushed before that is forgotten. */
const REMEMBERED = 40_000;
/** One piece of work; bounds what the streams have to hold at once. */
const PIECE = 10_000;
const NO_BEATS: readonly Beat[] = Object.freeze([]);

/**
 * All waves of one session, as pure functions of its id, its states and the server's time.
 *
 * Exact, to the last bit in one browser (and to about 1e-12 between two kinds, whose exp and sin may differ):
 * two instances that were told the same states at the same `at`, however they are sampled. A late joiner,
 * who knows the present state only: everything from about four beats after the last change of rate or
 * rhythm on (two groups in Wenckebach, Mobitz and bigeminy; four breaths), during a ramp as well as after
 * it. Until then its rate is right and its beats are up to half an interval away.
 */
export function createWaves(sessionId: string): Waves {
  const seed = seedOf(sessionId);
  const scenes = new Timeline();
  const beats = new Stream(unit(seed, 1));
  // The same count as the beats': a dropped beat's P keeps its place in the group.
  const lone = new Stream(unit(seed, 1));
  const breaths = new Stream(unit(seed, 2));
  const breathing = breathPlan(seed ^ 0x452821e6);
  let version = 0;
  const changes: { version: number; from: number }[] = [];

  function update(last: LastValues, at: number): void {
    const scene = sceneOf(last, at);
    const present = scenes.newest === undefined ? undefined : scenes.sceneAt(at);
    if (present !== undefined && sameScene(present, scene) && !scenes.hasPushAfter(at)) return;
    scenes.cutFrom(at);
    enter(scene, at);
    if (scene.heartRate.end > at) foresee(scene, last);
    for (const each of [scenes, beats, lone, breaths]) each.forgetBefore(at - REMEMBERED);
    version++;
    changes.push({ version, from: present === undefined ? Number.NEGATIVE_INFINITY : at });
    if (changes.length > 8) changes.shift();
  }

  /**
   * Flutter conducts otherwise when its rate stands still again, and a heart that has come to its last beat moves no
   * more blood. Known now, so everybody switches then.
   */
  function foresee(scene: Scene, last: LastValues): void {
    const settled = sceneOf(last, scene.heartRate.end);
    const isSame = beatPlan(settled).name === beatPlan(scene).name && settled.co2Ceiling === scene.co2Ceiling;
    if (isSame) return;
    settled.foreseen = true;
    enter(settled, settled.start);
  }

  function beatPlan(scene: Scene): Plan {
    return planOf(scene.rhythm, scene.heartRate, seed);
  }

  function enter(scene: Scene, at: number): void {
    beats.follow(beatPlan(scene), scene.form.beats ? scene.heartRate : NOTHING, at);
    const alone = lonePlanOf(scene.rhythm, scene.heartRate);
    lone.follow(alone.plan, alone.line, at);
    breaths.follow(breathing, scene.respiratoryRate, at);
    scene.score = beats.scoreAt(at);
    scenes.add(scene);
  }

  function changedSince(seen: number): number {
    if (seen >= version) return Number.POSITIVE_INFINITY;
    if (seen + 1 < (changes[0]?.version ?? 0)) return Number.NEGATIVE_INFINITY;
    return changes.reduce((from, one) => (one.version > seen ? Math.min(from, one.from) : from), Number.POSITIVE_INFINITY);
  }

  function sample(kind: WaveKind, from: number, to: number, step: number, out: Float32Array): number {
    const first = firstSample(from, step);
    const count = Math.min(out.length, Math.max(0, Math.ceil((to - first) / step)));
    if (scenes.newest === undefined) {
      out.fill(Number.NaN, 0, count);
      return count;
    }
    const most = Math.max(1, Math.floor(PIECE / step));
    for (let done = 0; done < count; done += most) {
      const begin = first + done * step;
      const some = Math.min(most, count - done);
      if (kind === "ecg") drawEcg(seed, scenes, beats, lone, begin, step, out, done, some);
      else if (kind === "pleth") drawPleth(seed, scenes, beats, begin, step, out, done, some);
      else if (kind === "resp") drawResp(seed, scenes, breaths, begin, step, out, done, some);
      else drawCo2(seed, scenes, breaths, begin, step, out, done, some);
    }
    return count;
  }

  function beatsBetween(from: number, to: number): readonly Beat[] {
    if (scenes.newest === undefined) return NO_BEATS;
    let found: Beat[] | null = null;
    for (let begin = from; begin < to; begin += PIECE) {
      const end = Math.min(to, begin + PIECE);
      beats.cover(begin - 500, end);
      for (let at = beats.find(begin); ; at++) {
        const beat = beats.at(at);
        if (beat === undefined || beat.time >= end) break;
        found ??= [];
        found.push({ time: beat.time, pulse: pulseIn(scenes.sceneAt(beat.time), beat.time) });
      }
    }
    return found ?? NO_BEATS;
  }

  function spikes(from: number, to: number, out: Float64Array): number {
    if (scenes.newest === undefined || !scenes.hasPacing(from, to)) return 0;
    let count = 0;
    beats.cover(from - 500, to + SPIKE_AHEAD);
    for (let at = beats.find(from + SPIKE_AHEAD); count < out.length; at++) {
      const beat = beats.at(at);
      if (beat === undefined || beat.time - SPIKE_AHEAD >= to) break;
      const scene = scenes.sceneAt(beat.time - beat.score.plan.lead);
      if (scene.form.spiked && !scenes.sceneAt(beat.time - SPIKE_AHEAD).ecgOff) out[count++] = beat.time - SPIKE_AHEAD;
    }
    return count;
  }

  function breathBefore(now: number): { time: number; rate: number } {
    if (scenes.newest === undefined) return NO_BREATH;
    const time = lastBreathAt(breaths, now);
    if (time === Number.NEGATIVE_INFINITY) return NO_BREATH;
    return { time, rate: valueOn(scenes.sceneAt(time).respiratoryRate, time) };
  }

  /**
   * A wave counts that is higher than 30 % of the middle one of the last eight (facts). The share is that of the pulses'
   * own intervals: every other beat is a half, however many beats were looked at.
   */
  function pulsesPerBeatAt(now: number, from: number = Number.NEGATIVE_INFINITY): number {
    if (scenes.newest === undefined) return 0;
    beats.cover(now - COUNTED_IN, now);
    const newest = beats.find(now) - 1;
    const heights: number[] = [];
    for (let at = newest; at > newest - COUNTED; at--) {
      const beat = beats.at(at);
      if (beat === undefined || beat.time < Math.max(from, now - COUNTED_IN)) break;
      heights.push(strength(seed, scenes, beat));
    }
    const last = heights.slice(0, 8).sort((a, b) => a - b);
    const least = 0.3 * (last[last.length >> 1] ?? 0);
    const counted = heights.flatMap((height, at) => (height > 0 && height >= least ? [at] : []));
    const apart = (counted.at(-1) ?? 0) - (counted[0] ?? 0);
    return apart > 0 ? (counted.length - 1) / apart : counted.length;
  }

  return {
    update,
    sample,
    spikes,
    beatsBetween,
    endTidalAt: (now) => (scenes.newest === undefined ? 0 : endTidalAt(seed, scenes, breaths, now)),
    lastBreathAt: breathBefore,
    pulsesPerBeatAt,
    changedSince,
    get version() {
      return version;
    },
  };
}

/** Beats that a pulse is counted on, and how far back they are looked for, ms. */
const COUNTED = 12;
const COUNTED_IN = 12_000;
const NO_BREATH = { time: Number.NEGATIVE_INFINITY, rate: 0 };
const NOTHING = { from: 0, to: 0, start: Number.NEGATIVE_INFINITY, end: Number.NEGATIVE_INFINITY };
