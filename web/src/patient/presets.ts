import type { FlagValue, LastValues, Rhythm, Signs, VitalsPatch } from "../wire/types";
import { hasBeats, hasPulse, isOn } from "./circulation";
import { RHYTHM_FACTS } from "./rhythms";

/** An arrest as a team meets it, and the return from it: what one press stages together (docs/clinical.md). */
export const PRESETS = ["ventricular_fibrillation", "asystole", "pea", "rosc"] as const;
export type Preset = (typeof PRESETS)[number];

/** What a preset changes, the rhythm apart. */
export interface PresetParts {
  /** Null: the one that there is stays. */
  readonly rhythm: Rhythm | null;
  readonly signs: Partial<Signs>;
  readonly flags: Readonly<Record<string, FlagValue | null>>;
}

/** Nothing is pumped: what a monitor does not show then stands in the record, and is what a return begins from. */
const NO_CIRCULATION = { systolic: 0, diastolic: 0, spo2: 30, respiratory_rate: 0, etco2: 0 } as const;
const PEA_RATE = 60;
/** Bagged, and what good compressions bring to the lungs. */
const BAGGED = { respiratory_rate: 10, etco2: 15 } as const;
const AFTER_RETURN = { systolic: 85, diastolic: 50, spo2: 84, respiratory_rate: 12 } as const;
const RATE_AFTER_RETURN = { least: 90, usual: 110, most: 120 } as const;
const CO2_OF_RETURN = { rise: 20, most: 60 } as const;

/** Only what differs from the targets `before`. */
export function partsOfPreset(preset: Preset, before: LastValues): PresetParts {
  switch (preset) {
    case "ventricular_fibrillation":
    case "asystole":
      return differing(before, preset, arrest(before, { heart_rate: 0 }));
    case "pea": {
      const { rhythm, signs } = organised(before, PEA_RATE);
      return differing(before, rhythm, arrest(before, signs));
    }
    case "rosc": {
      const { least, usual, most } = RATE_AFTER_RETURN;
      const { rhythm } = organised(before, usual);
      const isFitting = before.heart_rate >= least && before.heart_rate <= most;
      const etco2 = Math.max(before.etco2, Math.min(CO2_OF_RETURN.most, before.etco2 + CO2_OF_RETURN.rise));
      const signs = { ...AFTER_RETURN, heart_rate: isFitting ? before.heart_rate : usual, etco2 };
      return differing(before, rhythm, { signs, flags: { pulseless: null, cardiac_arrest: null, cpr: null } });
    }
  }
}

/** What compressions bring to a patient without a circulation; one who has one breathes as before. */
export function broughtByCompressions(before: LastValues): Partial<Signs> {
  return hasPulse(before) ? {} : differing(before, null, { signs: BAGGED, flags: {} }).signs;
}

/** The key of what happened when a push sets or takes away the compressions; null if it does neither. */
export function markerOfCompressions(
  before: LastValues,
  flags: Readonly<Record<string, FlagValue | null>> | undefined,
): "cpr_started" | "cpr_stopped" | null {
  const value = flags?.["cpr"];
  if (value === undefined || Boolean(value) === isOn(before, "cpr")) return null;
  return value ? "cpr_started" : "cpr_stopped";
}

/** What the tap on a marker of the compressions changes of the patient; null where it changes nothing. */
export function patchOfCompressions(marker: string, before: LastValues): VitalsPatch | null {
  const isOnNow = isOn(before, "cpr");
  if (marker === "cpr_stopped" && isOnNow) return { flags: { cpr: null } };
  if (marker !== "cpr_started" || isOnNow) return null;
  const signs = broughtByCompressions(before);
  return { flags: { cpr: true }, ...(Object.keys(signs).length === 0 ? {} : { vitals: signs }) };
}

interface Parts {
  readonly signs: Partial<Signs>;
  readonly flags: Readonly<Record<string, FlagValue | null>>;
}

/** Whoever is ventilated already stays so. */
function arrest(before: LastValues, signs: Partial<Signs>): Parts {
  const all = { ...NO_CIRCULATION, spo2: Math.min(before.spo2, NO_CIRCULATION.spo2), ...signs };
  const ventilated = { ...all, respiratory_rate: before.respiratory_rate, etco2: before.etco2 };
  return { signs: isOn(before, "cpr") ? ventilated : all, flags: { pulseless: true, cardiac_arrest: true } };
}

/** A rhythm that can move blood stays as it is, with its rate; any other becomes a sinus rhythm at `rate`. */
function organised(before: LastValues, rate: number): { rhythm: Rhythm; signs: Partial<Signs> } {
  const facts = RHYTHM_FACTS[before.rhythm];
  const isOrganised = hasBeats(before) && !facts.isArrest && before.rhythm !== "ventricular_tachycardia";
  if (isOrganised) return { rhythm: before.rhythm, signs: {} };
  return { rhythm: "sinus", signs: { heart_rate: rate } };
}

function differing(before: LastValues, rhythm: Rhythm | null, { signs, flags }: Parts): PresetParts {
  const names = Object.entries(signs).filter(([name, value]) => before[name as keyof Signs] !== value);
  const keys = Object.entries(flags).filter(([key, value]) => (before.flags[key] || null) !== value);
  return {
    rhythm: rhythm === before.rhythm ? null : rhythm,
    signs: Object.fromEntries(names),
    flags: Object.fromEntries(keys),
  };
}
