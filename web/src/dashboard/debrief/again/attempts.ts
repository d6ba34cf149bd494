import type { Session } from "../../../wire/types";

/** What of a session says which attempt it is. */
export type Attempt = Pick<Session, "id" | "created_at" | "forked_from">;

/**
 * All attempts of which this session is one, in the order in which they were made: those that go on from one another,
 * by whatever way. Only itself, if it goes on from none and none from it; none, if it is not known.
 */
export function attemptsWith<Is extends Attempt>(id: string, sessions: readonly Is[]): Is[] {
  const byId = new Map(sessions.map((session) => [session.id, session]));
  const rootOf = (session: Is): string => {
    const seen = new Set<string>();
    let root: Is = session;
    for (;;) {
      seen.add(root.id);
      const before = root.forked_from?.session_id;
      // One that this device does not have is the same one for all that go on from it.
      if (before === undefined || seen.has(before)) return root.id;
      const known = byId.get(before);
      if (known === undefined) return before;
      root = known;
    }
  };
  const own = byId.get(id);
  if (own === undefined) return [];
  const root = rootOf(own);
  return sessions
    .filter((session) => rootOf(session) === root)
    .sort((a, b) => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id));
}

/** The place of the session among them, from 1 on. One whose beginning is not known here is at least the second. */
export function attemptNumber(id: string, sessions: readonly Attempt[]): number {
  const attempts = attemptsWith(id, sessions);
  const place = attempts.findIndex((attempt) => attempt.id === id);
  const lacksFirst = attempts[0] !== undefined && attempts[0].forked_from !== null;
  return Math.max(1, place + 1 + (lacksFirst ? 1 : 0));
}
