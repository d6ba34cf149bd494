import { isOn } from "../patient/circulation";
import type { LastValues, Rhythm } from "../wire/types";
import { type Line, lineOf, sameLine, valueOn } from "./line";
import { type Form, formOf } from "./rhythms";
import type { Score } from "./score";

/** What the waves need to know of one push, read once: no text is parsed and no object made per sample. */
export interface Scene {
  start: number;
  rhythm: Rhythm;
  form: Form;
  heartRate: Line;
  respiratoryRate: Line;
  systolic: Line;
  diastolic: Line;
  /** What would be in the lungs' last air; `co2Ceiling` may hold it down. */
  etco2: Line;
  /** mmHg; without a circulation of its own the blood brings little more to the lungs. */
  co2Ceiling: number;
  ecgOff: boolean;
  spo2Off: boolean;
  co2Off: boolean;
  pulseless: boolean;
  cpr: boolean;
  bronchospasm: boolean;
  /** Nobody pushed it: it follows from the one before when a ramp ends. */
  foreseen: boolean;
  /** The beats of this scene; set when it is put into the timeline. */
  score: Score | null;
}

/** What good compressions bring at the most, mmHg (facts: 10-20). */
const BEST_COMPRESSIONS = 20;
const NONE: Line = { from: 0, to: 0, start: Number.NEGATIVE_INFINITY, end: Number.NEGATIVE_INFINITY };

export function sceneOf(last: LastValues, at: number): Scene {
  const form = formOf(last.rhythm);
  const heartRate = lineOf(last, "heart_rate", at);
  const circulates = form.beats && !isOn(last, "pulseless") && (heartRate.from > 0 || heartRate.to > 0);
  const cpr = isOn(last, "cpr");
  return {
    start: at,
    rhythm: last.rhythm,
    form,
    heartRate,
    // Whoever has no circulation does not breathe. Those who press the chest ventilate, too, as often as is set.
    respiratoryRate: circulates || cpr ? lineOf(last, "respiratory_rate", at) : NONE,
    co2Ceiling: circulates ? Number.POSITIVE_INFINITY : BEST_COMPRESSIONS,
    systolic: lineOf(last, "systolic", at),
    diastolic: lineOf(last, "diastolic", at),
    etco2: lineOf(last, "etco2", at),
    ecgOff: isOn(last, "ecg_off"),
    spo2Off: isOn(last, "spo2_off"),
    co2Off: isOn(last, "co2_off"),
    pulseless: isOn(last, "pulseless"),
    cpr,
    bronchospasm: isOn(last, "bronchospasm"),
    foreseen: false,
    score: null,
  };
}

export function sameScene(a: Scene, b: Scene): boolean {
  return (
    a.rhythm === b.rhythm &&
    a.ecgOff === b.ecgOff &&
    a.spo2Off === b.spo2Off &&
    a.co2Off === b.co2Off &&
    a.pulseless === b.pulseless &&
    a.cpr === b.cpr &&
    a.bronchospasm === b.bronchospasm &&
    a.co2Ceiling === b.co2Ceiling &&
    sameLine(a.heartRate, b.heartRate) &&
    sameLine(a.respiratoryRate, b.respiratoryRate) &&
    sameLine(a.systolic, b.systolic) &&
    sameLine(a.diastolic, b.diastolic) &&
    sameLine(a.etco2, b.etco2)
  );
}

/** ms. */
const COMPRESSIONS_FADE = 300;

/** The scenes of the last minute, oldest first. The first one is taken to have been so for ever. */
export class Timeline {
  #scenes: Scene[] = [];

  get newest(): Scene | undefined {
    return this.#scenes.at(-1);
  }

  /** Whether a push is known that came after `at`. */
  hasPushAfter(at: number): boolean {
    return this.#scenes.some((scene) => scene.start > at && !scene.foreseen);
  }

  /** Drops what begins at or after `at`; not the very first, which has no beginning. */
  cutFrom(at: number): void {
    while (this.#scenes.length > 1 && (this.newest?.start ?? 0) >= at) this.#scenes.pop();
  }

  /** Put behind all others; the very first is taken to have been so for ever. */
  add(scene: Scene): void {
    if (this.#scenes.length === 0) scene.start = Number.NEGATIVE_INFINITY;
    this.#scenes.push(scene);
  }

  /** How much of a compression is felt at `time`, 0 to 1: they come and go within a moment, not at a stroke. */
  compressedAt(time: number): number {
    const index = this.indexAt(time);
    const { cpr, start } = this.#scenes[index] as Scene;
    const before = this.#scenes[index - 1]?.cpr ?? cpr;
    if (before === cpr) return Number(cpr);
    const part = Math.min(1, (time - start) / COMPRESSIONS_FADE);
    return Number(before) + (Number(cpr) - Number(before)) * part;
  }

  /** Whether a pacemaker is at work at some moment of [from, to). */
  hasPacing(from: number, to: number): boolean {
    for (let at = this.indexAt(from); at < this.#scenes.length; at++) {
      const scene = this.#scenes[at] as Scene;
      if (scene.start >= to + 1_000) return false;
      if (scene.form.spiked) return true;
    }
    return false;
  }

  forgetBefore(time: number): void {
    while (this.#scenes.length > 1 && (this.#scenes[1]?.start ?? 0) < time) this.#scenes.shift();
  }

  /** Index of the one in force at `time`; -1 when there is none at all. */
  indexAt(time: number): number {
    for (let at = this.#scenes.length - 1; at > 0; at--) {
      if ((this.#scenes[at] as Scene).start <= time) return at;
    }
    return this.#scenes.length > 0 ? 0 : -1;
  }

  at(index: number): Scene | undefined {
    return this.#scenes[index];
  }

  /** In force at `time`. There must be one. */
  sceneAt(time: number): Scene {
    return this.#scenes[this.indexAt(time)] as Scene;
  }

  /** When the scene behind `index` begins. */
  endOf(index: number): number {
    return this.#scenes[index + 1]?.start ?? Number.POSITIVE_INFINITY;
  }
}

/** Whether the heart moves blood in this scene at `time`. */
export function pulseIn(scene: Scene, time: number): boolean {
  return scene.form.beats && !scene.pulseless && valueOn(scene.heartRate, time) > 0;
}
