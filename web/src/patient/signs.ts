import { SIGNS, type KNOWN_FLAGS } from "../generated/catalogue";
import type { LastValues, SignName, Signs } from "../wire/types";

// The server's own tables. The limits are adult defaults; a session has its own.
export { ADULT_LIMITS, RHYTHMS, SIGNS } from "../generated/catalogue";

export const SIGN_NAMES = Object.keys(SIGNS) as SignName[];

/** Every session begins so; a template's values are its first push. */
export const START_VALUES: LastValues = {
  ...(Object.fromEntries(SIGN_NAMES.map((name) => [name, SIGNS[name].start])) as Signs),
  rhythm: "sinus",
  flags: {},
  ramps: {},
  nibp: null,
};

/** A flag that means something to a monitor. */
export type KnownFlag = (typeof KNOWN_FLAGS)[number];

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

/** mmHg. */
export function meanPressure(signs: Pick<Signs, "systolic" | "diastolic">): number {
  return Math.round(signs.diastolic + (signs.systolic - signs.diastolic) / 3);
}
