/** The cuff: it takes its time, as a real one does. Pressures in mmHg, moments in milliseconds of the server's clock. */

/** 16 s up, 1 s hold, 13 s down (Gas Notes). */
export const INFLATING_SECONDS = 16;
export const HOLDING_SECONDS = 1;
export const DEFLATING_SECONDS = 13;
export const MEASURING_SECONDS = INFLATING_SECONDS + HOLDING_SECONDS + DEFLATING_SECONDS;

const LOWEST_PEAK = 160;
const HIGHEST_PEAK = 280;
const ABOVE_SYSTOLIC = 35;
/** A deflating cuff lets air out in steps, and opens wide when it has heard enough. */
const STEP = 8;
const OPENS_AT = 0.85;

export interface CuffReading {
  systolic: number;
  diastolic: number;
  mean: number;
  at: number;
}

export interface Cuff {
  /** Null: at rest. */
  started_at: number | null;
  peak: number;
  last: CuffReading | null;
  /** When the last measurement ended without a result; null after one with a result. */
  failed_at: number | null;
}

export type CuffPhase = "idle" | "inflating" | "holding" | "deflating";

export function restingCuff(last: CuffReading | null = null): Cuff {
  return { started_at: null, peak: 0, last, failed_at: null };
}

/** `systolic`: as the last reading or the patient's present one; the pump goes above it. */
export function startCuff(cuff: Cuff, now: number, systolic: number): Cuff {
  if (cuff.started_at !== null) return cuff;
  const peak = Math.min(HIGHEST_PEAK, Math.max(LOWEST_PEAK, systolic + ABOVE_SYSTOLIC));
  return { ...cuff, started_at: now, peak };
}

/** Let the air out; what was measured before stays. */
export function stopCuff(cuff: Cuff): Cuff {
  return cuff.started_at === null ? cuff : { ...cuff, started_at: null };
}

/** `measure` is asked once, at the end: null if no pulse or no cuff is there. */
export function cuffAt(
  cuff: Cuff,
  now: number,
  measure: (at: number) => { systolic: number; diastolic: number; mean: number } | null,
): Cuff {
  if (cuff.started_at === null) return cuff;
  const end = cuff.started_at + MEASURING_SECONDS * 1000;
  if (now < end) return cuff;
  // A tab that slept takes the reading of the moment at which the cuff was done, not of its waking up.
  const found = measure(end);
  if (found === null) return { ...restingCuff(null), failed_at: end };
  return restingCuff({ ...found, at: end });
}

export function cuffPhase(cuff: Cuff, now: number): CuffPhase {
  if (cuff.started_at === null) return "idle";
  const seconds = (now - cuff.started_at) / 1000;
  if (seconds < INFLATING_SECONDS) return "inflating";
  return seconds < INFLATING_SECONDS + HOLDING_SECONDS ? "holding" : "deflating";
}

/** The pressure in the cuff, in whole mmHg; 0 at rest. */
export function cuffPressure(cuff: Cuff, now: number): number {
  if (cuff.started_at === null) return 0;
  const seconds = Math.max(0, (now - cuff.started_at) / 1000);
  if (seconds < INFLATING_SECONDS) return Math.round(cuff.peak * (seconds / INFLATING_SECONDS));
  const falling = (seconds - INFLATING_SECONDS - HOLDING_SECONDS) / DEFLATING_SECONDS;
  if (falling <= 0) return cuff.peak;
  if (falling >= 1) return 0;
  const low = 40;
  if (falling > OPENS_AT) return Math.round(low * (1 - (falling - OPENS_AT) / (1 - OPENS_AT)));
  const smooth = cuff.peak - (cuff.peak - low) * (falling / OPENS_AT);
  return Math.ceil(smooth / STEP) * STEP;
}
