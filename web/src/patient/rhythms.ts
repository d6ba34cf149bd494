import type { FlagValue, LastValues, Rhythm, Signs } from "../wire/types";

/** What belongs to a rhythm: the rates at which it exists, and what it does to the patient (docs/clinical.md). */
interface RhythmFacts {
  /** Beats a minute; null where there are none to count. */
  readonly rate: { readonly least: number; readonly most: number; readonly usual: number } | null;
  /** A patient who has more than this of it has no more than this now; a lower value stays as it is. */
  readonly most: Partial<Signs>;
  /** Nothing is pumped, whatever the ECG shows. */
  readonly isArrest: boolean;
}

const beating = (least: number, usual: number, most: number, signs: Partial<Signs> = {}): RhythmFacts => ({
  rate: { least, usual, most },
  most: signs,
  isArrest: false,
});

const ARREST: RhythmFacts = { rate: null, most: {}, isArrest: true };

export const RHYTHM_FACTS: Readonly<Record<Rhythm, RhythmFacts>> = {
  sinus: beating(20, 75, 200),
  stemi: beating(20, 75, 200),
  atrial_fibrillation: beating(50, 110, 200),
  // 2:1; 100 is 3:1 and 75 is 4:1. 300 is 1:1, and rare: whoever wants it sets it.
  atrial_flutter: beating(60, 150, 175),
  svt: beating(140, 180, 280, { systolic: 95, diastolic: 60 }),
  av_block_1: beating(40, 65, 110),
  av_block_2_wenckebach: beating(40, 60, 90),
  av_block_2_mobitz: beating(30, 45, 75, { systolic: 95, diastolic: 55 }),
  av_block_3: beating(20, 36, 60, { systolic: 85, diastolic: 45 }),
  junctional: beating(40, 50, 100),
  idioventricular: beating(20, 32, 110, { systolic: 80, diastolic: 45 }),
  ventricular_tachycardia: beating(100, 170, 250, { systolic: 90, diastolic: 60, spo2: 92, etco2: 30 }),
  // It pumps for seconds only.
  torsades: { ...beating(160, 220, 250), isArrest: true },
  paced: beating(50, 70, 120),
  // Above it the early beat would fall into the T of the one before.
  pvc_bigeminy: beating(50, 80, 120),
  ventricular_fibrillation: ARREST,
  ventricular_fibrillation_fine: ARREST,
  asystole: ARREST,
};

/** What a trainer is offered together with a rhythm, each to be taken out again before it is sent. */
export interface Brought {
  readonly signs: Partial<Signs>;
  readonly flags: Readonly<Record<string, FlagValue | null>>;
}

/**
 * What `rhythm` brings to a patient with the targets `before`. A rate that the rhythm can have stays; so does
 * whatever is as bad already. Nothing gets better by it: to mend the patient is the trainer's own business.
 */
export function broughtBy(rhythm: Rhythm, before: LastValues): Brought {
  const facts = RHYTHM_FACTS[rhythm];
  const signs: Partial<Signs> = {};
  const { rate } = facts;
  if (rate !== null && (before.heart_rate < rate.least || before.heart_rate > rate.most)) signs.heart_rate = rate.usual;
  const isPulseless = Boolean(before.flags.pulseless);
  if (facts.isArrest || isPulseless)
    return { signs: { ...signs, ...arrested(before) }, flags: isPulseless ? {} : { pulseless: true } };
  for (const [name, most] of Object.entries(facts.most) as [keyof Signs, number][])
    if (before[name] > most) signs[name] = most;
  return { signs, flags: {} };
}

/** Without a circulation nobody breathes; what somebody ventilates is set by hand, and stays. */
function arrested(before: LastValues): Partial<Signs> {
  if (before.flags.cpr) return {};
  const signs: Partial<Signs> = {};
  if (before.respiratory_rate !== 0) signs.respiratory_rate = 0;
  if (before.etco2 !== 0) signs.etco2 = 0;
  return signs;
}
