import { sessionEntity, type OutboxEntry } from "../outbox/entry";

/**
 * An entry as it stands in the database. Version 1 of the app wrote `session_id` and `created_at` where there
 * are `entity` and `made_at` today. A tab of that version may still be open beside this one: it opens the
 * newer database, reads and writes its own two fields, and may even be the tab that sends. So both pairs are
 * written, and either is read.
 */
export interface StoredEntry extends Omit<OutboxEntry, "entity" | "made_at"> {
  entity?: OutboxEntry["entity"];
  made_at?: string;
  session_id?: string;
  created_at?: string;
}

export function entryOf(stored: StoredEntry): OutboxEntry {
  const { session_id = "", created_at = "", ...entry } = stored;
  // Version 1 wrote down what it was sending; whether that arrived is not known here.
  const state = entry.state === "sending" ? "waiting" : entry.state;
  return { ...entry, state, entity: stored.entity ?? sessionEntity(session_id), made_at: stored.made_at ?? created_at };
}

export function toStored<E extends Omit<OutboxEntry, "position">>(entry: E): E & StoredPair {
  return { ...entry, session_id: entry.entity.id, created_at: entry.made_at };
}

type StoredPair = Required<Pick<StoredEntry, "session_id" | "created_at">>;
