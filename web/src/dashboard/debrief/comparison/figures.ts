import type { Debrief } from "../../../wire/types";
import type { ComparedTime } from "../../../wire/types";

/** Seconds of one attempt by marker and what it is counted from; null for what was not done. */
export type OwnTimes = ReadonlyMap<string, number | null>;

export function timeKey({ marker, from }: { marker: string; from: string }): string {
  return `${marker} ${from}`;
}

export function ownTimes(debrief: Debrief): OwnTimes {
  return new Map((debrief.times ?? []).map((time) => [timeKey(time), time.seconds]));
}

/** Of one attempt an item of the checklist, as the comparison counts it: of several sheets the score in the middle. */
export type OwnScores = (key: string) => number | null;

export function ownScores(debrief: Debrief): OwnScores {
  const begun = debrief.scores.sheets.map(({ items }) => items).filter((items) => Object.keys(items).length > 0);
  return (key) => middle(begun.map((items) => items[key]?.score ?? 0).filter((score) => score !== "na"));
}

function middle(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** The longest of all that is drawn on one scale, at least a second. */
export function longest(times: readonly ComparedTime[], own: OwnTimes | null): number {
  const ends = times.map((time) => Math.max(time.range?.[1] ?? 0, own?.get(timeKey(time)) ?? 0));
  return Math.max(1, ...ends);
}
