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

/** The longest of all that is drawn on one scale, at least a second. */
export function longest(times: readonly ComparedTime[], own: OwnTimes | null): number {
  const ends = times.map((time) => Math.max(time.range?.[1] ?? 0, own?.get(timeKey(time)) ?? 0));
  return Math.max(1, ...ends);
}
