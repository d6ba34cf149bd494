import type { ConflictReason } from "../../wire/sync";
import type { StoredSession } from "../database/schema";
import { wholeSession } from "../database/storedSession";
import { contentOfSession, differingOfSession, type SessionContent, type SessionEdit, type SessionField, type Written } from "./edit";
import { loggedOf, tidied } from "./loggedSessions";

/** One session whose own fields this device and somebody else want to be different. */
export interface SessionConflict {
  session_id: string;
  /** As the server has it now; null: it is not there. */
  theirs: StoredSession | null;
  /** As it would be with what was done here. */
  mine: SessionContent;
  /** Where they differ. */
  fields: readonly SessionField[];
  reason: ConflictReason;
  /** When it was done here. */
  made_at: string;
  /** The version of `theirs`. */
  version: number;
  /** Who wrote that version and when; null: it has come since, or was never told. */
  written: Written | null;
  edits: readonly SessionEdit[];
}

/** By session, in the order in which they were made. */
export function bySession(edits: readonly SessionEdit[]): Map<string, SessionEdit[]> {
  const grouped = new Map<string, SessionEdit[]>();
  for (const edit of edits) {
    const group = grouped.get(edit.session_id);
    if (group === undefined) grouped.set(edit.session_id, [edit]);
    else group.push(edit);
  }
  return grouped;
}

/** The session's own fields as the trainer sees them: the server's word with every edit that waits on top. */
export function withEdits<S extends SessionContent>(session: S, edits: readonly SessionEdit[]): S {
  return edits.reduce((shown, edit) => (edit.state === "waiting" ? { ...shown, ...tidied(edit.content) } : shown), session);
}

/** One for each session, however many edits of it met somebody else's. */
export function sessionConflicts(
  sessions: ReadonlyMap<string, StoredSession>,
  edits: readonly SessionEdit[],
): SessionConflict[] {
  const inConflict = bySession(edits.filter((edit) => edit.state === "conflict"));
  return [...inConflict].map(([id, ofOne]) => conflictOf(sessions.get(id), ofOne));
}

function conflictOf(session: StoredSession | undefined, edits: readonly SessionEdit[]): SessionConflict {
  const [first, last] = [edits[0]!, edits.at(-1)!];
  const version = session === undefined ? 0 : loggedOf(session);
  // What the server lacks is here all the same, until it is too old.
  const theirs = session === undefined || last.conflict!.reason === "missing" ? null : wholeSession(session);
  const below = theirs === null ? first.before : contentOfSession(theirs);
  const mine = edits.reduce<SessionContent>((after, edit) => ({ ...after, ...tidied(edit.content) }), below);
  return {
    session_id: first.session_id,
    theirs,
    mine,
    fields: theirs === null ? [] : differingOfSession(below, mine),
    reason: last.conflict!.reason,
    made_at: last.made_at,
    version,
    written: edits.map((edit) => edit.conflict?.theirs).find((told) => told?.version === version) ?? null,
    edits,
  };
}
