import { Dexie, type Table } from "dexie";
import type { Annotation, Case, SeatAttendance, Session, SessionEvent, Template, Trainer } from "../../wire/types";
import type { StoredPreparation } from "./preparation";
import { entryOf, toStored, type StoredEntry } from "./storedEntry";

/** A session as the server last told it. What waits in the outbox is never written into it. */
export interface StoredSession extends Omit<Session, "code"> {
  /** Null while it was opened here and the server has not confirmed it. */
  code: string | null;
  event_count: number;
  trainee_count: number;
  /** Every event up to this seq stands in `events`. */
  recorded_to: number;
  /** Confirmed events beyond `last_seq` whose predecessors have not come yet, in seq order. */
  ahead: SessionEvent[];
  /** Beside the record, as last read: who was there when (null: never read), and what was annotated. */
  attendance: SeatAttendance[] | null;
  annotations: Annotation[];
  /** When a page last showed it live; null: never. */
  watched_at: string | null;
}

/** The case of a session, beside it: a push rewrites the session's own row. */
export interface StoredCase extends Case {
  session_id: string;
  /** The session's own copy, which never changes. Until the server has made it: its template, as it is here. */
  is_copy: boolean;
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

/**
 * One for the device. It holds no secret: the login is the HttpOnly cookie, which no script can read.
 */
export class DeviceDatabase extends Dexie {
  readonly meta!: Table<{ key: string; value: Holder }, string>;

  constructor(name: string) {
    super(name);
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
  readonly templates!: Table<Template, string>;
  readonly events!: Table<SessionEvent, [string, number]>;
  readonly cases!: Table<StoredCase, string>;
  readonly preparations!: Table<StoredPreparation, string>;
  /** Read with `entryOf`, written with `toStored`. */
  readonly outbox!: Table<StoredEntry, number, Omit<StoredEntry, "position">>;

  constructor(
    name: string,
    readonly trainerId: string,
  ) {
    // Strict: a change that was promised is on the disk, not in a buffer that a dead battery empties.
    super(`${name}.${trainerId}`, { chromeTransactionDurability: "strict" });
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
  }

  /** Forget what can be read again, and what was only prepared; what waits to be sent stays until its author returns. */
  async forget(): Promise<void> {
    const { sessions, templates, events, cases, preparations, outbox } = this;
    await this.transaction("rw", [sessions, templates, events, cases, preparations, outbox], async () => {
      await preparations.clear();
      if ((await outbox.count()) > 0) return;
      await Promise.all([sessions.clear(), templates.clear(), events.clear(), cases.clear()]);
    });
  }
}
