import * as catalogue from "../generated/catalogue";
import type { Limits, Rhythm, SignName, Signs } from "../wire/types";

/** A vital sign as the server judges it. */
export interface Sign {
  name: SignName;
  unit: string;
  min: number;
  max: number;
  start: number;
  /** Decimals that it is kept and shown with. */
  decimals: number;
}

export const SIGNS: Record<SignName, Sign> = catalogue.SIGNS;

export const SIGN_NAMES = Object.keys(SIGNS) as SignName[];

export const RHYTHMS: readonly Rhythm[] = catalogue.RHYTHMS;

/** A flag that means something to a monitor. */
export type KnownFlag = (typeof catalogue.KNOWN_FLAGS)[number];

/** The five conditions that a simple quadrant display shows as tiles. */
export const CONDITIONS = [
  "respiratory_distress",
  "cardiac_arrest",
  "dysglycaemia",
  "haemorrhage",
  "loss_of_consciousness",
] as const satisfies readonly KnownFlag[];

/** A sensor that is off: dashes, no wave. */
export const SENSORS_OFF = ["ecg_off", "spo2_off", "nibp_off", "co2_off", "temp_off"] as const satisfies readonly KnownFlag[];

/** Of adults, for where a session has not said its own yet. */
export const ADULT_LIMITS: Limits = catalogue.ADULT_LIMITS;

/** mmHg. */
export function meanPressure(signs: Pick<Signs, "systolic" | "diastolic">): number {
  return Math.round(signs.diastolic + (signs.systolic - signs.diastolic) / 3);
}
