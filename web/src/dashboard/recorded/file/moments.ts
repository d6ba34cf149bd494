import { numberIn, type Cell } from "./numbers";

/** How a column tells the time; `rows`: none does, and rows are a steady time apart. */
export const TIME_KINDS = ["seconds", "milliseconds", "minutes", "days", "clock", "minutes_seconds", "rows"] as const;
export type TimeKind = (typeof TIME_KINDS)[number];

const DAY = 86_400;
const SCALES = { seconds: 1, milliseconds: 0.001, minutes: 60, days: DAY } as const;
const DATE = /(?:^|[^\d])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/;
const CLOCK = /(?:^|[T\s[])(\d{1,3})[:h](\d{1,2})(?:[:m](\d{1,2}(?:[.,]\d{1,9})?)s?)?(\.\d{1,9})?\s*([ap]m)?(?=$|[\sZ+\]-])/i;
const LONGEST = 40;

export interface ClockTime {
  /** Days since 1970 of a date that begins with its year; null: no date, or one that may be read in two ways. */
  day: number | null;
  /** Two or three numbers: `12:30` may be hours or minutes. */
  parts: [number, number, number | null];
  /** `0:01.250`: behind two numbers there is a fraction only of seconds. */
  fraction: number | null;
}

/** `08:15`, `08:15:30`, `2026-03-01T08:15:30Z`, `01/03/2026 08:15`, `8h15`: what of it is a time. */
export function clockIn(cell: Cell): ClockTime | null {
  if (typeof cell !== "string" || cell.length > LONGEST) return null;
  const found = CLOCK.exec(cell);
  if (found === null) return null;
  const [, first, second, third, fraction, half] = found;
  const hours = half === undefined ? Number(first) : (Number(first) % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
  const seconds = third === undefined ? null : Number(third.replace(",", "."));
  if (Number(second) > 59 || (seconds ?? 0) >= 61) return null;
  return { day: dayIn(cell), parts: [hours, Number(second), seconds], fraction: fraction === undefined ? null : Number(fraction) };
}

/** Seconds since some moment, one cell after the other: a clock without a date goes on after midnight. */
export function momentReader(kind: TimeKind, interval: number): (cell: Cell, row: number) => number | null {
  if (kind === "rows") return (_, row) => row * interval;
  if (kind !== "clock" && kind !== "minutes_seconds") {
    return (cell) => {
      const value = numberIn(cell);
      return value === null ? null : value * SCALES[kind];
    };
  }
  let [before, days] = [null as number | null, 0];
  return (cell) => {
    const time = clockIn(cell);
    if (time === null) return null;
    const seconds = secondsOf(time, kind);
    if (time.day !== null) return time.day * DAY + seconds;
    // Also of a table whose newest row comes first.
    if (before !== null && Math.abs(seconds - before) > DAY / 2) days += seconds < before ? 1 : -1;
    before = seconds;
    return days * DAY + seconds;
  };
}

function secondsOf({ parts: [first, second, third], fraction }: ClockTime, kind: "clock" | "minutes_seconds"): number {
  if (third !== null) return first * 3600 + second * 60 + third;
  return kind === "clock" ? first * 3600 + second * 60 : first * 60 + second + (fraction ?? 0);
}

function dayIn(cell: string): number | null {
  const [, year, month, day] = DATE.exec(cell) ?? [];
  return year === undefined ? null : Date.UTC(Number(year), Number(month) - 1, Number(day)) / 1000 / DAY;
}
