import { addBumps, type Bump } from "./complexes";
import { compression } from "./grounds";
import type { Happening } from "./score";
import { pulseIn, type Scene, type Timeline } from "./scene";
import type { Stream } from "./stream";
import { valueOn } from "./line";
import { bell } from "./noise";

/**
 * The finger's pulse wave: one for each beat that moves blood, its foot 215 ms and its steepest rise 250-295
 * ms after the R (facts: 200-300; a pleth ahead of its ECG is a known defect). About 0 to 1.
 */
const FOOT = 215;
/** A pulse wave is over so long after its R, at the slowest. */
const TAIL = 2_500;

/** ms after the foot at 75/min, in the textbook's shape: the stroke, the reflected wave behind the notch, the run-off. */
const WAVE: readonly Bump[] = [
  [105, 42, 95, 0.86],
  [378, 62, 120, 0.34],
  [255, 95, 230, 0.2],
];

/** NaN while the probe is off; flat while there is no pulse. */
export function drawPleth(
  seed: number,
  scenes: Timeline,
  beats: Stream,
  first: number,
  step: number,
  out: Float32Array,
  offset: number,
  count: number,
): void {
  drawCompressions(seed, scenes, first, step, out, offset, count);
  const until = first + count * step;
  beats.cover(first - TAIL - 500, until);
  for (let at = beats.find(first - TAIL); ; at++) {
    const beat = beats.at(at);
    if (beat === undefined || beat.time > until) break;
    const height = strength(seed, scenes, beat);
    if (height > 0) addPulse(beat, height, first, step, out, offset, count);
  }
  blank(scenes, first, step, out, offset, count);
}

function addPulse(
  beat: Happening,
  height: number,
  first: number,
  step: number,
  out: Float32Array,
  offset: number,
  count: number,
): void {
  // A fast pulse is a short one, but less than in proportion; the foot stays where it is.
  const stretch = Math.min(1.25, Math.max(0.3, (beat.interval / 800) ** 0.75));
  addBumps(WAVE, beat.time + FOOT, stretch, height, first, step, out, offset, count);
}

/** Of a full wave; 0 where nothing comes to the finger. */
export function strength(seed: number, scenes: Timeline, beat: Happening): number {
  const scene = scenes.sceneAt(beat.time);
  if (!pulseIn(scene, beat.time)) return 0;
  const began = scenes.sceneAt(beat.time - beat.score.plan.lead);
  // Torsades has no shapes of its own; it pumps about as little as any fast ventricular rhythm.
  const stroke = began.form.looks[beat.i]?.stroke ?? 0.4;
  const uneven = 1 + 0.03 * bell(seed ^ 0x2e1b2138, beat.n);
  const emptied = began.form.deficit ? ejected(beat.since) : 1;
  return stroke * pressure(scene, beat.time) * filling(beat) * emptied * uneven;
}

/** A beat within some 300 ms of the one before opens no valve (textbook: the pulse deficit of fast fibrillation). */
function ejected(since: number): number {
  return Math.min(1, Math.max(0, (since - 212) / 100));
}

/**
 * From the pressures: 40 mmHg between systolic and diastolic give a full wave, less give less; under 90 systolic
 * the finger's vessels close, under 60 hardly anything comes (textbook: pulse oximeters fail at about 50).
 */
function pressure(scene: Scene, time: number): number {
  const systolic = valueOn(scene.systolic, time);
  const amplitude = Math.max(0, systolic - valueOn(scene.diastolic, time));
  const perfusion = systolic >= 90 ? 1 : systolic >= 60 ? 0.3 + (0.7 * (systolic - 60)) / 30 : (0.3 * systolic) / 60;
  return Math.min(1.2, (amplitude / 40) ** 0.7) * perfusion;
}

/** A beat that comes early finds the heart half empty: fills with 300 ms, and by the pause compared to the mean. */
function filling(beat: Happening): number {
  const full = 1 - Math.exp(-beat.since / 300);
  const compared = Math.min(1.2, Math.max(0.4, beat.since / beat.interval));
  return full * compared ** 0.6;
}

/** Compressions move a little blood, and the finger with it. */
function drawCompressions(
  seed: number,
  scenes: Timeline,
  first: number,
  step: number,
  out: Float32Array,
  offset: number,
  count: number,
): void {
  for (let at = 0; at < count; at++) {
    const time = first + at * step;
    const pressed = scenes.compressedAt(time - FOOT);
    const height = pulseIn(scenes.sceneAt(time - FOOT), time) ? 0.05 : 0.16;
    out[offset + at] = pressed === 0 ? 0 : pressed * height * (1 - compression(seed, time - FOOT));
  }
}

function blank(scenes: Timeline, first: number, step: number, out: Float32Array, offset: number, count: number): void {
  for (let at = 0; at < count; at++) {
    if (scenes.sceneAt(first + at * step).spo2Off) out[offset + at] = Number.NaN;
  }
}
