/** An ended session ends where it ended; one that runs, now. */
export function endOf(session: { created_at: string; closed_at: string | null; expires_at: string }, now: number): number {
  const ended = session.closed_at === null ? Math.min(now, Date.parse(session.expires_at)) : Date.parse(session.closed_at);
  return Math.max(Date.parse(session.created_at) + 1000, ended);
}
