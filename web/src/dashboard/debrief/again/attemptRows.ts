import type { Debrief } from "../../../wire/types";

/** What of a debrief is set side by side. */
export interface AttemptFigures {
  times: readonly Pick<Debrief["times"][number], "marker" | "from" | "seconds" | "is_met">[];
  resuscitation: readonly Pick<Debrief["resuscitation"][number], "seconds" | "compressions_seconds">[];
}

/** A key time, over all attempts: what happened, counted from what. */
export interface KeyTimeColumn {
  marker: string;
  from: string;
}

export interface AttemptRow {
  /** In the order of the columns; null: in this attempt nothing was done, nor was anything asked for. */
  times: ({ seconds: number | null; isMet: boolean | null } | null)[];
  /** Of the time without a pulse, that with compressions; null where there was none. */
  compressions: number | null;
}

/** The attempts of one team as rows of one table; an attempt whose debrief is not known is null, and so is its row. */
export function attemptRows(attempts: readonly (AttemptFigures | null)[]): { columns: KeyTimeColumn[]; rows: (AttemptRow | null)[] } {
  const columns = new Map<string, KeyTimeColumn>();
  for (const attempt of attempts)
    for (const { marker, from } of attempt?.times ?? []) if (!columns.has(keyOf({ marker, from }))) columns.set(keyOf({ marker, from }), { marker, from });
  const rows = attempts.map((attempt): AttemptRow | null => {
    if (attempt === null) return null;
    const times = new Map(attempt.times.map((time) => [keyOf(time), { seconds: time.seconds, isMet: time.is_met }]));
    return { times: [...columns.keys()].map((key) => times.get(key) ?? null), compressions: shareOf(attempt) };
  });
  return { columns: [...columns.values()], rows };
}

function keyOf({ marker, from }: KeyTimeColumn): string {
  return `${marker} ${from}`;
}

function shareOf({ resuscitation }: AttemptFigures): number | null {
  const whole = resuscitation.reduce((sum, { seconds }) => sum + seconds, 0);
  const compressed = resuscitation.reduce((sum, { compressions_seconds }) => sum + compressions_seconds, 0);
  return whole > 0 ? compressed / whole : null;
}
