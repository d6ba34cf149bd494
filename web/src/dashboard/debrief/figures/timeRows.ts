import type { Figures } from "../../../wire/beside";

/** One line of the key times: both zeros side by side. */
export interface KeyTimeRow {
  marker: string;
  start: number | null;
  arrest: number | null;
  /** Counted from another marker, as a target says. */
  other: number | null;
  targets: readonly { seconds: number; from: string; is_met: boolean | null }[];
}

/** One row a marker: what has a target first, and of those as they were told. Ticks of the checklist stand there. */
export function timeRows(times: Figures["times"], isTick: (marker: string) => boolean): KeyTimeRow[] {
  const rows = new Map<string, KeyTimeRow>();
  for (const { marker, from, seconds, target_seconds, is_met } of times) {
    if (isTick(marker)) continue;
    const row = rows.get(marker) ?? { marker, start: null, arrest: null, other: null, targets: [] };
    if (from === "start") row.start = seconds;
    else if (from === "arrest") row.arrest = seconds;
    else row.other = seconds;
    if (target_seconds !== null) row.targets = [...row.targets, { seconds: target_seconds, from, is_met }];
    rows.set(marker, row);
  }
  return [...rows.values()].sort((a, b) => Number(a.targets.length === 0) - Number(b.targets.length === 0));
}
