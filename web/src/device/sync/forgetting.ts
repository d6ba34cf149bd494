import type { TrainerDatabase } from "../database/schema";
import { entryOf } from "../database/storedEntry";
import { isOfSession } from "./edit";

/** Open sessions of the server's that are here and not among `named`, and in which nothing waits. */
export async function openUnnamed(database: TrainerDatabase, named: ReadonlySet<string>): Promise<string[]> {
  const busy = await busySessions(database);
  const open = await database.sessions.filter((session) => session.closed_at === null && session.code !== null).primaryKeys();
  return open.filter((id) => !named.has(id) && !busy.has(id));
}

/** Those of which something waits to be sent, or to be decided. */
export async function busySessions({ outbox, edits }: TrainerDatabase): Promise<Set<string>> {
  const [entries, made] = await Promise.all([outbox.toArray(), edits.toArray()]);
  return new Set([...entries.map((stored) => entryOf(stored).entity.id), ...made.filter(isOfSession).map((edit) => edit.session_id)]);
}

/** As if this device had never met them. */
export async function forgetSessions(database: TrainerDatabase, ids: readonly string[]): Promise<void> {
  const { sessions, cases, preparations, events, records } = database;
  await database.transaction("rw", sessions, cases, preparations, events, records, async () => {
    for (const table of [sessions, cases, preparations, records]) await table.bulkDelete([...ids]);
    for (const id of ids) await eventsOf(database, id).delete();
  });
}

/** Their records go from here; the sessions stay, and are read again when somebody looks at them. */
export async function dropRecords(database: TrainerDatabase, ids: readonly string[]): Promise<void> {
  const { sessions, cases, events } = database;
  await database.transaction("rw", sessions, cases, events, async () => {
    await cases.bulkDelete([...ids]);
    for (const id of ids) {
      await eventsOf(database, id).delete();
      await sessions.update(id, { recorded_to: 0, attendance: null, annotations: [], scores: null, reflections: null, figures: null });
    }
  });
}

/** In seq order. */
export function eventsOf({ events }: TrainerDatabase, sessionId: string) {
  return events.where("[session_id+seq]").between([sessionId, 0], [sessionId, Number.MAX_SAFE_INTEGER]);
}
