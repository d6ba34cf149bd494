/**
 * The shapes of beats in lead II, as sums of Gaussians: ms after the QRS onset, width before and behind the
 * peak (sigma, ms), height in mV. The normal one is that of docs/clinical.md (at 60/min); the page has none
 * of the others: they are drawn after textbook strips (wide is 120 ms and more, its T points the other way).
 */
export type Bump = readonly [at: number, rise: number, fall: number, height: number];

export interface Complex {
  /** The R peak (of a negative complex: the S), after the onset. */
  readonly peak: number;
  readonly depolarisation: readonly Bump[];
  /** ST and T: moves with the QT interval. */
  readonly repolarisation: readonly Bump[];
}

const QRS: readonly Bump[] = [
  [12, 8, 8, -0.08],
  [40, 10, 10, 1.1],
  [62, 9, 9, -0.25],
];

export const NORMAL: Complex = { peak: 40, depolarisation: QRS, repolarisation: [[340, 45, 30, 0.3]] };

/** The T is low: it rides on flutter or fibrillation waves, and would pass for one. */
export const LOW_T: Complex = { peak: 40, depolarisation: QRS, repolarisation: [[320, 45, 32, 0.14]] };

/** The T comes early (QT 350 at 60/min, still normal): or it would hide the P that is not conducted, and with it the block. */
export const EARLY_T: Complex = { peak: 40, depolarisation: QRS, repolarisation: [[285, 38, 27, 0.24]] };

/** Inferior infarction, hours old: a Q, no S, the ST leaves the R half way down and runs into a broad T. */
export const ST_ELEVATION: Complex = {
  peak: 40,
  depolarisation: [
    [14, 8, 8, -0.16],
    [40, 10, 11, 0.85],
  ],
  repolarisation: [
    [105, 28, 95, 0.3],
    [255, 85, 62, 0.48],
  ],
};

/** Mobitz II sits below the bundle of His: often a QRS that is somewhat broad (textbook: 120 ms). */
export const BROAD: Complex = {
  peak: 48,
  depolarisation: [
    [14, 9, 9, -0.08],
    [48, 15, 15, 1.0],
    [88, 15, 17, -0.3],
  ],
  repolarisation: [[350, 48, 34, 0.28]],
};

/** A ventricular escape: 150 ms wide, notched, T against it. */
export const ESCAPE: Complex = {
  peak: 62,
  depolarisation: [
    [62, 22, 24, 0.85],
    [108, 18, 24, 0.42],
  ],
  repolarisation: [[330, 75, 55, -0.38]],
};

/** Ventricular tachycardia: one broad stroke up, one down, no line between. */
export const TACHYCARDIA: Complex = {
  peak: 70,
  depolarisation: [
    [70, 28, 36, 1.35],
    [30, 14, 14, 0.18],
  ],
  repolarisation: [[250, 62, 58, -0.62]],
};

export const PREMATURE: Complex = {
  peak: 68,
  depolarisation: [
    [68, 25, 32, 1.55],
    [150, 28, 30, -0.2],
  ],
  repolarisation: [[280, 62, 55, -0.6]],
};

/**
 * Paced from the tip of the right ventricle, which lead II looks away from: a wide complex down. The spike before it
 * is no part of the curve: no two points lie alike around so short a thing, and it would be of another height in each
 * beat. It is a mark of the monitor's (sweep.ts).
 */
export const PACED: Complex = {
  peak: 66,
  depolarisation: [[66, 26, 32, -0.95]],
  repolarisation: [[300, 65, 50, 0.42]],
};

/** The pacemaker's spike, this long before the R peak of a paced complex. */
export const SPIKE_AHEAD = PACED.peak + 6;

/** P peak after P onset, and its width: -115 ms under a PR of 160 (facts). */
export const P = { peak: 45, rise: 22, fall: 22 } as const;

/** Nothing of a Gaussian is left beyond this many sigmas (3e-4); what is cut off there is cut for everybody. */
export const REACH = 4;

/**
 * Adds one bump to `count` samples of `out`, the first of which is at `first` ms, `step` ms apart.
 */
export function addBump(
  out: Float32Array,
  offset: number,
  count: number,
  first: number,
  step: number,
  peak: number,
  rise: number,
  fall: number,
  height: number,
): void {
  const from = Math.max(0, Math.ceil((peak - REACH * rise - first) / step));
  const to = Math.min(count - 1, Math.floor((peak + REACH * fall - first) / step));
  for (let at = from; at <= to; at++) {
    const away = first + at * step - peak;
    const sigmas = away / (away < 0 ? rise : fall);
    out[offset + at] = (out[offset + at] ?? 0) + height * Math.exp(-0.5 * sigmas * sigmas);
  }
}

/** Adds a shape that begins at `onset` and is `stretch` times as long, `height` times as high. */
export function addBumps(
  bumps: readonly Bump[],
  onset: number,
  stretch: number,
  height: number,
  first: number,
  step: number,
  out: Float32Array,
  offset: number,
  count: number,
): void {
  // By index: an iterator and a destructured row would be objects, made for every beat of every frame.
  for (let at = 0; at < bumps.length; at++) {
    const bump = bumps[at] as Bump;
    const peak = onset + bump[0] * stretch;
    addBump(out, offset, count, first, step, peak, bump[1] * stretch, bump[2] * stretch, bump[3] * height);
  }
}
