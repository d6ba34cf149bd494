import type { Refusal } from "../../wire/types";
import type { Commit } from "../database/commit";
import type { TrainerDatabase } from "../database/schema";
import { entryOf, toStored } from "../database/storedEntry";
import { isOldChange, takeOverChanges } from "../sync/oldChanges";
import type { Edit, SessionChange } from "../sync/edit";
import { isAside, saysAll, keyOf, supersedes, type OutboxEntry } from "./entry";
import type { OpenedHere } from "./opening";

export type NewEntry = Omit<OutboxEntry, "position" | "state" | "failures" | "refusal">;

/**
 * The changes made here and not yet confirmed. Every method that writes is one IndexedDB transaction, so that several
 * tabs may call them at once, and `committed` is told after it (`add`: by the caller). It sends nothing and
 * does not know what does. What an entry changes on the screen is computed from the entry itself (view/shown.ts); an
 * opened session's row is written together with its entry.
 */
export class Outbox {
  readonly #database: TrainerDatabase;
  readonly #committed: (change: Commit) => Promise<void>;

  constructor(database: TrainerDatabase, committed: (change: Commit) => Promise<void>) {
    this.#database = database;
    this.#committed = committed;
  }

  /** What was written down, if it may be sent at once; null if it waits for an earlier entry of its entity. */
  async add(entry: NewEntry, opened: OpenedHere | null): Promise<OutboxEntry | null> {
    const { sessions, cases, outbox } = this.#database;
    const waiting = { ...entry, state: "waiting", failures: 0, refusal: null } as const;
    const tables = opened === null ? [sessions, outbox] : [sessions, cases, outbox];
    return this.#database.transaction("rw", tables, async () => {
      if (opened !== null) await sessions.add(opened.session);
      if (opened !== null && opened.itsCase !== null) await cases.add(opened.itsCase);
      if (saysAll(entry.kind)) {
        const stale = (await this.#entries()).filter((one) => one.state !== "kept" && supersedes(entry, one));
        await outbox.bulkDelete(stale.map((one) => one.position));
      }
      const position = await outbox.add(toStored(waiting));
      const before = (await this.#entries()).find((one) => !isAside(one) && keyOf(one) === keyOf(entry));
      return before?.id === entry.id ? { ...waiting, position } : null;
    });
  }

  /** The first entry of every entity: what is to be sent next, or what blocks its entity. */
  async heads(): Promise<OutboxEntry[]> {
    let entries = await this.#entries();
    // A tab of an earlier version of the app is still open.
    if (entries.some(isOldChange)) {
      await takeOverChanges(this.#database);
      await this.#committed({ edits: true });
      entries = await this.#entries();
    }
    const heads = new Map<string, OutboxEntry>();
    for (const entry of entries)
      if (!isAside(entry) && !heads.has(keyOf(entry))) heads.set(keyOf(entry), entry);
    return [...heads.values()];
  }

  /** As it is now; null if it is no longer there to be sent. */
  async waiting(id: string): Promise<OutboxEntry | null> {
    const entry = await this.#entry(id);
    return entry?.state === "waiting" ? entry : null;
  }

  /** It failed, and is tried again. */
  async fail(id: string, failures: number): Promise<void> {
    await this.#edit(id, (entry) => ({ ...entry, failures }));
  }

  async reject(id: string, refusal: Refusal, failures: number): Promise<void> {
    await this.#edit(id, (entry) => ({ ...entry, state: "rejected", refusal, failures }));
  }

  /** A rejected entry is tried again where it stands; a kept one behind everything that was done since. */
  async retry(id: string): Promise<void> {
    await this.#change([], async ({ outbox }) => {
      const entry = await this.#entry(id);
      if (entry === undefined) return;
      if (entry.state === "rejected") await outbox.put(toStored(anew(entry)));
      if (entry.state !== "kept") return;
      for (const one of await this.#withFollowers(entry, "kept")) {
        const { position, ...rest } = anew(one);
        await outbox.delete(position);
        await outbox.add(toStored(rest));
      }
    });
  }

  /** A refused note goes beside the record instead, at the moment at which it was made; under another id. */
  async annotateInstead(id: string, newId: string): Promise<void> {
    await this.#replace(id, ({ body, made_at }) => {
      const { text = "", marker } = body as { text?: string; marker?: string };
      const annotation = { at: made_at, kind: "note", text, ...(marker === undefined ? {} : { marker }) };
      return { id: newId, kind: "annotation:add", body: annotation };
    });
  }

  /** A refused text in other words, under another id. */
  async reword(id: string, newId: string, text: string): Promise<void> {
    await this.#replace(id, ({ kind, body }) => ({ id: newId, kind, body: { ...body, text } }));
  }

  /** As if it had never been done. With the opening of a session goes everything done in it. */
  async discard(id: string): Promise<void> {
    const entry = await this.#entry(id);
    if (entry === undefined) return;
    await this.#change([entry.entity.id], async ({ sessions, cases, preparations, outbox, edits }) => {
      const now = await this.#entry(id);
      if (now === undefined) return;
      if (now.kind === "session:open") {
        await Promise.all([sessions, cases, preparations].map((table) => table.delete(now.entity.id)));
        await edits.where({ session_id: now.entity.id }).delete();
      }
      const gone = await this.#withFollowers(now);
      await outbox.bulkDelete(gone.map((one) => one.position));
    });
  }

  /** Out of the way of the others, for the record. With the opening of a session goes everything done in it. */
  async keep(id: string): Promise<void> {
    await this.#change([], async ({ outbox, edits }) => {
      const entry = await this.#entry(id);
      if (entry?.state !== "rejected") return;
      // Without the session nothing of it can be edited. Its names go with the opening, should that be tried again.
      if (entry.kind === "session:open") {
        const made = await edits.where({ session_id: entry.entity.id }).sortBy("seq");
        const body = made.reduce((names, edit) => ({ ...names, ...namesIn(edit.content) }), entry.body);
        await outbox.put(toStored({ ...entry, body }));
        await edits.bulkDelete(made.map(({ seq }) => seq));
      }
      for (const one of await this.#withFollowers(entry)) await outbox.update(one.position, { state: "kept" });
    });
  }

  /** Only of what was refused or put aside: anything else may have arrived. */
  async #replace(id: string, by: (entry: OutboxEntry) => Pick<OutboxEntry, "id" | "kind" | "body">): Promise<void> {
    await this.#change([], async ({ outbox }) => {
      const entry = await this.#entry(id);
      if (entry?.state !== "rejected" && entry?.state !== "kept") return;
      const { position, ...rest } = anew(entry);
      await outbox.delete(position);
      await outbox.add(toStored({ ...rest, ...by(entry) }));
    });
  }

  /** The entry, and what cannot be without it: a session's opening carries all of that session. */
  async #withFollowers(entry: OutboxEntry, state?: OutboxEntry["state"]): Promise<OutboxEntry[]> {
    if (entry.kind !== "session:open") return [entry];
    const all = await this.#entries();
    return all.filter((one) => keyOf(one) === keyOf(entry) && (state === undefined || one.state === state));
  }

  // Both answer with Dexie's own promise: awaited inside of a transaction, an async function's would let it commit.

  /** Oldest first. */
  #entries(): PromiseLike<OutboxEntry[]> {
    return this.#database.outbox
      .orderBy("position")
      .toArray()
      .then((all) => all.map(entryOf));
  }

  #entry(id: string): PromiseLike<OutboxEntry | undefined> {
    return this.#database.outbox.get({ id }).then((stored) => stored && entryOf(stored));
  }

  async #edit(id: string, edit: (entry: OutboxEntry) => OutboxEntry | null): Promise<OutboxEntry | null> {
    let edited: OutboxEntry | null = null;
    await this.#change([], async ({ outbox }) => {
      const entry = await this.#entry(id);
      edited = entry === undefined ? null : edit(entry);
      if (edited !== null) await outbox.put(toStored(edited));
    });
    return edited;
  }

  async #change(sessions: readonly string[], change: (tables: TrainerDatabase) => Promise<void>): Promise<void> {
    const database = this.#database;
    const { cases, preparations, outbox, edits } = database;
    await database.transaction("rw", database.sessions, cases, preparations, outbox, edits, () => change(database));
    await this.#committed({ sessions, cases: sessions, preparations: sessions, edits: true });
  }
}

/** Of an edit of a session what its opening can say, too. */
function namesIn(content: Edit["content"]): Record<string, unknown> {
  const { title, public_title, trainee_name } = (content ?? {}) as SessionChange;
  return {
    ...(title === undefined ? {} : { title }),
    ...(public_title === undefined ? {} : { public_title }),
    ...(trainee_name === undefined ? {} : { trainee_name: trainee_name ?? "" }),
  };
}

function anew(entry: OutboxEntry): OutboxEntry {
  return { ...entry, state: "waiting", failures: 0, refusal: null };
}
