/** Which sessions are compared, by when they were opened. Days are those of this browser. */

export const PERIODS = ["all", "month", "quarter", "year", "own"] as const;
export type PeriodName = (typeof PERIODS)[number];

export interface Period {
  name: PeriodName;
  /** Of `own`: days as a field of a page writes them, 2026-11-21; "" is open. */
  first: string;
  last: string;
}

export const EVERYTHING: Period = { name: "all", first: "", last: "" };

const DAYS = { month: 30, quarter: 91, year: 365 } as const;
const DAY_MS = 24 * 3600 * 1000;

/** Moments as the server takes them: from the beginning of the first day to the end of the last. */
export function momentsOf(period: Period, now: number): { from: string; to: string } {
  switch (period.name) {
    case "all":
      return { from: "", to: "" };
    case "own":
      return { from: dayBegins(period.first, 0), to: dayBegins(period.last, 1) };
    default:
      return { from: new Date(now - DAYS[period.name] * DAY_MS).toISOString(), to: "" };
  }
}

function dayBegins(day: string, daysLater: number): string {
  const [year, month, date] = day.split("-").map(Number);
  if (year === undefined || month === undefined || date === undefined) return "";
  const begins = new Date(year, month - 1, date + daysLater);
  return Number.isNaN(begins.getTime()) ? "" : begins.toISOString();
}

/** Whether it ends before it begins: nothing can lie in it. */
export function isBackwards({ name, first, last }: Period): boolean {
  return name === "own" && first !== "" && last !== "" && last < first;
}
