import { hasBeats, isOn, isVentilated } from "../patient/circulation";
import { piecesUntil, present, pulseRun, type History, type PulseRun } from "../patient/history";
import { valueAt } from "../patient/ramps";
import type { Waves } from "../waves";
import type { LastValues, Limits, SignName } from "../wire/types";
import type { CuffReading } from "./nibp";
import { isHidden, recognisedAt, type Seen } from "./recognition";
import { insideLimits, wandering } from "./wandering";

/**
 * What a place on the screen shows: a number; `off`, the sensor is off; `none`, there is nothing to
 * measure (dashes, both); `unreadable`, the sensor is on and cannot read it ("-?-").
 */
export type Shown = number | "off" | "none" | "unreadable";
export type ReadingName = SignName | "mean" | "pulse";

export interface Readings extends Record<ReadingName, Shown> {
  /** Without its electrodes a monitor counts the pulse of the finger instead, and says so. */
  heart_rate_from: "ecg" | "pleth";
  /** What the ECG is taken for; null while the electrodes are off: nothing can be said of the rhythm. */
  rhythm: Seen | null;
  /** Compressions hide the ECG: `rhythm` is what it was before them. */
  is_artefact: boolean;
  /** The finger has no pulse, and the saturation is one of before. */
  is_saturation_old: boolean;
  /** The finger has no pulse, and the saturation is not held any more. */
  is_pulse_lost: boolean;
}

/** What is read off the curves; of `createWaves`, so that number and curve cannot tell two stories. */
export type Measured = Pick<Waves, "endTidalAt" | "lastBreathAt" | "pulsesPerBeatAt">;

/** What a monitor goes by besides the patient. */
export interface Setting {
  /** Of the session: the numbers of all its screens wander together. */
  seed: number;
  limits: Limits;
  /** The last result. */
  cuff: CuffReading | null;
}

/** ms. The finger's pulse is counted on some waves; its saturation is averaged over 8-10 s (docs/clinical.md). */
const PULSE_COUNTED = 4_000;
export const SPO2_HELD = 10_000;
/** Over a flat curve the saturation is doubtful long before it goes. */
const DOUBTED = 2_000;
/** Back, the saturation is valid 10-20 s later, starts low and climbs. */
const SPO2_FOUND = 10_000;
const SPO2_CLIMBS = 10_000;
const SPO2_STARTS_AT = 85;
/** No breath for so long is apnoea: the rate that was counted before counts no more. */
export const APNOEA = 20_000;

export function readingsAt(history: History, now: number, measured: Measured, setting: Setting): Readings {
  const last = present(history);
  const isEcgOff = isOn(last, "ecg_off");
  const isCo2Off = isOn(last, "co2_off");
  const run = pulseRun(history, now);
  const rhythm = recognisedAt(history, now);
  const is_artefact = isHidden(history, now);
  const wander = (name: SignName, value: number) => wandered(history, name, value, now, setting);
  const pulse = isOn(last, "spo2_off") ? "off" : pulseAt(history, run, now, measured, wander);
  const spo2 = isOn(last, "spo2_off") ? "off" : saturationAt(last, run, now);
  const fromFinger = isEcgOff && typeof pulse === "number";
  const electrical = is_artefact ? "unreadable" : electricalRate(history, rhythm, now, wander);
  return {
    heart_rate: isEcgOff ? (fromFinger ? pulse : "off") : electrical,
    heart_rate_from: fromFinger ? "pleth" : "ecg",
    rhythm,
    is_artefact: is_artefact && !isEcgOff,
    is_saturation_old: typeof spo2 === "number" && !run.has && now - run.since >= DOUBTED,
    is_pulse_lost: spo2 === "unreadable" && !run.has,
    pulse,
    spo2,
    // Breathing is seen by the CO2 line, and else by the electrodes (impedance).
    respiratory_rate: isCo2Off && isEcgOff ? "off" : breathingRate(last, now, measured, wander),
    etco2: isCo2Off ? "off" : endTidal(now, measured, wander),
    temperature: isOn(last, "temp_off") ? "off" : valueAt(last, "temperature", now),
    ...pressures(last, setting.cuff),
  };
}

type Wander = (name: SignName, value: number) => number;

function wandered(history: History, name: SignName, value: number, now: number, { seed, limits }: Setting): number {
  const by = wandering(name, present(history), seed, now, history.steadySince[name]);
  if (by === 0 || (name !== "heart_rate" && name !== "respiratory_rate" && name !== "etco2")) return value;
  const { low, high } = limits[name];
  return insideLimits(value, Math.max(0, value + by), [low, high]);
}

/** By the ECG alone: it counts on in a patient without a pulse, and shows 0 in asystole. */
function electricalRate(history: History, rhythm: Seen | null, now: number, wander: Wander): Shown {
  if (rhythm === "asystole") return 0;
  if (rhythm === "ventricular_fibrillation") return "none";
  // Until it has been seen that no beat comes any more, what was counted last stands there.
  const pieces = piecesUntil(history, now);
  const endOf = (place: number) => pieces[place + 1]?.since ?? now + 1;
  const beating = pieces.findLastIndex((piece, place) => hasBeats(piece.last, endOf(place) - 1));
  const piece = pieces[beating];
  if (piece === undefined) return "none";
  const rate = valueAt(piece.last, "heart_rate", endOf(beating) - 1);
  return beating === pieces.length - 1 ? wander("heart_rate", rate) : rate;
}

/** Counted on the waves that reach the finger, so late by some of them when they cease, and when they are back. */
function pulseAt(history: History, run: PulseRun, now: number, measured: Measured, wander: Wander): Shown {
  if (!run.has) {
    if (run.before === null || now - run.since >= PULSE_COUNTED) return "unreadable";
    const share = measured.pulsesPerBeatAt(run.since);
    return Math.round(valueAt(run.before.last, "heart_rate", run.since - 1) * share);
  }
  if (now - run.since < PULSE_COUNTED && run.before !== null) return "unreadable";
  const rate = wander("heart_rate", valueAt(present(history), "heart_rate", now));
  return Math.round(rate * measured.pulsesPerBeatAt(now, run.since));
}

function saturationAt(last: LastValues, run: PulseRun, now: number): Shown {
  const age = now - run.since;
  if (!run.has) {
    if (run.before === null || age >= SPO2_HELD) return "unreadable";
    return valueAt(run.before.last, "spo2", run.since);
  }
  const true_ = valueAt(last, "spo2", now);
  // A pause so short that the number never went away.
  if (run.before === null || run.since - run.before.since < SPO2_HELD || age >= SPO2_FOUND + SPO2_CLIMBS) return true_;
  if (age < SPO2_FOUND) return "unreadable";
  const start = Math.min(true_, SPO2_STARTS_AT);
  return Math.floor(start + ((true_ - start) * (age - SPO2_FOUND)) / SPO2_CLIMBS);
}

function breathingRate(last: LastValues, now: number, measured: Measured, wander: Wander): number {
  const breath = measured.lastBreathAt(now);
  if (now - breath.time >= APNOEA) return 0;
  const rate = valueAt(last, "respiratory_rate", now);
  return isVentilated(last, now) && rate > 0 ? wander("respiratory_rate", rate) : Math.round(breath.rate);
}

function endTidal(now: number, measured: Measured, wander: Wander): number {
  const highest = Math.round(measured.endTidalAt(now));
  return highest === 0 ? 0 : wander("etco2", highest);
}

type Pressures = Pick<Readings, "systolic" | "diastolic" | "mean">;

/** Nothing but what the cuff has found, and that until it finds something else: live pressure needs an arterial line. */
function pressures(last: LastValues, cuff: CuffReading | null): Pressures {
  const same = (shown: Shown): Pressures => ({ systolic: shown, diastolic: shown, mean: shown });
  if (isOn(last, "nibp_off")) return same("off");
  if (cuff === null) return same("none");
  return { systolic: cuff.systolic, diastolic: cuff.diastolic, mean: cuff.mean };
}
