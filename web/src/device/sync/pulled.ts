import { newId } from "../../wire/ids";
import type { ColleagueChanged, SessionChanged, SyncChange, SyncPage, TemplateChanged } from "../../wire/sync";
import type { TrainerDatabase } from "../database/schema";
import {
  contentOf, differing, isOfTemplate, isSame, newEdit, WHOLE_LOG,
  type NewTemplateEdit, type SyncPosition, type TemplateCopy, type TemplateEdit,
} from "./edit"; // prettier-ignore
import { listedOf, putSessions, ROWS_AT_ONCE, type Reader } from "./loggedSessions";

const NONE: ReadonlySet<string> = new Set();

/**
 * Writes what was read of the server's log: rows and the place up to which they were read, in one transaction. `from`
 * is where the reading began; if another tab has read on meanwhile nothing is written, and the answer is null: else it
 * is the sessions that have changed.
 */
export async function writeChanges(
  database: TrainerDatabase,
  page: SyncPage,
  from: SyncPosition,
  reader: Reader,
): Promise<string[] | null> {
  return atPlace(database, page, from, async () => {
    for (const change of page.changes) if (change.entityType === "TEMPLATE") await put(database, change);
    await putColleagues(database, page.changes.filter(isColleague));
    return putSessions(database, page.changes.filter(isSession), { reader, listed: NONE, isResync: false });
  });
}

/** Everything that is there: a case that it does not name is gone here, unless it is sent again. */
export async function writeWhole(
  database: TrainerDatabase,
  page: SyncPage,
  from: SyncPosition,
  reader: Reader,
): Promise<string[] | null> {
  const changed = await writeSessions(database, page.changes.filter(isSession), from, reader);
  return atPlace(database, page, from, async () => {
    await writeTemplates(database, page.changes.filter(isTemplate), from, reader);
    await database.colleagues.clear();
    await putColleagues(database, page.changes.filter(isColleague));
    return changed;
  });
}

/** Some at a time: what is written ahead of the place in the log is only written again if that is not reached. */
async function writeSessions(
  database: TrainerDatabase,
  changes: readonly SessionChanged[],
  from: SyncPosition,
  reader: Reader,
): Promise<string[]> {
  const how = { reader, listed: listedOf(changes), isResync: from.is_resync };
  const changed: string[] = [];
  for (let at = 0; at < changes.length; at += ROWS_AT_ONCE) {
    const some = changes.slice(at, at + ROWS_AT_ONCE);
    changed.push(...(await database.transaction("rw", tablesOf(database), () => putSessions(database, some, how))));
  }
  return changed;
}

async function writeTemplates(
  database: TrainerDatabase,
  changes: readonly TemplateChanged[],
  from: SyncPosition,
  reader: Reader,
): Promise<void> {
  const before = await database.copies.toArray();
  const told = new Map(changes.map((change) => [change.entityId, change]));
  if (from.is_resync)
    for (const copy of before) {
      const again = sentAgain(copy, told.get(copy.id), reader);
      if (again !== null) await addFirst(database, again);
    }
  // After a resync their versions are of the log of before.
  const isGone = ({ id, version }: TemplateCopy) => !told.has(id) || (from.is_resync && version > 0);
  await database.copies.bulkDelete(before.filter(isGone).map((copy) => copy.id));
  for (const change of changes) await put(database, change);
}

async function atPlace<T>(
  database: TrainerDatabase,
  page: SyncPage,
  from: SyncPosition,
  write: () => Promise<T>,
): Promise<T | null> {
  return database.transaction("rw", tablesOf(database), async () => {
    const now = await database.sync.get(WHOLE_LOG);
    if (now?.cursor !== from.cursor || now.epoch !== from.epoch || now.is_resync !== from.is_resync) return null;
    const written = await write();
    await database.sync.put({ ...from, cursor: page.syncTimestamp, epoch: page.serverEpoch, is_resync: false });
    return written;
  });
}

function tablesOf({ copies, edits, sync, sessions, outbox, preparations, events, records, colleagues }: TrainerDatabase) {
  return [copies, edits, sync, sessions, outbox, preparations, events, records, colleagues];
}

function isSession(change: SyncChange): change is SessionChanged {
  return change.entityType === "SESSION";
}

function isColleague(change: SyncChange): change is ColleagueChanged {
  return change.entityType === "TRAINER";
}

/** Whoever has left the school is a colleague no longer. */
async function putColleagues({ colleagues }: TrainerDatabase, changes: readonly ColleagueChanged[]): Promise<void> {
  for (const { entityId, payload } of changes) {
    if (payload === null || payload.deleted_at !== null) await colleagues.delete(entityId);
    else await colleagues.put({ id: entityId, name: payload.name, role: payload.role });
  }
}

function isTemplate(change: SyncChange): change is TemplateChanged {
  return change.entityType === "TEMPLATE";
}

function withoutPlace(edit: TemplateEdit): NewTemplateEdit {
  const anew: Partial<TemplateEdit> & NewTemplateEdit = { ...edit };
  delete anew.seq;
  return anew;
}

/** Before the edits of its case that wait already: they were made on what it brings back. */
async function addFirst({ edits }: TrainerDatabase, edit: NewTemplateEdit): Promise<void> {
  const made = await edits.where({ template_id: edit.template_id }).sortBy("seq");
  const after = made.filter(isOfTemplate).filter((one) => one.state === "waiting");
  await edits.bulkDelete(after.map(({ seq }) => seq));
  await edits.bulkAdd([edit, ...after.map(withoutPlace)]);
}

async function put({ copies, edits }: TrainerDatabase, change: TemplateChanged): Promise<void> {
  const copy = await copies.get(change.entityId);
  if (copy !== undefined && copy.version > change.serverVersion) return;
  if (change.payload === null) {
    if (copy !== undefined) await copies.put({ ...copy, version: change.serverVersion, deleted: true });
    return;
  }
  await copies.put({ id: change.entityId, base: change.payload, version: change.serverVersion, deleted: false });
  if (copy?.version !== 0) return;
  // Of a copy that an earlier version of the app had read: its version is known only now.
  const made = await edits.where({ template_id: copy.id }).toArray();
  for (const edit of made.filter(isOfTemplate))
    if (edit.base_version === 0 && isUntouched(edit, copy, change.payload))
      await edits.update(edit.seq, { base_version: change.serverVersion });
}

/** Whether nobody has changed what the edit changes since the copy was read. */
function isUntouched(edit: TemplateEdit, copy: TemplateCopy, payload: NonNullable<TemplateChanged["payload"]>): boolean {
  if (edit.operation === "DELETE") return differing(copy.base, payload).length === 0;
  return Object.keys(edit.content ?? {}).every((field) =>
    isSame(copy.base[field as keyof typeof copy.base], payload[field as keyof typeof payload]),
  );
}

/**
 * The server has come back from a backup, say, and this device knew more: what it must be sent, so that nothing that it
 * had acknowledged is lost. Where it has something newer, and another one, the edit is one on the old version, so that
 * a person sees both sides.
 */
function sentAgain(
  copy: TemplateCopy,
  told: TemplateChanged | undefined,
  by: Reader,
): NewTemplateEdit | null {
  if (copy.version === 0) return null;
  const edit = (operation: TemplateEdit["operation"], content: TemplateEdit["content"], base_version: number): NewTemplateEdit => ({
    ...newEdit({ ...by, id: newId(), template_id: copy.id, operation, content, before: copy.base, base_version }),
    is_again: true,
  });
  const payload = told?.payload ?? null;
  if (told === undefined || payload === null) return copy.deleted ? null : edit("CREATE", contentOf(copy.base), 0);
  const isOlder = told.serverVersion < copy.version;
  if (copy.deleted) return edit("DELETE", null, Math.min(told.serverVersion, copy.version));
  const fields = differing(copy.base, payload);
  if (fields.length === 0) return null;
  const content = Object.fromEntries(fields.map((field) => [field, copy.base[field]]));
  return edit("UPDATE", content, isOlder ? told.serverVersion : copy.version);
}
