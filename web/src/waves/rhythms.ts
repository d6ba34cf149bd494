import type { Rhythm } from "../wire/types";
import {
  BROAD,
  type Complex,
  EARLY_T,
  ESCAPE,
  LOW_T,
  NORMAL,
  PACED,
  PREMATURE,
  ST_ELEVATION,
  TACHYCARDIA,
} from "./complexes";
import type { Line } from "./line";
import { bell, signed, wander } from "./noise";
import type { Plan } from "./score";

/** What lies under the beats. */
export type Ground = "quiet" | "fibrillating" | "flutter" | "twisting" | "coarse" | "fine" | "flat";

export interface Look {
  readonly complex: Complex;
  /** mV of the P wave before it; 0: none. */
  readonly p: number;
  /** P onset to QRS onset, ms, for a mean interval in ms. */
  readonly pr: (interval: number) => number;
  /** How much of a full stroke it pumps. */
  readonly stroke: number;
}

export interface Form {
  readonly ground: Ground;
  /** One for each place of the plan. */
  readonly looks: readonly Look[];
  readonly intervals: number;
  readonly places: readonly number[];
  /** Of the interval between beats: standard deviation over mean. */
  readonly jitter: number;
  /** P waves that no QRS follows: the dropped beat of the group, or a rate of their own. */
  readonly lone: "none" | "dropped" | "own";
  readonly beats: boolean;
  /** Some beats find the heart so empty that no pulse comes of them. */
  readonly deficit: boolean;
  /** A pacemaker's spike stands before each beat. */
  readonly spiked: boolean;
}

/** PR falls as the rate rises (facts). */
const normalPr = (interval: number) => Math.min(160, Math.max(110, 160 - 0.4 * (60_000 / interval - 60)));
/** First degree is above 200 ms; 300 is seen from afar. Above 118/min it must shrink, or P would meet the T before. */
const longPr = (interval: number) => Math.min(300, 0.55 * interval);
const conductedPr = (interval: number) => Math.min(170, 0.3 * interval);
const junctionalPr = () => 105;

/** 4:3: of four P waves, a P interval apart, the last stays alone. */
const P_PER_BEAT = 3 / 4;
/** Wenckebach's PR: parts of the P interval, and at most so many ms: 193, 264, 315 at 70/min; the gain shrinks (textbook). */
const WENCKEBACH = [
  { part: 0.3, most: 200 },
  { part: 0.41, most: 275 },
  { part: 0.49, most: 335 },
] as const;

function wenckebachPr(i: 0 | 1 | 2): (interval: number) => number {
  const { part, most } = WENCKEBACH[i];
  return (interval) => Math.min(most, part * P_PER_BEAT * interval);
}

const none = () => 0;
const look = (complex: Complex, p: number, pr: (interval: number) => number, stroke = 1): Look => ({
  complex,
  p,
  pr,
  stroke,
});

function shaped(looks: readonly Look[], rest: Partial<Form> = {}): Form {
  return { ground: "quiet", looks, intervals: 1, places: [0], jitter: 0.02, lone: "none", beats: true, deficit: false, spiked: false, ...rest };
}

function without(ground: Ground): Form {
  return shaped([], { ground, beats: false });
}

const GROUPED = { intervals: 3, places: [0, P_PER_BEAT, 2 * P_PER_BEAT], jitter: 0, lone: "dropped" } as const;
const mobitz = look(BROAD, 0.15, conductedPr);

const FORMS: Record<Rhythm, Form> = {
  sinus: shaped([look(NORMAL, 0.15, normalPr)]),
  stemi: shaped([look(ST_ELEVATION, 0.14, normalPr)]),
  av_block_1: shaped([look(NORMAL, 0.15, longPr)]),
  av_block_2_wenckebach: shaped(
    [
      look(EARLY_T, 0.16, wenckebachPr(0)),
      look(EARLY_T, 0.16, wenckebachPr(1)),
      look(EARLY_T, 0.16, wenckebachPr(2)),
    ],
    GROUPED,
  ),
  av_block_2_mobitz: shaped([mobitz, mobitz, mobitz], GROUPED),
  av_block_3: shaped([look(ESCAPE, 0, none, 0.9)], { jitter: 0.005, lone: "own" }),
  junctional: shaped([look(NORMAL, -0.12, junctionalPr)], { jitter: 0.01 }),
  idioventricular: shaped([look(ESCAPE, 0, none, 0.7)]),
  // Facts: 0.15-0.25; planOf makes it.
  atrial_fibrillation: shaped([look(LOW_T, 0, none)], { ground: "fibrillating", deficit: true }),
  atrial_flutter: shaped([look(LOW_T, 0, none)], { ground: "flutter", jitter: 0 }),
  svt: shaped([look(NORMAL, 0, none, 0.8)], { jitter: 0.003 }),
  ventricular_tachycardia: shaped([look(TACHYCARDIA, 0, none, 0.55)], { jitter: 0.006 }),
  // Its beats are drawn by the ground; the plan still tells when they come.
  torsades: shaped([], { ground: "twisting", jitter: 0 }),
  paced: shaped([look(PACED, 0, none, 0.9)], { jitter: 0, spiked: true }),
  pvc_bigeminy: shaped([look(NORMAL, 0.15, normalPr), look(PREMATURE, 0, none, 0.35)], {
    intervals: 2,
    // The early beat; the next normal one comes when it would have come anyway: a full compensatory pause.
    places: [0, 0.62],
    jitter: 0.008,
  }),
  ventricular_fibrillation: without("coarse"),
  ventricular_fibrillation_fine: without("fine"),
  asystole: without("flat"),
};

export function formOf(rhythm: Rhythm): Form {
  // A newer server may name a rhythm that this page does not know: its numbers are right, so draw beats.
  return FORMS[rhythm] ?? FORMS.sinus;
}

export interface Flutter {
  /** F waves per beat where every beat has the same number; null: they come at 300/min and beats wait for one. */
  ratio: number | null;
}

/** F waves per minute (facts: 250-350). */
export const FLUTTER_RATE = 300;

/**
 * The conduction that fits the rate: 4:1, 3:1 or 2:1 with F waves at 250-350/min; else what is nearest to
 * 300. Where no whole number will do (126-175 is 2:1, 84-116 is 3:1, but 120?), or while the rate moves, the
 * block varies from beat to beat, as it does in patients.
 */
export function flutterOf(line: Line): Flutter {
  if (line.from !== line.to || line.to <= 0) return { ratio: null };
  const fits = (ratio: number) => line.to * ratio >= 250 && line.to * ratio <= 350;
  for (const ratio of [4, 3, 2]) if (fits(ratio)) return { ratio };
  const nearest = Math.max(1, Math.round(FLUTTER_RATE / line.to));
  return { ratio: fits(nearest) ? nearest : null };
}

/** Shows this long before the R: the widest P wave, 4 sigma ahead of its peak. */
const LEAD = { none: 140, normal: 300, long: 480 } as const;

function leadOf(rhythm: Rhythm, form: Form): number {
  if (rhythm === "av_block_1" || rhythm === "av_block_2_wenckebach") return LEAD.long;
  return form.looks.some((one) => one.p !== 0) ? LEAD.normal : LEAD.none;
}

/** When the beats come. `line` is the heart rate. */
export function planOf(rhythm: Rhythm, line: Line, seed: number): Plan {
  const form = formOf(rhythm);
  const { places, intervals } = form;
  // The bell ends at 3 deviations.
  const early = 3 * Math.SQRT1_2 * form.jitter;
  const plan: Plan = { name: rhythm, places, intervals, lead: leadOf(rhythm, form), drift: none, early };
  switch (rhythm) {
    case "atrial_fibrillation":
      return { ...plan, early: 1.6 * 1.3 * UNEVEN, drift: (n, _i, interval) => irregular(seed, n, interval) };
    case "atrial_flutter": {
      const { ratio } = flutterOf(line);
      if (ratio !== null) return { ...plan, name: `${rhythm}/${ratio}` };
      return { ...plan, name: `${rhythm}/varying`, snap: 60_000 / FLUTTER_RATE };
    }
    case "av_block_2_wenckebach":
      // The place is the P onset's.
      return { ...plan, drift: (_n, i, interval) => (form.looks[i]?.pr(interval) ?? 0) + NORMAL.peak };
    case "pvc_bigeminy":
      return {
        ...plan,
        drift: (n, i, interval) => i * couplingDrift(interval) + jittered(seed, n, interval, form.jitter),
      };
    default:
      return { ...plan, drift: (n, _i, interval) => jittered(seed, n, interval, form.jitter) };
  }
}

const NEVER: Plan = { name: "none", places: [0], intervals: 1, lead: LEAD.normal, drift: none, early: 0 };
const STILL: Line = { from: 0, to: 0, start: Number.NEGATIVE_INFINITY, end: Number.NEGATIVE_INFINITY };

/** When P waves come that no QRS follows; the time is the P peak's. */
export function lonePlanOf(rhythm: Rhythm, line: Line): { plan: Plan; line: Line } {
  const form = formOf(rhythm);
  if (form.lone === "none") return { plan: NEVER, line: STILL };
  if (form.lone === "own") return { plan: { ...NEVER, name: "own" }, line: { ...STILL, ...ownRate(line) } };
  const places = [3 * P_PER_BEAT];
  const drift =
    rhythm === "av_block_2_wenckebach"
      ? () => 45
      : (_n: number, _i: number, interval: number) => 45 - conductedPr(interval) - BROAD.peak;
  return { plan: { ...NEVER, name: rhythm, places, intervals: 3, drift }, line };
}

/** In complete block the atria beat at 80-100/min; above the ventricles anyway, or it would not be a block. */
function ownRate(line: Line): { from: number; to: number } {
  // Of the target, also during a ramp: nothing of the ramp may be left when it has ended.
  const rate = line.to <= 75 ? 88 : line.to * 1.2;
  return { from: rate, to: rate };
}

/** An interval is the difference of two neighbours' drifts: each has 1/sqrt 2 of its deviation. */
function jittered(seed: number, n: number, interval: number, jitter: number): number {
  return jitter === 0 ? 0 : bell(seed, n) * jitter * Math.SQRT1_2 * interval;
}

/** Of the mean interval. */
const UNEVEN = 0.22;
/** ms: the AV node conducts no two beats that are nearer (facts: about 240). */
const SHORTEST = 240;
/** So many beats that stand in a queue are as many as ever do. */
const QUEUE = 6;

/**
 * Fibrillation: even in +-22 % makes intervals vary by 18 %; a slower part lets fast and slow runs be. A beat that
 * would come too soon behind the one before waits until the node conducts again, and so may the next. Fast
 * fibrillation is as uneven as slow (facts: CV 0.15-0.22 at any rate), hence wider where more of it is cut off.
 */
function irregular(seed: number, n: number, interval: number): number {
  const most = UNEVEN * (1 + 0.3 * Math.min(1, Math.max(0, (460 - interval) / 160)));
  let latest = unevenness(seed, n, most) * interval;
  for (let back = 1; back <= QUEUE; back++) {
    const kept = unevenness(seed, n - back, most) * interval + back * (SHORTEST - interval);
    latest = Math.max(latest, kept);
  }
  return latest;
}

function unevenness(seed: number, n: number, most: number): number {
  return signed(seed, n) * most + wander(seed ^ 0x2545f491, n / 3) * most * 0.6;
}

/**
 * A premature beat comes 380 ms after the normal one: before, it falls into the QRS-T. But never later than at 0.68 of
 * the interval (facts: 0.45-0.70), or it would be no early one.
 */
function couplingDrift(interval: number): number {
  return Math.min(0.06 * interval, Math.max(0, 380 - 0.62 * interval));
}
