import type { LastValues, Limits, Rhythm, SignName, Signs } from "../wire/types";

/** Ranges, units and start values: the contract's section 2. */
export interface Sign {
  name: SignName;
  unit: string;
  min: number;
  max: number;
  start: number;
  /** Decimals that it is kept and shown with. */
  decimals: number;
}

export const SIGNS: Record<SignName, Sign> = {
  heart_rate: { name: "heart_rate", unit: "/min", min: 0, max: 300, start: 75, decimals: 0 },
  systolic: { name: "systolic", unit: "mmHg", min: 0, max: 300, start: 120, decimals: 0 },
  diastolic: { name: "diastolic", unit: "mmHg", min: 0, max: 200, start: 80, decimals: 0 },
  spo2: { name: "spo2", unit: "%", min: 0, max: 100, start: 98, decimals: 0 },
  respiratory_rate: { name: "respiratory_rate", unit: "/min", min: 0, max: 80, start: 16, decimals: 0 },
  etco2: { name: "etco2", unit: "mmHg", min: 0, max: 150, start: 38, decimals: 0 },
  temperature: { name: "temperature", unit: "°C", min: 25, max: 43, start: 37, decimals: 1 },
};

export const SIGN_NAMES = Object.keys(SIGNS) as SignName[];

/** Every session begins so; a template's values are its first push. */
export const START_VALUES: LastValues = {
  ...(Object.fromEntries(SIGN_NAMES.map((name) => [name, SIGNS[name].start])) as Signs),
  rhythm: "sinus",
  flags: {},
  ramps: {},
};

export const RHYTHMS: readonly Rhythm[] = [
  "sinus",
  "atrial_fibrillation",
  "atrial_flutter",
  "svt",
  "av_block_1",
  "av_block_2_wenckebach",
  "av_block_2_mobitz",
  "av_block_3",
  "junctional",
  "idioventricular",
  "ventricular_tachycardia",
  "torsades",
  "ventricular_fibrillation",
  "ventricular_fibrillation_fine",
  "asystole",
  "stemi",
  "paced",
  "pvc_bigeminy",
];

/** The five conditions that a simple quadrant display shows as tiles. */
export const CONDITIONS = [
  "respiratory_distress",
  "cardiac_arrest",
  "dysglycaemia",
  "haemorrhage",
  "loss_of_consciousness",
] as const;

/** A sensor that is off: dashes, no wave. */
export const SENSORS_OFF = ["ecg_off", "spo2_off", "nibp_off", "co2_off", "temp_off"] as const;

/** Adult defaults; Mindray, Philips (the clinical facts page). The server sends the session's own. */
export const ADULT_LIMITS: Limits = {
  heart_rate: { low: 50, high: 120 },
  spo2: { low: 90, high: null },
  systolic: { low: 90, high: 160 },
  diastolic: { low: 50, high: 90 },
  mean: { low: 60, high: 110 },
  respiratory_rate: { low: 8, high: 30 },
  etco2: { low: 30, high: 50 },
  temperature: { low: 36, high: 39 },
};

/** mmHg. */
export function meanPressure(signs: Pick<Signs, "systolic" | "diastolic">): number {
  return Math.round(signs.diastolic + (signs.systolic - signs.diastolic) / 3);
}
