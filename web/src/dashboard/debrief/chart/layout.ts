import { clockAt, type CaseTime } from "../../room/case/caseTime";

/** CSS pixels: the lanes' names stand left of the curves, and nothing right of them but air. */
export interface Gutter {
  left: number;
  right: number;
}

export function gutterOf(width: number): Gutter {
  return { left: width > WIDE ? 104 : 76, right: 16 };
}

/** A projector, or a desk like one. */
const WIDE = 1_000;
const HIGHEST_LANE = 84;
/** Of the page, everything that is no lane. */
const AROUND_LANES = 470;
export const FLAGS = 20;
export const BAND = 17;
/** Of the patient's, and of what the team could know. */
export const NEWS_ROW = 17;
export const NEWS = 2 * NEWS_ROW + 1;
export const AXIS = 20;
export const GAP = 4;

/** Six lanes and a score have to fit a laptop, with the monitor beside and the keys below; a higher screen is used. */
export function laneHeight(lanes: number, screen: number): number {
  const least = lanes > 6 ? 32 : lanes > 5 ? 37 : 44;
  return Math.round(Math.min(HIGHEST_LANE, Math.max(least, (screen - AROUND_LANES) / lanes)));
}

/** Seconds between two times below the chart. */
const STEPS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const APART = 64;

/** Whole steps of the case's own clock, which stands in a pause; moments in ms. */
export function timesBetween(from: number, until: number, time: CaseTime, inner: number): number[] {
  const most = Math.max(2, Math.floor(inner / APART));
  const step = STEPS.find((one) => (until - from) / 1000 / one <= most) ?? 14_400;
  const first = Math.ceil(clockAt(time, from) / step);
  const last = Math.floor(clockAt(time, until) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, count) => momentAt(time, (first + count) * step));
}

/** When the clock of the case came to so many seconds. */
export function momentAt({ zero, pauses }: CaseTime, seconds: number): number {
  let at = zero + seconds * 1000;
  for (const { from, until } of pauses) if (until !== null && until > zero && Math.max(from, zero) < at) at += until - Math.max(from, zero);
  return at;
}

/** A gap where there is no number. */
export function linePath(xs: readonly number[], values: readonly (number | null)[], x: (at: number) => number, y: (value: number) => number): string {
  let isDown = false;
  const parts: string[] = [];
  for (const [place, at] of xs.entries()) {
    const value = values[place] ?? null;
    if (value !== null) parts.push(`${isDown ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`);
    isDown = value !== null;
  }
  return parts.join("");
}
