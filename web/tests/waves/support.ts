import { SIGN_NAMES, SIGNS } from "../../src/patient/signs";
import { createWaves, firstSample, type WaveKind, type Waves } from "../../src/waves";
import type { LastValues, Signs } from "../../src/wire/types";

export const SEED = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
export const T0 = Date.UTC(2026, 10, 21, 9, 30, 0);

export function state(change: Partial<LastValues> = {}): LastValues {
  const start = Object.fromEntries(SIGN_NAMES.map((name) => [name, SIGNS[name].start])) as Signs;
  return { ...start, rhythm: "sinus", flags: {}, ramps: {}, nibp: null, ...change };
}

/** Waves that have known one state for long. */
export function steady(change: Partial<LastValues> = {}, seed = SEED): Waves {
  const waves = createWaves(seed);
  waves.update(state(change), T0 - 60_000);
  return waves;
}

export function samples(waves: Waves, kind: WaveKind, from: number, ms: number, step = 4): Float32Array {
  const out = new Float32Array(Math.ceil(ms / step));
  const count = waves.sample(kind, from, from + ms, step, out);
  return out.subarray(0, count);
}

export function beatTimes(waves: Waves, from: number, ms: number): number[] {
  return waves.beatsBetween(from, from + ms).map((beat) => beat.time);
}

export function intervals(times: readonly number[]): number[] {
  return times.slice(1).map((time, at) => time - (times[at] as number));
}

/**
 * QRS complexes found in the drawn curve alone, as a monitor would: what rises above `part` of the highest
 * excursion, the peak of each, not two within `refractory` ms.
 */
export function foundBeats(curve: Float32Array, from: number, part: number, refractory: number, step = 4): number[] {
  const first = firstSample(from, step);
  const most = curve.reduce((highest, value) => Math.max(highest, Math.abs(value)), 0);
  const found: number[] = [];
  for (let at = 0; at < curve.length; at++) {
    const height = Math.abs(curve[at] as number);
    if (height < part * most) continue;
    let peak = at;
    while (at < curve.length && Math.abs(curve[at] as number) >= part * most) {
      if (Math.abs(curve[at] as number) > Math.abs(curve[peak] as number)) peak = at;
      at++;
    }
    const time = first + peak * step;
    if (time - (found.at(-1) ?? Number.NEGATIVE_INFINITY) > refractory) found.push(time);
  }
  return found;
}

/** Device highest points above `least`: values and times. */
export function peaks(curve: Float32Array, from: number, least: number, step = 4): { time: number; value: number }[] {
  const first = firstSample(from, step);
  const found: { time: number; value: number }[] = [];
  for (let at = 1; at < curve.length - 1; at++) {
    const value = curve[at] as number;
    if (value >= least && value > (curve[at - 1] as number) && value >= (curve[at + 1] as number))
      found.push({ time: first + at * step, value });
  }
  return found;
}

export function range(curve: Float32Array): number {
  return curve.reduce((high, value) => Math.max(high, value), -99) - curve.reduce((low, value) => Math.min(low, value), 99);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** How alike a curve is to itself `lag` samples later, -1 to 1. */
export function likeness(curve: Float32Array, lag: number): number {
  const middle = mean([...curve]);
  let product = 0;
  let power = 0;
  for (let at = 0; at + lag < curve.length; at++)
    product += ((curve[at] as number) - middle) * ((curve[at + lag] as number) - middle);
  for (const value of curve) power += (value - middle) ** 2;
  return product / power;
}

/** Where two curves differ first; -1: nowhere, to the last bit. (Matchers take a second for long ones.) */
export function firstDifference(one: Float32Array, other: Float32Array): number {
  if (one.length !== other.length) return Math.min(one.length, other.length);
  return one.findIndex((value, at) => !Object.is(value, other[at]));
}
