import type { RecordLine } from "../record/record";

/** What the clock of a case needs: milliseconds of the server's clock. */
export interface CaseTime {
  /** Null: it was not started. The clock then counts from the opening of the session. */
  startedAt: number | null;
  zero: number;
  /** While the session was paused, in order; null: it still is. */
  pauses: readonly { from: number; until: number | null }[];
}

export function caseTimeOf(lines: readonly RecordLine[], openedAt: number): CaseTime {
  const controls = lines.filter((line) => line.control !== null).sort((a, b) => a.at - b.at);
  const startedAt = controls.find((line) => line.control === "started")?.at ?? null;
  const pauses: { from: number; until: number | null }[] = [];
  for (const { control, at } of controls) {
    const last = pauses.at(-1);
    const isPaused = last !== undefined && last.until === null;
    if (control === "paused" && !isPaused) pauses.push({ from: at, until: null });
    if (control === "resumed" && isPaused) last.until = at;
  }
  return { startedAt, zero: startedAt ?? openedAt, pauses };
}

/** Seconds on the clock of the case at `at`: it stands while the session is paused. Below 0 before its start. */
export function clockAt({ zero, pauses }: CaseTime, at: number): number {
  const stood = pauses.reduce((sum, { from, until }) => {
    const end = Math.min(until ?? at, at);
    return sum + Math.max(0, end - Math.max(from, zero));
  }, 0);
  return (at - zero - stood) / 1000;
}
