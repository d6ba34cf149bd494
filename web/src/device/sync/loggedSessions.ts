import { newId } from "../../wire/ids";
import type { SentAnswer, ServerState, SessionChanged } from "../../wire/sync";
import type { Session } from "../../wire/types";
import type { StoredSession, TrainerDatabase } from "../database/schema";
import { wholeSession } from "../database/storedSession";
import {
  contentOfSession, differingOfSession, isOfSession, isSame, newSessionEdit,
  type Edit, type NewSessionEdit, type SessionChange, type SessionContent, type SessionEdit,
} from "./edit"; // prettier-ignore
import { eventsOf } from "./forgetting";
import { losesNames, mergeSession } from "./merge";
import { isRecent, MOST_LISTED } from "./records";

/** Who reads, and when by the server's clock. */
export interface Reader {
  author: string;
  made_at: string;
}

/** So many rows are written at once; a push that is written down meanwhile waits for no more. */
export const ROWS_AT_ONCE = 100;

/**
 * Writes sessions as the server's log tells them, inside of a transaction of the caller's. `listed`: old ones that are
 * taken, too. After a resync what the server says replaces what was here. The answer: those that have changed.
 */
export async function putSessions(
  database: TrainerDatabase,
  changes: readonly SessionChanged[],
  { reader, listed, isResync }: { reader: Reader; listed: ReadonlySet<string>; isResync: boolean },
): Promise<string[]> {
  const { sessions, outbox, preparations, edits } = database;
  const edited = new Set((await edits.orderBy("session_id").uniqueKeys()) as string[]);
  const known = await sessions.bulkGet(changes.map((change) => change.entityId));
  const put: StoredSession[] = [];
  const gone: string[] = [];
  for (const [at, { payload, serverVersion, entityId }] of changes.entries()) {
    const stored = known[at];
    if (payload === null) gone.push(entityId);
    if (payload === null || (stored !== undefined && !isResync && loggedOf(stored) > serverVersion)) continue;
    if (stored === undefined && !listed.has(entityId) && !isRecent(payload, Date.parse(reader.made_at))) continue;
    if (isResync && stored !== undefined) await begunAgain(database, stored, payload, serverVersion, reader);
    if (losesNames(stored, payload)) await dropRecord(database, entityId);
    if (edited.has(entityId)) await rebase(database, payload, serverVersion, isResync);
    put.push({ ...(isResync ? replaced(stored, payload) : mergeSession(stored, payload)), logged: serverVersion });
    // The id of an opening is its session's: a session that the server has is opened.
    if (stored?.code === null) await outbox.where("id").equals(entityId).delete();
  }
  await sessions.bulkPut(put);
  await preparations.bulkDelete(put.filter((session) => session.closed_at !== null).map(({ id }) => id));
  await forget(database, gone);
  return [...put.map(({ id }) => id), ...gone];
}

/** Their records were deleted on the server: nothing of them stays here, and nothing that waits can be sent any more. */
async function forget(database: TrainerDatabase, ids: readonly string[]): Promise<void> {
  const { sessions, preparations, edits } = database;
  for (const id of ids) {
    await dropRecord(database, id);
    await edits.where({ session_id: id }).delete();
  }
  await sessions.bulkDelete([...ids]);
  await preparations.bulkDelete([...ids]);
}

async function dropRecord(database: TrainerDatabase, id: string): Promise<void> {
  await eventsOf(database, id).delete();
  await database.records.delete(id);
}

/** Of all that the school has had, the ended sessions that ended last. */
export function listedOf(changes: readonly SessionChanged[]): ReadonlySet<string> {
  const ended = changes.flatMap(({ payload }) => (payload === null || payload.closed_at === null ? [] : [payload]));
  ended.sort((a, b) => (a.closed_at! < b.closed_at! ? 1 : -1));
  return new Set(ended.slice(0, MOST_LISTED).map(({ id }) => id));
}

/** A tab of an earlier version of the app writes rows without it. */
export function loggedOf(session: Pick<StoredSession, "logged">): number {
  return (session.logged as number | undefined) ?? 0;
}

/** What came of an edit that was sent: the edit goes, and what it wrote stands in the session. */
export async function acknowledgeSession(
  { sessions, edits, choices }: TrainerDatabase,
  edit: SessionEdit,
  { serverVersion, serverData }: SentAnswer["acknowledged"][number],
): Promise<void> {
  const stored = await sessions.get(edit.session_id);
  // The answer to a repeat may be older than what was read since.
  if (stored !== undefined && serverVersion >= loggedOf(stored)) {
    if (serverData) await keepSession(sessions, edit, serverData);
    else await sessions.put({ ...stored, ...tidied(edit.content), logged: serverVersion });
  }
  await edits.delete(edit.seq);
  const { session_id, content } = edit;
  // It is what stands on the server now: nothing is written by telling of it.
  await choices.bulkPut(
    edit.settles.map((id) => ({ id, session_id, keep: "local", content, version: serverVersion, failures: 0 }) as const),
  );
}

/** What the server says of a session beside its answer to an edit; what was told later than it stays. */
export async function keepSession(
  sessions: TrainerDatabase["sessions"],
  edit: SessionEdit,
  told: ServerState | null,
): Promise<void> {
  const stored = await sessions.get(edit.session_id);
  if (told === null || stored === undefined || loggedOf(stored) > told.version) return;
  await sessions.put({ ...mergeSession(stored, told.payload as Session), logged: told.version });
}

/** As the server keeps it: an empty name is none. */
export function tidied(content: SessionChange): SessionChange {
  return content.trainee_name === "" ? { ...content, trainee_name: null } : content;
}

/** Edits that wait, and were made on exactly this state, or on one whose place in the log was not known. */
export async function rebase(
  { edits }: TrainerDatabase,
  payload: SessionContent & Pick<Session, "id" | "version">,
  serverVersion: number,
  isResync: boolean,
): Promise<void> {
  for (const edit of await edits.where({ session_id: payload.id }).toArray()) {
    if (!isOfSession(edit) || edit.base_version >= serverVersion) continue;
    // What was opened here begins with version 1 on the server; after a backup the same number may mean something else.
    const isSameState = !isResync && payload.version === Math.max(1, edit.made_on);
    if (isSameState || (edit.base_version === 0 && isUntouched(edit, payload)))
      await edits.update(edit.seq, { base_version: serverVersion });
  }
}

function isUntouched({ before, content }: SessionEdit, payload: SessionContent): boolean {
  return (Object.keys(content) as (keyof SessionChange)[]).every((field) => isSame(before[field], payload[field]));
}

/**
 * The server has come back from a backup, say. Where this device knew more of the session's own fields, that is sent
 * again, so that nothing that it had acknowledged is lost; where it has something newer, and another one, a person sees both. A
 * record that is not the same any more is read again.
 */
async function begunAgain(
  database: TrainerDatabase,
  stored: StoredSession,
  payload: Session,
  serverVersion: number,
  reader: Reader,
): Promise<void> {
  const { edits, records } = database;
  const again = sentAgain(stored, payload, serverVersion, reader);
  const after = (await edits.where({ session_id: payload.id }).sortBy("seq")).filter((edit) => edit.state === "waiting");
  if (again !== null) {
    // Before those that wait already: they were made on what it brings back.
    await edits.bulkDelete(after.map(({ seq }) => seq));
    await edits.bulkAdd([again, ...after.map(withoutSeq)]);
  }
  if (isSameRecord(stored, payload)) return;
  await eventsOf(database, payload.id).delete();
  await records.delete(payload.id);
}

function sentAgain(stored: StoredSession, payload: Session, serverVersion: number, reader: Reader): NewSessionEdit | null {
  const logged = loggedOf(stored);
  if (logged === 0 || stored.closed_at !== null || payload.closed_at !== null) return null;
  const before = contentOfSession(wholeSession(stored));
  const fields = differingOfSession(before, payload);
  if (fields.length === 0) return null;
  const content = Object.fromEntries(fields.map((field) => [field, before[field]])) as SessionChange;
  const base_version = Math.min(serverVersion, logged);
  const what = { id: newId(), session_id: payload.id, content, before, base_version, made_on: stored.version };
  return { ...newSessionEdit({ ...reader, ...what }), is_again: true };
}

/** After a resync: an open session may have gone on in another way since, under the same numbers. */
function isSameRecord(stored: StoredSession, payload: Session): boolean {
  return payload.closed_at !== null && payload.closed_at === stored.closed_at && payload.last_seq === stored.last_seq;
}

function replaced(stored: StoredSession | undefined, payload: Session): StoredSession {
  const fresh = mergeSession(undefined, payload);
  if (stored === undefined) return fresh;
  const { attendance, annotations, watched_at, trainee_count, recorded_to } = wholeSession(stored);
  const kept = { attendance, annotations, watched_at, trainee_count };
  return { ...fresh, ...kept, recorded_to: isSameRecord(stored, payload) ? recorded_to : 0 };
}

function withoutSeq(edit: Edit): NewSessionEdit {
  const { seq: _, ...rest } = edit;
  return rest as NewSessionEdit;
}
