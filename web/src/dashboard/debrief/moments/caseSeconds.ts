import type { Lasting } from "../chart/spans";

/** What the clock of the case counts between two moments: it stands while the session is paused. */
export function caseSeconds(from: number, until: number, paused: readonly Lasting[]): number {
  const stood = paused.reduce((sum, pause) => sum + Math.max(0, Math.min(pause.until, until) - Math.max(pause.from, from)), 0);
  return Math.max(0, until - from - stood) / 1000;
}
