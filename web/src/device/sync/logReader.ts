import type { Api, Result } from "../../wire/api";
import type { SyncAsker, SyncChange, SyncPage } from "../../wire/sync";
import type { Refusal } from "../../wire/types";
import type { Commit } from "../database/commit";
import type { TrainerDatabase } from "../database/schema";
import type { Reachability } from "../outbox/reachability";
import type { SyncPosition } from "./edit";
import { forgetSessions, openUnnamed } from "./forgetting";
import type { Reader } from "./loggedSessions";
import { writeChanges, writeWhole } from "./pulled";

export interface LogReaderOptions {
  api: Api;
  database: TrainerDatabase;
  reachability: Pick<Reachability, "heard">;
  me: () => string;
  /** The time by the server's clock. */
  now: () => number;
  committed(change: Commit): Promise<void>;
}

/** What came of reading; `sessions` have changed here. */
export interface Read {
  refusal: Refusal | null;
  sessions: string[];
  hasTemplates: boolean;
  hasColleagues: boolean;
  /** Another tab has read on meanwhile: what was read here was not written, and there may be more. */
  isOvertaken: boolean;
}

/** Reads the server's log from where this device stands in it, and writes what it says. */
export class LogReader {
  readonly #options: LogReaderOptions;

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  async read(from: SyncPosition): Promise<Read> {
    return from.cursor === 0 ? this.#readWhole(from) : this.#readOn(from);
  }

  async #readOn(from: SyncPosition): Promise<Read> {
    const { api, database, reachability } = this.#options;
    const read: Read = { ...NOTHING, sessions: [] };
    for (let position = from; ; position = await database.position()) {
      const page = await api.changes(askerAt(position));
      if (!page.ok) return { ...read, refusal: page.refusal };
      reachability.heard();
      const sessions = await writeChanges(database, page.value, position, this.#reader());
      read.isOvertaken ||= sessions === null;
      read.sessions.push(...(sessions ?? []));
      read.hasTemplates ||= page.value.changes.some((change) => change.entityType === "TEMPLATE");
      read.hasColleagues ||= page.value.changes.some((change) => change.entityType === "TRAINER");
      if (!page.value.hasMore) return read;
    }
  }

  /** All pages before any is written: only the whole says what is no longer there. */
  async #readWhole(from: SyncPosition): Promise<Read> {
    const { api, database, reachability } = this.#options;
    const changes: SyncChange[] = [];
    let last: SyncPage | null = null;
    while (last === null || last.hasMore) {
      const page: Result<SyncPage> = await api.changes({ ...askerAt(from), lastSyncTimestamp: last?.syncTimestamp ?? 0 });
      if (!page.ok) return { ...NOTHING, refusal: page.refusal };
      reachability.heard();
      last = page.value;
      changes.push(...last.changes);
    }
    const sessions = await writeWhole(database, { ...last, changes }, from, this.#reader());
    // Otherwise another tab has begun, too, and knows more by now.
    if (sessions !== null) await this.#dropUnnamed(new Set(changes.map((change) => change.entityId)));
    return { refusal: null, sessions: sessions ?? [], hasTemplates: true, hasColleagues: true, isOvertaken: sessions === null };
  }

  /** Open sessions that are here, and that the whole did not name: opened since, or lost with what a backup lacks. */
  async #dropUnnamed(named: ReadonlySet<string>): Promise<void> {
    const { api, database, committed } = this.#options;
    for (const id of await openUnnamed(database, named)) {
      const answer = await api.session(id);
      if (answer.ok || answer.refusal.code !== "not_found") continue;
      await forgetSessions(database, [id]);
      await committed({ sessions: [id], cases: [id], preparations: [id] });
    }
  }

  #reader(): Reader {
    return { author: this.#options.me(), made_at: new Date(this.#options.now()).toISOString() };
  }
}

const NOTHING: Read = { refusal: null, sessions: [], hasTemplates: false, hasColleagues: false, isOvertaken: false };

export function askerAt({ client_id, epoch, cursor }: SyncPosition): SyncAsker {
  return { clientId: client_id, serverEpoch: epoch, lastSyncTimestamp: cursor };
}
