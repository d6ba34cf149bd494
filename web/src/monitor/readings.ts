import { valueAt } from "../patient/ramps";
import { meanPressure } from "../patient/signs";
import type { LastValues, Rhythm, SignName } from "../wire/types";
import type { CuffReading } from "./nibp";

/**
 * What a place on the screen shows: a number; `off`, the sensor is off; `none`, there is nothing to
 * measure (dashes, both); `unreadable`, the sensor is on and finds no pulse ("-?-").
 */
export type Shown = number | "off" | "none" | "unreadable";
export type ReadingName = SignName | "mean" | "pulse";

export interface Readings extends Record<ReadingName, Shown> {
  /** Without its electrodes a monitor counts the pulse of the finger instead, and says so. */
  heart_rate_from: "ecg" | "pleth";
  /** Null while the electrodes are off: nothing can be said of the rhythm. */
  rhythm: Rhythm | null;
  /** The pressures are a cuff's result, and stand still until the next one. */
  is_cuff_result: boolean;
}

/** When the pulse was lost, and what the finger read before: it falls silent late, as a real one does. */
export interface PulseMemory {
  lost_at: number | null;
  spo2: number | null;
  pulse: number | null;
}

/** "-?-" comes 10-30 s after the loss of the pulse (clinical facts). */
export const PULSE_LOST_SECONDS = 12;

export const NO_PULSE_YET: PulseMemory = { lost_at: null, spo2: null, pulse: null };

/** Rhythms in which no heart rate can be counted. */
const UNCOUNTABLE: ReadonlySet<Rhythm> = new Set(["ventricular_fibrillation", "ventricular_fibrillation_fine"]);

export function isOn(last: LastValues, flag: string): boolean {
  const value = last.flags[flag];
  return value !== undefined && value !== false && value !== "";
}

/** Carry the memory one step further. A screen that opens upon a patient without a pulse shows "-?-" at once. */
export function watchPulse(memory: PulseMemory, last: LastValues, hasPulse: boolean, now: number): PulseMemory {
  if (!hasPulse) return memory.lost_at === null ? { ...memory, lost_at: now } : memory;
  const spo2 = valueAt(last, "spo2", now);
  const pulse = valueAt(last, "heart_rate", now);
  if (memory.lost_at === null && memory.spo2 === spo2 && memory.pulse === pulse) return memory;
  return { lost_at: null, spo2, pulse };
}

export function readingsAt(
  last: LastValues,
  now: number,
  hasPulse: boolean,
  memory: PulseMemory,
  cuff: CuffReading | null,
): Readings {
  const isEcgOff = isOn(last, "ecg_off");
  const isSpo2Off = isOn(last, "spo2_off");
  const isCo2Off = isOn(last, "co2_off");
  const finger = (now_: number, before: number | null): Shown => {
    if (isSpo2Off) return "off";
    if (hasPulse) return now_;
    const isHeld = before !== null && memory.lost_at !== null && now - memory.lost_at < PULSE_LOST_SECONDS * 1000;
    return isHeld ? before : "unreadable";
  };
  const pulse = finger(valueAt(last, "heart_rate", now), memory.pulse);
  const fromFinger = isEcgOff && typeof pulse === "number";
  return {
    heart_rate: isEcgOff ? (fromFinger ? pulse : "off") : electricalRate(last, now),
    heart_rate_from: fromFinger ? "pleth" : "ecg",
    rhythm: isEcgOff ? null : last.rhythm,
    pulse,
    spo2: finger(valueAt(last, "spo2", now), memory.spo2),
    // Breathing is seen by the CO2 line, and else by the electrodes (impedance).
    respiratory_rate: isCo2Off && isEcgOff ? "off" : valueAt(last, "respiratory_rate", now),
    etco2: isCo2Off ? "off" : valueAt(last, "etco2", now),
    temperature: isOn(last, "temp_off") ? "off" : valueAt(last, "temperature", now),
    ...pressures(last, now, hasPulse, cuff),
  };
}

/** By the ECG alone: it counts on in a patient without a pulse, and shows 0 in asystole. */
function electricalRate(last: LastValues, now: number): Shown {
  if (last.rhythm === "asystole") return 0;
  return UNCOUNTABLE.has(last.rhythm) ? "none" : valueAt(last, "heart_rate", now);
}

type Pressures = Pick<Readings, "systolic" | "diastolic" | "mean" | "is_cuff_result">;

function pressures(last: LastValues, now: number, hasPulse: boolean, cuff: CuffReading | null): Pressures {
  const is_cuff_result = isOn(last, "nibp_auto");
  const same = (shown: Shown): Pressures => ({ systolic: shown, diastolic: shown, mean: shown, is_cuff_result });
  if (isOn(last, "nibp_off")) return same("off");
  if (is_cuff_result) return cuff === null ? same("none") : { ...onlyPressures(cuff), is_cuff_result };
  const live = livePressures(last, now, hasPulse);
  return live === null ? same("none") : { ...live, is_cuff_result };
}

function onlyPressures(cuff: CuffReading): { systolic: number; diastolic: number; mean: number } {
  return { systolic: cuff.systolic, diastolic: cuff.diastolic, mean: cuff.mean };
}

/** No cuff finds a pressure this low. */
export const LOWEST_MEASURABLE_SYSTOLIC = 30;

/** What a cuff would find now (mmHg); null without a pulse. */
export function livePressures(
  last: LastValues,
  now: number,
  hasPulse: boolean,
): { systolic: number; diastolic: number; mean: number } | null {
  const systolic = valueAt(last, "systolic", now);
  // Two ramps may cross on their way; the lower is never above the upper on a screen.
  const diastolic = Math.min(valueAt(last, "diastolic", now), systolic);
  if (!hasPulse || systolic < LOWEST_MEASURABLE_SYSTOLIC) return null;
  return { systolic, diastolic, mean: meanPressure({ systolic, diastolic }) };
}
