import { Dexie, type Table } from "dexie";
import type { Annotation, Case, SeatAttendance, Session, SessionEvent, Template, Trainer } from "../../wire/types";
import { newId } from "../../wire/ids";
import type { Figures, Reflection, Scores } from "../../wire/beside";
import type { KnownColleague } from "../../wire/sync";
import { WHOLE_LOG, type ConflictChoice, type Edit, type NewEdit, type SyncPosition, type TemplateCopy } from "../sync/edit";
import type { KeptDraft } from "./draft";
import type { StoredPreparation } from "./preparation";
import { entryOf, toStored, type StoredEntry } from "./storedEntry";

/** A session as the server last told it. What waits in the outbox is never written into it. */
export interface StoredSession extends Omit<Session, "code"> {
  /** Null while it was opened here and the server has not confirmed it. */
  code: string | null;
  event_count: number;
  /** Null: only the lists of the server tell it, and this session has been in none that was read here. */
  trainee_count: number | null;
  /** The version in the school's log that its own fields were read at, or brought to; 0: not known here. */
  logged: number;
  /** Every event up to this seq stands in `events`. */
  recorded_to: number;
  /** Confirmed events beyond `last_seq` whose predecessors have not come yet, in seq order. */
  ahead: SessionEvent[];
  /** Beside the record, as last read: who was there when (null: never read), and what was annotated. */
  attendance: SeatAttendance[] | null;
  annotations: Annotation[];
  /** Everybody's sheets, and the trainees' own words; null: never read. */
  scores: Scores | null;
  reflections: Reflection[] | null;
  figures: Figures | null;
  /** When a page last showed it live; null: never. */
  watched_at: string | null;
}

/** The case of a session, beside it: a push rewrites the session's own row. */
export interface StoredCase extends Case {
  session_id: string;
  /** The session's own copy, which never changes. Until the server has made it: its template, as it is here. */
  is_copy: boolean;
}

/** How large the record of an ended session is; that of one that has gone from here for lack of room, too. */
export interface StoredRecord {
  session_id: string;
  bytes: number;
}

/**
 * Who holds this device. `changing`: a login is under way, so that the cookie may be anybody's;
 * `leaving`: logged out here, and the server does not know it yet.
 */
export interface Holder {
  trainer: Trainer | null;
  state: "in" | "out" | "changing" | "leaving";
  /** Milliseconds since the epoch. */
  since: number;
}

/** Where databases are, if not where the browser keeps them. */
export interface Stores {
  indexedDB: IDBFactory;
  IDBKeyRange: typeof IDBKeyRange;
}

/**
 * One for the device. It holds no secret: the login is the HttpOnly cookie, which no script can read.
 */
export class DeviceDatabase extends Dexie {
  readonly meta!: Table<{ key: string; value: Holder }, string>;

  constructor(name: string, stores: Stores | null = null) {
    super(name, { ...stores });
    this.version(1).stores({ meta: "key" });
  }
}

/**
 * One for each trainer who has logged in on this device: what is one trainer's is never read, shown or sent for
 * another.
 *
 * Versions only ever grow; a change of the schema is a new `version(n).stores(…).upgrade(…)` below the
 * old ones, and an outbox written by any earlier version of the app must still be sent.
 */
export class TrainerDatabase extends Dexie {
  /** Those that an earlier version of the app wrote are whole only after `wholeSession`. */
  readonly sessions!: Table<StoredSession, string>;
  readonly copies!: Table<TemplateCopy, string>;
  readonly edits!: Table<Edit, number, NewEdit>;
  readonly choices!: Table<ConflictChoice, string>;
  readonly sync!: Table<SyncPosition, string>;
  readonly records!: Table<StoredRecord, string>;
  readonly colleagues!: Table<KnownColleague, string>;
  readonly events!: Table<SessionEvent, [string, number]>;
  readonly cases!: Table<StoredCase, string>;
  readonly preparations!: Table<StoredPreparation, string>;
  readonly drafts!: Table<KeptDraft, string>;
  /** Read with `entryOf`, written with `toStored`. */
  readonly outbox!: Table<StoredEntry, number, Omit<StoredEntry, "position">>;

  constructor(
    name: string,
    readonly trainerId: string,
    stores: Stores | null = null,
  ) {
    // Strict: a change that was promised is on the disk, not in a buffer that a dead battery empties.
    super(`${name}.${trainerId}`, { chromeTransactionDurability: "strict", ...stores });
    this.version(1).stores({
      sessions: "id",
      templates: "id",
      events: "[session_id+seq]",
      outbox: "++position, &id, session_id",
    });
    // The indexes stay: a tab of version 1 that finds its own gone would add them again, and another version number.
    this.version(2).upgrade((transaction) =>
      transaction
        .table<StoredEntry>("outbox")
        .toCollection()
        .modify((stored, row) => {
          row.value = toStored(entryOf(stored));
        }),
    );
    this.version(3).stores({ cases: "session_id" });
    this.version(4).stores({ preparations: "session_id" });
    // Beside `templates`, which a tab of an earlier version may still read and empty.
    this.version(5)
      .stores({ copies: "id", edits: "++seq, &id, template_id", choices: "id", sync: "key" })
      .upgrade(async (transaction) => {
        const templates = await transaction.table<Template>("templates").toArray();
        await transaction
          .table<TemplateCopy>("copies")
          .bulkPut(templates.map((base) => ({ id: base.id, base, version: 0, deleted: false })));
      });
    this.version(6)
      .stores({ edits: "++seq, &id, template_id, session_id", records: "session_id" })
      .upgrade(async (transaction) => {
        const sync = transaction.table<SyncPosition, string>("sync");
        const before = await sync.get("school");
        // The same device, and the same server; what is read of it begins anew, for sessions are read, too.
        if (before !== undefined) await sync.add({ ...before, key: WHOLE_LOG, cursor: 0 });
        await transaction.table<StoredSession>("sessions").toCollection().modify({ logged: 0 });
      });
    this.version(7)
      .stores({ colleagues: "id" })
      .upgrade(async (transaction) => {
        const sync = transaction.table<Omit<SyncPosition, "key"> & { key: string }, string>("sync");
        const before = await sync.get("cases and sessions");
        // The log is read from its beginning once more: what was passed over of it has the school's people.
        if (before !== undefined) await sync.put({ ...before, key: WHOLE_LOG, cursor: 0 });
      });
    this.version(8).stores({ drafts: "template_id" });
  }

  /** Where this device stands in the server's log; before the first time: at its beginning, under a name of its own. */
  async position(): Promise<SyncPosition> {
    return this.transaction("rw", this.sync, async () => {
      const known = await this.sync.get(WHOLE_LOG);
      if (known !== undefined) return known;
      const first: SyncPosition = { key: WHOLE_LOG, client_id: newId(), cursor: 0, epoch: null, is_resync: false };
      await this.sync.add(first);
      return first;
    });
  }

  /**
   * Forget what can be read again, and what was only prepared; what waits to be sent, and the cases that are being
   * written, stay until their author returns.
   */
  async forget(): Promise<void> {
    const { sessions, copies, edits, choices, events, cases, preparations, outbox, sync, records, colleagues } = this;
    const templates = this.table("templates");
    const all = [sessions, templates, copies, edits, choices, events, cases, preparations, outbox, sync, records, colleagues];
    await this.transaction("rw", all, async () => {
      await Promise.all([preparations.clear(), templates.clear()]);
      if ((await outbox.count()) > 0 || (await edits.count()) > 0 || (await choices.count()) > 0) return;
      await Promise.all([sessions, copies, events, cases, records, colleagues].map((table) => table.clear()));
      await sync.toCollection().modify({ cursor: 0 });
    });
  }
}
