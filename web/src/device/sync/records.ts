import type { StoredCase, StoredRecord, StoredSession } from "../database/schema";
import type { Session } from "../../wire/types";

/** Ended sessions, and those that were looked at here, so long ago are on the device with their records. */
const RECENT_MS = 30 * 24 * 3600_000;
/** Beside them the sessions that ended last are listed, without their records. */
export const MOST_LISTED = 200;

export interface OnDevice {
  sessions: Iterable<StoredSession>;
  records: ReadonlyMap<string, StoredRecord>;
  cases: ReadonlyMap<string, StoredCase>;
  /** Sessions that a page shows, or of which something waits to be sent: they are let be. */
  busy: ReadonlySet<string>;
  /** The time by the server's clock. */
  now: number;
  /** Bytes for all records together. */
  room: number;
}

/** What is to be done, so that the device has what it should. */
export interface RecordPlan {
  /** The session whose record is to be fetched, or measured, next. */
  next: string | null;
  /** Those whose record goes: it is too old, or there is no room. */
  drop: string[];
  /** Those that go themselves. */
  forget: string[];
}

/** Newest first as far as there is room: the oldest is out first. */
export function planRecords({ sessions, records, cases, busy, now, room }: OnDevice): RecordPlan {
  const ended = [...sessions].filter((session) => session.closed_at !== null && session.code !== null);
  ended.sort((a, b) => lastUse(b) - lastUse(a) || (a.id < b.id ? -1 : 1));
  const plan: RecordPlan = { next: null, drop: [], forget: [] };
  let left = room;
  for (const [place, session] of ended.entries()) {
    const bytes = records.get(session.id)?.bytes;
    const isOld = !isRecent(session, now);
    if (isOld || left <= 0 || (bytes ?? 0) > left) {
      // What is older than one for which there is no room goes, too.
      if (!isOld) left = 0;
      if (busy.has(session.id)) continue;
      if (isOld && place >= MOST_LISTED) plan.forget.push(session.id);
      else if (session.recorded_to > 0 || session.attendance !== null) plan.drop.push(session.id);
      continue;
    }
    left -= bytes ?? 0;
    const isKnown = bytes !== undefined && isWhole(session, cases);
    if (!isKnown && !busy.has(session.id)) plan.next ??= session.id;
  }
  return plan;
}

/** Whether its page opens with everything that there is of it, also without a network. */
export function isWhole(session: StoredSession, cases: ReadonlyMap<string, StoredCase>): boolean {
  const hasCase = session.template_id === null || cases.has(session.id);
  return hasRecord(session) && session.attendance !== null && hasCase;
}

/** Whether every event that the server is known to have is here. */
export function hasRecord({ recorded_to, last_seq }: Pick<StoredSession, "recorded_to" | "last_seq">): boolean {
  return recorded_to >= last_seq;
}

/** Open, or ended or looked at here not long ago. */
export function isRecent(session: Pick<Session, "closed_at"> & { watched_at?: string | null }, now: number): boolean {
  return session.closed_at === null || now - lastUse(session) < RECENT_MS;
}

function lastUse({ closed_at, watched_at }: Pick<Session, "closed_at"> & { watched_at?: string | null }): number {
  return Math.max(Date.parse(closed_at ?? "") || 0, Date.parse(watched_at ?? "") || 0);
}
