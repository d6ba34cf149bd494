import { compression } from "./grounds";
import { valueOn } from "./line";
import { bell } from "./noise";
import type { Happening, Plan } from "./score";
import type { Timeline } from "./scene";
import type { Stream } from "./stream";

/** Breaths, and what the chest and the mouth show of them. A breath begins with its inspiration. */

/** Nobody breathes like a machine; textbook, small enough for the rate to be counted on two breaths. */
const JITTER = 0.03;
/** A breath is over after so long even if the next is late. Its own length is never taken above 12 s (score.ts). */
const LONGEST = 14_000;

export function breathPlan(seed: number): Plan {
  return {
    name: "breath",
    places: [0],
    intervals: 1,
    lead: 0,
    early: 3 * Math.SQRT1_2 * JITTER,
    drift: (n, _i, interval) => bell(seed, n) * JITTER * Math.SQRT1_2 * interval,
  };
}

/** A third of the breath goes in, but nobody takes longer than 1.5 s: the rest of a slow one is pause (textbook). */
const inspirationOf = (breath: Happening) => Math.min(1_500, 0.36 * breath.interval);

/** How long breathing out takes by itself; the next breath may cut it short, and later than this it changes no more. */
const expirationOf = (breath: Happening) => breath.interval - inspirationOf(breath);

/** The breath that begins last before `time`, looked for from `index` on; its index. */
function indexAt(breaths: Stream, time: number, index: number): number {
  let at = index;
  while ((breaths.at(at + 1)?.time ?? Number.POSITIVE_INFINITY) <= time) at++;
  return at;
}

/** The next breath ends this one; without a next it is over a little after its time, and apnoea begins. */
function endOf(breaths: Stream, index: number, breath: Happening): number {
  const next = breaths.at(index + 1)?.time ?? Number.POSITIVE_INFINITY;
  return Math.min(next, breath.time + 1.15 * breath.interval);
}

/** Chest impedance, 0 (empty) to about 1. */
export function drawResp(
  seed: number,
  scenes: Timeline,
  breaths: Stream,
  first: number,
  step: number,
  out: Float32Array,
  offset: number,
  count: number,
): void {
  breaths.cover(first - 2 * LONGEST, first + count * step + LONGEST);
  let index = breaths.find(first) - 1;
  for (let at = 0; at < count; at++) {
    const time = first + at * step;
    index = indexAt(breaths, time, index);
    const breath = breaths.at(index);
    // The chest is pushed in: the electrodes see it.
    const pressed = scenes.compressedAt(time);
    const pushed = pressed > 0 ? pressed * 0.12 * compression(seed, time) : 0;
    out[offset + at] = pushed + (breath === undefined ? 0 : chestAt(seed, breaths, breath, index, time));
  }
}

function chestAt(seed: number, breaths: Stream, breath: Happening, index: number, time: number): number {
  const before = breaths.at(index - 1);
  // A breath that comes too early finds the chest still half full.
  const left = before === undefined ? 0 : chestOf(seed, before, breath.time);
  const own = chestOf(seed, breath, time);
  const since = (time - breath.time) / inspirationOf(breath);
  return since < 1 ? own + left * (0.5 + 0.5 * Math.cos(Math.PI * since)) : own;
}

function chestOf(seed: number, breath: Happening, time: number): number {
  const since = time - breath.time;
  const inspiration = inspirationOf(breath);
  const depth = 1 + 0.07 * bell(seed ^ 0x3f84d5b5, breath.n);
  if (since < inspiration) return depth * (0.5 - 0.5 * Math.cos((Math.PI * since) / inspiration));
  // The lungs empty by their own spring, as good as done after 1.6 s, whatever pause follows.
  const gone = Math.min(1, (since - inspiration) / Math.min(1_600, 0.9 * expirationOf(breath)));
  return depth * (0.5 + 0.5 * Math.cos(Math.PI * gone ** 0.75));
}

/** Time constants, ms: facts 50-100 up; the fall is a fresh breath's, quicker. */
const RISE = 80;
const FALL = 55;
/** Nothing comes out of the dead space at first (textbook: a third of the tidal volume, some 100 ms). */
const DEAD_SPACE = 90;
/** The plateau climbs by this part of the end-tidal value: alveoli empty unevenly. */
const CLIMB = 0.1;

/** CO2 at the mouth, mmHg: each breath ends at the end-tidal value. NaN while the sensor is off. */
export function drawCo2(
  seed: number,
  scenes: Timeline,
  breaths: Stream,
  first: number,
  step: number,
  out: Float32Array,
  offset: number,
  count: number,
): void {
  breaths.cover(first - 2 * LONGEST, first + count * step + LONGEST);
  let index = breaths.find(first) - 1;
  for (let at = 0; at < count; at++) {
    const time = first + at * step;
    const scene = scenes.sceneAt(time);
    index = indexAt(breaths, time, index);
    out[offset + at] = scene.co2Off ? Number.NaN : co2At(seed, scenes, breaths, index, time);
  }
}

function co2At(seed: number, scenes: Timeline, breaths: Stream, index: number, time: number): number {
  const breath = breaths.at(index);
  if (breath === undefined) return 0;
  const end = endOf(breaths, index, breath);
  if (time > end) return washout(seed, scenes, breath, end, time);
  const exhaled = exhaledAt(seed, scenes, breath, time);
  const before = breaths.at(index - 1);
  if (before === undefined) return exhaled;
  // What the breath before left behind goes as fresh gas comes.
  return Math.max(exhaled, washout(seed, scenes, before, endOf(breaths, index - 1, before), time));
}

function washout(seed: number, scenes: Timeline, breath: Happening, end: number, time: number): number {
  if (time - end > 10 * FALL) return 0;
  return exhaledAt(seed, scenes, breath, end) * Math.exp(-(time - end) / FALL);
}

function exhaledAt(seed: number, scenes: Timeline, breath: Happening, time: number): number {
  const lasts = expirationOf(breath);
  const dead = Math.min(DEAD_SPACE, 0.1 * lasts);
  const since = time - breath.time - inspirationOf(breath) - dead;
  if (since <= 0) return 0;
  const scene = scenes.sceneAt(time);
  const part = Math.min(1, since / (lasts - dead));
  const shape = scene.bronchospasm ? fin(since, lasts - dead) : (1 - Math.exp(-since / RISE)) * (1 - CLIMB * (1 - part));
  // Compressions move a little gas: ripples on the plateau.
  const pressed = scenes.compressedAt(time);
  const ripple = pressed > 0 ? 1 + pressed * 0.05 * compression(seed, time) : 1;
  // Of the moment it was breathed in: what is in the lungs comes out, though the heart has stopped meanwhile.
  const { co2Ceiling } = scenes.sceneAt(breath.time);
  return Math.min(co2Ceiling, valueOn(scene.etco2, time)) * shape * ripple;
}

/**
 * Narrow airways (asthma, COPD; no other distress) empty slowly and unevenly: no plateau, a shark's fin. At the
 * end of the breath it is 1.
 */
function fin(since: number, lasts: number): number {
  const slow = Math.max(RISE, 0.45 * lasts);
  return Math.min(1, (1 - Math.exp(-since / slow)) / (1 - Math.exp(-lasts / slow)));
}

/** Tops of the scale, mmHg: what the CO2 lane shows from 0 on. */
const TOPS = [50, 75, 100, 150] as const;

export function co2Top(etco2: number): number {
  return TOPS.find((top) => etco2 <= 0.96 * top) ?? 150;
}

/** One breath may be late; none for so long is none. */
const HOLD = 10_000;
/** mmHg between two points of the curve are nothing, 40 ms apart. */
const LOOK = 40;
const looked = new Float32Array(20_000 / LOOK + 1);

/**
 * What a monitor shows as end-tidal: the highest point of the curve in the last 10 s, or since the breath before the
 * last, where breaths come that slowly ("max hold", Mindray); 20 s at the most. Nothing is left 10 s after the last one.
 */
export function endTidalAt(seed: number, scenes: Timeline, breaths: Stream, now: number): number {
  const rate = valueOn(scenes.sceneAt(now).respiratoryRate, now);
  const held = Math.min(20_000, Math.max(HOLD, rate > 0 ? 90_000 / rate : 0));
  const first = Math.ceil((now - held) / LOOK) * LOOK;
  const count = Math.floor((now - first) / LOOK) + 1;
  drawCo2(seed, scenes, breaths, first, LOOK, looked, 0, count);
  let most = 0;
  for (let at = 0; at < count; at++) most = Math.max(most, looked[at] as number);
  return most;
}

/** When the last breath up to `now` began; minus infinity when there was none for a long time. */
export function lastBreathAt(breaths: Stream, now: number): number {
  breaths.cover(now - 2 * LONGEST, now);
  return breaths.at(breaths.find(now + 1) - 1)?.time ?? Number.NEGATIVE_INFINITY;
}
