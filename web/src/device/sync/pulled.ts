import { newId } from "../../wire/ids";
import type { SyncChange, SyncPage } from "../../wire/sync";
import type { TrainerDatabase } from "../database/schema";
import { contentOf, differing, isSame, newEdit, type Edit, type NewEdit, type SyncPosition, type TemplateCopy } from "./edit";

/**
 * Writes what was read of the server's log: rows and the place up to which they were read, in one transaction. `from`
 * is where the reading began; if another tab has read on meanwhile nothing is written, and the answer is false.
 */
export async function writeChanges(database: TrainerDatabase, page: SyncPage, from: SyncPosition): Promise<boolean> {
  return atPlace(database, page, from, async () => {
    for (const change of page.changes) await put(database, change);
  });
}

/** Everything that is there: what it does not name is gone here, unless it is sent again. */
export async function writeWhole(
  database: TrainerDatabase,
  page: SyncPage,
  from: SyncPosition,
  by: Pick<Edit, "author" | "made_at">,
): Promise<boolean> {
  return atPlace(database, page, from, async () => {
    const before = await database.copies.toArray();
    const told = new Map(page.changes.map((change) => [change.entityId, change]));
    if (from.is_resync)
      for (const copy of before) {
        const again = sentAgain(copy, told.get(copy.id), by);
        if (again !== null) await addFirst(database, again);
      }
    // After a resync their versions are of the log of before.
    const isGone = ({ id, version }: TemplateCopy) => !told.has(id) || (from.is_resync && version > 0);
    await database.copies.bulkDelete(before.filter(isGone).map((copy) => copy.id));
    for (const change of page.changes) await put(database, change);
  });
}

async function atPlace(
  database: TrainerDatabase,
  page: SyncPage,
  from: SyncPosition,
  write: () => Promise<void>,
): Promise<boolean> {
  const { copies, edits, sync } = database;
  return database.transaction("rw", copies, edits, sync, async () => {
    const now = await sync.get("school");
    if (now?.cursor !== from.cursor || now.epoch !== from.epoch || now.is_resync !== from.is_resync) return false;
    await write();
    await sync.put({ ...from, cursor: page.syncTimestamp, epoch: page.serverEpoch, is_resync: false });
    return true;
  });
}

function withoutPlace(edit: Edit): NewEdit {
  const anew: Partial<Edit> & NewEdit = { ...edit };
  delete anew.seq;
  return anew;
}

/** Before the edits of its case that wait already: they were made on what it brings back. */
async function addFirst({ edits }: TrainerDatabase, edit: NewEdit): Promise<void> {
  const after = (await edits.where({ template_id: edit.template_id }).sortBy("seq")).filter((one) => one.state === "waiting");
  await edits.bulkDelete(after.map(({ seq }) => seq));
  await edits.bulkAdd([edit, ...after.map(withoutPlace)]);
}

async function put({ copies, edits }: TrainerDatabase, change: SyncChange): Promise<void> {
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
  for (const edit of made)
    if (edit.base_version === 0 && isUntouched(edit, copy, change.payload))
      await edits.update(edit.seq, { base_version: change.serverVersion });
}

/** Whether nobody has changed what the edit changes since the copy was read. */
function isUntouched(edit: Edit, copy: TemplateCopy, payload: NonNullable<SyncChange["payload"]>): boolean {
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
  told: SyncChange | undefined,
  by: Pick<Edit, "author" | "made_at">,
): NewEdit | null {
  if (copy.version === 0) return null;
  const edit = (operation: Edit["operation"], content: Edit["content"], base_version: number): NewEdit => ({
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
