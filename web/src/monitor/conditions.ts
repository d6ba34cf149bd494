import type { LimitName, Limits } from "../wire/types";
import type { Readings } from "./readings";
import type { Seen } from "./recognition";

/** What is wrong with what the monitor reads now, and how long it has to last before it is an alarm. */

export type Priority = "high" | "medium" | "low";
export type LimitAlarmId = `${LimitName}_${"low" | "high"}`;
export type NamedAlarmId =
  | "asystole"
  | "ventricular_fibrillation"
  | "ventricular_tachycardia"
  | "ventricular_rhythm"
  | "extreme_bradycardia"
  | "extreme_tachycardia"
  | "desaturation"
  | "apnoea"
  | "pulse_lost"
  | "ecg_off"
  | "spo2_off"
  | "nibp_off"
  | "co2_off"
  | "temp_off"
  | "nibp_failed";
export type AlarmId = LimitAlarmId | NamedAlarmId;
export type TileName = "ecg" | "spo2" | "nibp" | "co2" | "resp" | "temperature";

export interface Condition {
  id: AlarmId;
  priority: Priority;
  tile: TileName;
  delay_seconds: number;
  /** Which melody it has. */
  family: "cardiac" | "general";
  /** Of a limit that is passed: which, by what, on which side. */
  passed?: { name: LimitName; value: number; limit: number; side: "low" | "high" };
}

/**
 * A violation must last: 10 s for a warning, 5 s for a crisis (docs/clinical.md). What the readings themselves have taken
 * their time to see waits no longer: a rhythm, apnoea, a lost pulse.
 */
export const DELAYS = { warning: 10, crisis: 5, seen: 0, technical: 2 } as const;

/** Below this the saturation is a crisis, whatever the limit. */
const CRITICAL_SPO2 = 80;
const EXTREME = { margin: 20, lowest: 40, highest: 200 };

const TILES: Record<LimitName, TileName> = {
  heart_rate: "ecg",
  spo2: "spo2",
  systolic: "nibp",
  diastolic: "nibp",
  mean: "nibp",
  respiratory_rate: "resp",
  etco2: "co2",
  temperature: "temperature",
};
const LIMIT_NAMES = Object.keys(TILES) as LimitName[];
const PRESSURES = ["systolic", "mean", "diastolic"] as const satisfies readonly LimitName[];

/** Where a slow or fast heart is a crisis: 20 beyond the limit, at 40 / 200 at the latest, never inside the limit. */
export function extremeRates(limits: Limits): { low: number | null; high: number | null } {
  const { low, high } = limits.heart_rate;
  return {
    low: low === null ? null : Math.min(low, Math.max(EXTREME.lowest, low - EXTREME.margin)),
    high: high === null ? null : Math.max(high, Math.min(EXTREME.highest, high + EXTREME.margin)),
  };
}

export function conditionsOf(readings: Readings, limits: Limits, cuffHasFailed: boolean): Condition[] {
  return [
    ...ofRhythm(readings),
    ...ofCrises(readings, limits),
    ...alarming(limits).flatMap((name) => ofLimit(readings, limits, name)),
    ...ofSensors(readings, cuffHasFailed),
  ];
}

/**
 * One low pressure is one alarm: of the three, that of the systolic; where it has no limits, of the mean, then of the
 * diastolic (Philips: "NBP alarm source", systolic unless chosen otherwise).
 */
function alarming(limits: Limits): LimitName[] {
  const source = PRESSURES.find((name) => limits[name].low !== null || limits[name].high !== null);
  return LIMIT_NAMES.filter((name) => TILES[name] !== "nibp" || name === source);
}

const OF_RHYTHM: Record<Seen, { id: NamedAlarmId; priority: Priority } | null> = {
  organised: null,
  asystole: { id: "asystole", priority: "high" },
  ventricular_fibrillation: { id: "ventricular_fibrillation", priority: "high" },
  ventricular_tachycardia: { id: "ventricular_tachycardia", priority: "high" },
  ventricular_rhythm: { id: "ventricular_rhythm", priority: "medium" },
};

function ofRhythm(readings: Readings): Condition[] {
  const found = readings.rhythm === null ? null : OF_RHYTHM[readings.rhythm];
  return found === null ? [] : [{ ...found, tile: "ecg", delay_seconds: DELAYS.seen, family: "cardiac" }];
}

/** No beat is seen, whatever the rhythm is called. */
function isAsystolic(readings: Readings): boolean {
  return readings.rhythm === "asystole";
}

function ofCrises(readings: Readings, limits: Limits): Condition[] {
  const found: Condition[] = [];
  const crisis = (id: NamedAlarmId, tile: TileName, family: Condition["family"], delay: number = DELAYS.crisis) =>
    found.push({ id, priority: "high", tile, delay_seconds: delay, family });
  const { heart_rate, spo2, respiratory_rate } = readings;
  const extreme = extremeRates(limits);
  if (typeof heart_rate === "number" && !isAsystolic(readings)) {
    if (extreme.low !== null && heart_rate < extreme.low) crisis("extreme_bradycardia", "ecg", "cardiac");
    if (extreme.high !== null && heart_rate > extreme.high) crisis("extreme_tachycardia", "ecg", "cardiac");
  }
  const low = limits.spo2.low;
  if (typeof spo2 === "number" && low !== null && spo2 < Math.min(low, CRITICAL_SPO2))
    crisis("desaturation", "spo2", "general");
  if (respiratory_rate === 0) crisis("apnoea", "resp", "general", DELAYS.seen);
  if (readings.is_pulse_lost) crisis("pulse_lost", "spo2", "general", DELAYS.seen);
  return found;
}

function ofLimit(readings: Readings, limits: Limits, name: LimitName): Condition[] {
  const value = readings[name];
  if (typeof value !== "number") return [];
  if (name === "heart_rate" && isAsystolic(readings)) return [];
  const { low, high } = limits[name];
  const side = low !== null && value < low ? "low" : high !== null && value > high ? "high" : null;
  if (side === null) return [];
  const limit = (side === "low" ? low : high) ?? 0;
  // A cuff's result has nothing to wait for: it does not change before the next one.
  const delay_seconds = TILES[name] === "nibp" ? 0 : DELAYS.warning;
  const passed = { name, value, limit, side } as const;
  const family = TILES[name] === "ecg" || TILES[name] === "nibp" ? "cardiac" : "general";
  return [{ id: `${name}_${side}`, priority: "medium", tile: TILES[name], delay_seconds, family, passed }];
}

function ofSensors(readings: Readings, cuffHasFailed: boolean): Condition[] {
  const found: Condition[] = [];
  const technical = (id: NamedAlarmId, tile: TileName) =>
    found.push({ id, priority: "low", tile, delay_seconds: DELAYS.technical, family: "general" });
  if (readings.rhythm === null) technical("ecg_off", "ecg");
  if (readings.spo2 === "off") technical("spo2_off", "spo2");
  if (readings.systolic === "off") technical("nibp_off", "nibp");
  else if (cuffHasFailed) technical("nibp_failed", "nibp");
  if (readings.etco2 === "off") technical("co2_off", "co2");
  if (readings.temperature === "off") technical("temp_off", "temperature");
  return found;
}
