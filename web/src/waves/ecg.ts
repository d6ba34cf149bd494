import { addBump, addBumps, type Complex, P } from "./complexes";
import { groundAt } from "./grounds";
import type { Happening } from "./score";
import type { Scene, Timeline } from "./scene";
import type { Stream } from "./stream";

/** A T wave ends this long after its R at the latest (QT at 30/min is 500 ms; T falls 4 sigma beyond it). */
const TAIL = 1_000;
/** Nothing shows longer before its R. */
const HEAD = 500;

/** mV: a P that stands alone has to be seen; somewhat higher than the facts' 0.15. */
const LONE_P = 0.17;

/** Lead II in mV; NaN while the electrodes are off. */
export function drawEcg(
  seed: number,
  scenes: Timeline,
  beats: Stream,
  lone: Stream,
  first: number,
  step: number,
  out: Float32Array,
  offset: number,
  count: number,
): void {
  const until = first + count * step;
  drawGround(seed, scenes, first, step, out, offset, count);
  lone.cover(first - TAIL - HEAD, until);
  for (let at = lone.find(first - TAIL); ; at++) {
    const wave = lone.at(at);
    if (wave === undefined || wave.time > until + HEAD) break;
    addBump(out, offset, count, first, step, wave.time, P.rise, P.fall, LONE_P);
  }
  beats.cover(first - TAIL - HEAD, until);
  for (let at = beats.find(first - TAIL); ; at++) {
    const beat = beats.at(at);
    if (beat === undefined || beat.time > until + HEAD) break;
    addBeat(scenes, beat, first, step, out, offset, count);
  }
  blank(scenes, first, step, out, offset, count);
}

function drawGround(
  seed: number,
  scenes: Timeline,
  first: number,
  step: number,
  out: Float32Array,
  offset: number,
  count: number,
): void {
  let index = scenes.indexAt(first);
  let end = scenes.endOf(index);
  let scene = scenes.at(index) as Scene;
  let before = scenes.at(index - 1);
  for (let at = 0; at < count; at++) {
    const time = first + at * step;
    while (time >= end) {
      before = scene;
      scene = scenes.at(++index) as Scene;
      end = scenes.endOf(index);
    }
    out[offset + at] = groundAt(seed, scene, before, time);
  }
}

function addBeat(
  scenes: Timeline,
  beat: Happening,
  first: number,
  step: number,
  out: Float32Array,
  offset: number,
  count: number,
): void {
  // Of the moment it began to show: a beat on its way when the rhythm changes ends as what it began as.
  const look = scenes.sceneAt(beat.time - beat.score.plan.lead).form.looks[beat.i];
  if (look === undefined) return;
  const { complex, p } = look;
  const squeeze = Math.min(1, beat.interval / 300);
  const onset = beat.time - complex.peak * squeeze;
  if (p !== 0) {
    const peak = onset - look.pr(beat.interval) + P.peak;
    addBump(out, offset, count, first, step, peak, P.rise * squeeze, P.fall * squeeze, p);
  }
  addBumps(complex.depolarisation, onset, squeeze, 1, first, step, out, offset, count);
  const stretch = repolarisationStretch(complex, beat.interval);
  addBumps(complex.repolarisation, onset, stretch, 1, first, step, out, offset, count);
}

/**
 * QT = 400 ms x RR^(1/3), RR in s (facts), of which the shapes hold the value at 1 s. Not without bounds: the
 * T peak stays in front of the next beat (72 % of the interval), and below 30/min nothing grows any more.
 */
function repolarisationStretch(complex: Complex, interval: number): number {
  const last = complex.repolarisation.at(-1)?.[0] ?? 1;
  return Math.min(Math.cbrt(Math.min(interval, 2_000) / 1_000), (0.72 * interval) / last);
}

/** No electrodes, no curve. */
function blank(scenes: Timeline, first: number, step: number, out: Float32Array, offset: number, count: number): void {
  let index = scenes.indexAt(first);
  let end = scenes.endOf(index);
  for (let at = 0; at < count; at++) {
    while (first + at * step >= end) end = scenes.endOf(++index);
    if ((scenes.at(index) as Scene).ecgOff) out[offset + at] = Number.NaN;
  }
}
