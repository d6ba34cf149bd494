import type { News2 } from "../wire/debrief";

/**
 * NEWS2 and the shock index: what the signs of a moment come to. The same table as the server's
 * (`server/domain/debrief/news2.py`); tests/vectors/news2.json holds both to it.
 *
 * Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017, chart 1 and chart 4. For 16 years and
 * over, not in pregnancy. Here it is for talking about a case, never for care.
 */

type Parts = News2["parts"];
type Band = NonNullable<News2["band"]>;

const OXYGEN_POINTS = 2;
const NOT_ALERT_POINTS = 3;
export const MEDIUM_FROM = 5;
export const HIGH_FROM = 7;

/** `highest[i]` is the last value that brings `points[i]`; what is above all of them brings the last points. */
export interface Scale {
  readonly highest: readonly number[];
  readonly points: readonly number[];
}

export const RESPIRATORY_RATE: Scale = { highest: [8, 11, 20, 24], points: [3, 1, 0, 2, 3] };
const SPO2: Scale = { highest: [91, 93, 95], points: [3, 2, 1, 0] };
// Scale 2: target 88 to 92 %, in hypercapnic failure only. Above that the oxygen is too much, not the saturation.
const SPO2_ON_AIR_2: Scale = { highest: [83, 85, 87], points: [3, 2, 1, 0] };
const SPO2_ON_OXYGEN_2: Scale = { highest: [83, 85, 87, 92, 94, 96], points: [3, 2, 1, 0, 1, 2, 3] };
export const SYSTOLIC: Scale = { highest: [90, 100, 110, 219], points: [3, 2, 1, 0, 3] };
export const HEART_RATE: Scale = { highest: [40, 50, 90, 110, 130], points: [3, 1, 0, 1, 2, 3] };
export const TEMPERATURE: Scale = { highest: [35, 36, 38, 39], points: [3, 1, 0, 1, 2] };

/** Which of the rows of the table: it goes one way as the value does. */
export function placeIn({ highest }: Scale, value: number): number {
  const place = highest.findIndex((most) => value <= most);
  return place < 0 ? highest.length : place;
}

function pointsIn(scale: Scale, value: number | null): number | null {
  return value === null ? null : (scale.points[placeIn(scale, value)] as number);
}

export function spo2Scale(isScale2: boolean, hasOxygen: boolean): Scale {
  if (!isScale2) return SPO2;
  return hasOxygen ? SPO2_ON_OXYGEN_2 : SPO2_ON_AIR_2;
}

/** As they are shown: whole numbers, the temperature with one decimal; null: nobody could know it. */
export interface Observations {
  respiratory_rate: number | null;
  spo2: number | null;
  systolic: number | null;
  heart_rate: number | null;
  temperature: number | null;
  is_alert: boolean;
  has_oxygen: boolean;
  is_spo2_scale_2: boolean;
}

/** Null in the rows of which nothing is known. */
export function news2Parts(seen: Observations): Parts {
  return {
    respiratory_rate: pointsIn(RESPIRATORY_RATE, seen.respiratory_rate),
    spo2: pointsIn(spo2Scale(seen.is_spo2_scale_2, seen.has_oxygen), seen.spo2),
    oxygen: seen.has_oxygen ? OXYGEN_POINTS : 0,
    systolic: pointsIn(SYSTOLIC, seen.systolic),
    heart_rate: pointsIn(HEART_RATE, seen.heart_rate),
    consciousness: seen.is_alert ? 0 : NOT_ALERT_POINTS,
    temperature: pointsIn(TEMPERATURE, seen.temperature),
  };
}

export function totalOf(parts: Parts): number {
  return Object.values(parts).reduce<number>((sum, points) => sum + (points ?? 0), 0);
}

/** `low_medium`: a 3 in one row, and fewer than 5 in all. Of some rows only, it is the least that it can be. */
export function bandOf(parts: Parts): Band {
  const total = totalOf(parts);
  if (total >= HIGH_FROM) return "high";
  if (total >= MEDIUM_FROM) return "medium";
  return Object.values(parts).includes(3) ? "low_medium" : "low";
}

/** Heart rate by systolic pressure, to two decimals; none without a pressure. */
export function shockIndex(heartRate: number, systolic: number): number | null {
  return systolic <= 0 ? null : Math.floor((heartRate / systolic) * 100 + 0.5) / 100;
}
