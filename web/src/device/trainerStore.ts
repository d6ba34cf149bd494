import { signal } from "@preact/signals";
import type { ServerClock } from "../wire/clock";
import { newId } from "../wire/ids";
import type { Template, Trainer } from "../wire/types";
import type { Commit } from "./database/commit";
import type { KeptDraft } from "./database/draft";
import type { Preparation } from "./database/preparation";
import { TrainerDatabase, type Stores } from "./database/schema";
import { wholeSession } from "./database/storedSession";
import { sessionEntity, type MutationKind, type OutboxEntry } from "./outbox/entry";
import { caseOfTemplate, openedSession, type NewSession, type OpenedHere } from "./outbox/opening";
import { Outbox } from "./outbox/outbox";
import { keepPreparation } from "./preparations";
import type { Conflict } from "./sync/conflicts";
import {
  contentOfSession, isOfTemplate, newEdit, newSessionEdit, type NewEdit, type SessionChange, type TemplateContent, type TemplateEdit,
} from "./sync/edit"; // prettier-ignore
import { Edits, type Settlement } from "./sync/edits";
import { loggedOf } from "./sync/loggedSessions";
import { takeOverChanges } from "./sync/oldChanges";
import { ServerFacts } from "./sync/serverFacts";
import { DatabaseView, type Live } from "./view/databaseView";

export interface TrainerStoreOptions {
  name: string;
  stores: Stores | null;
  trainer: Trainer;
  live: Live;
  clock: ServerClock;
  /** Called after every commit, for the other tabs and for the tab that sends. */
  committed(change: Commit): void;
  /** After the commit of what this tab did, if nothing of its entity is before it. Comes before `committed`. */
  added(entry: OutboxEntry): void;
  /** This device's storage fails. */
  troubled(error: unknown): void;
}

/**
 * One trainer's data on this device, as one tab has it open: what is done here goes through it. It does not know the
 * server, other tabs, or whether this tab leads: it calls `added` and `committed` after a commit, `troubled` if none
 * came.
 */
export class TrainerStore {
  readonly trainer;
  readonly database: TrainerDatabase;
  readonly outbox: Outbox;
  readonly edits: Edits;
  readonly facts: ServerFacts;
  readonly view: DatabaseView;
  readonly #options: TrainerStoreOptions;

  constructor(options: TrainerStoreOptions) {
    this.#options = options;
    this.trainer = signal(options.trainer);
    this.database = new TrainerDatabase(options.name, options.trainer.id, options.stores);
    this.view = new DatabaseView(this.database, options.live);
    this.outbox = new Outbox(this.database, this.committed);
    this.edits = new Edits(this.database, this.committed);
    this.facts = new ServerFacts(this.database, this.committed);
  }

  async open(): Promise<void> {
    await this.database.open();
    await takeOverChanges(this.database);
    await this.view.readAll();
  }

  close(): void {
    this.database.close();
  }

  readonly committed = async (change: Commit): Promise<void> => {
    this.#options.committed(change);
    await this.view.read(change);
  };

  /** On the screen when this returns, on the device when its promise resolves. Rejects if it could not be kept. */
  async change(kind: MutationKind, sessionId: string, body: object, id: string = newId()): Promise<string> {
    return this.#do(id, kind, sessionId, { ...body }, null);
  }

  /** What is in hand in an open session, for the next time that it is shown on this device. Rejects as `change` does. */
  async prepare(session_id: string, preparation: Preparation): Promise<void> {
    const session = this.view.stored.peek().get(session_id);
    if (session === undefined || session.closed_at !== null) return;
    try {
      await keepPreparation(this.database, { ...preparation, session_id, kept_at: Date.now() });
    } catch (error) {
      this.#options.troubled(error);
      throw error;
    }
    await this.committed({ preparations: [session_id] });
  }

  /** A case that is being written, in place of what was kept of it before. Rejects as `change` does. */
  async keepDraft(draft: KeptDraft): Promise<void> {
    await this.#changeDrafts(() => this.database.drafts.put(draft));
  }

  async dropDraft(template_id: string): Promise<void> {
    await this.#changeDrafts(() => this.database.drafts.delete(template_id));
  }

  async #changeDrafts(write: () => PromiseLike<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#options.troubled(error);
      throw error;
    }
    await this.committed({ drafts: true });
  }

  async openSession(draft: NewSession): Promise<string> {
    const id = newId();
    const template = this.view.templates.peek().find((one) => one.id === draft.template_id);
    const session = openedSession(id, draft, template, this.trainer.peek(), this.#options.clock.now());
    const itsCase = template === undefined ? null : caseOfTemplate(id, template);
    return this.#do(id, "session:open", id, { ...draft }, { session, itsCase });
  }

  /**
   * On the screen when this returns, as with `change`. A new case gets the id of `template`. `seen`: the version that
   * its author had before them, where that may be an older one than this device has by now.
   */
  async editTemplate(
    operation: TemplateEdit["operation"],
    template: Template,
    content: Partial<TemplateContent> | null,
    seen?: number,
  ): Promise<void> {
    const newest = this.view.copy(template.id)?.version ?? 0;
    const base_version = seen === undefined ? newest : this.#versionSeen(template.id, Math.min(seen, newest));
    return this.#edit(newEdit({ ...this.#now(), template_id: template.id, operation, content, before: template, base_version }));
  }

  /** What an unsettled edit of the same case has not seen, the one after it has not seen either. */
  #versionSeen(template_id: string, seen: number): number {
    const open = this.view.edits.peek().filter(isOfTemplate).filter((edit) => edit.template_id === template_id);
    const unsettled = open.filter(({ state }) => state !== "rejected");
    return Math.min(seen, ...unsettled.map(({ base_version }) => base_version));
  }

  /** On the screen when this returns, as with `change`. */
  async editSession(session_id: string, content: SessionChange): Promise<void> {
    const session = this.view.stored.peek().get(session_id);
    if (session === undefined) throw new Error("no such session on this device");
    const before = contentOfSession(wholeSession(session));
    const [base_version, made_on] = [loggedOf(session), session.version];
    return this.#edit(newSessionEdit({ ...this.#now(), session_id, content, before, base_version, made_on }));
  }

  async #edit(edit: NewEdit): Promise<void> {
    const takeBack = this.view.beginEdit(edit);
    try {
      await this.edits.add(edit);
      await this.committed({ edits: true });
    } catch (error) {
      this.#options.troubled(error);
      throw error;
    } finally {
      takeBack();
    }
  }

  async settle(conflict: Conflict, settlement: Settlement): Promise<void> {
    await this.edits.settle(conflict, settlement, this.#now());
  }

  /** What an edit says of its making. */
  #now(): Pick<NewEdit, "id" | "author" | "made_at"> {
    const made_at = new Date(this.#options.clock.now()).toISOString();
    return { id: newId(), author: this.trainer.peek().id, made_at };
  }

  async #do(
    id: string,
    kind: MutationKind,
    sessionId: string,
    body: Record<string, unknown>,
    opened: OpenedHere | null,
  ): Promise<string> {
    const made_at = new Date(this.#options.clock.now()).toISOString();
    const entry = { id, entity: sessionEntity(sessionId), kind, body, author: this.trainer.peek().id, made_at };
    const shown = this.view.begin({ ...entry, state: "waiting", failures: 0, refusal: null }, opened);
    let next: OutboxEntry | null;
    try {
      next = await this.outbox.add(entry, opened);
    } catch (error) {
      shown.failed();
      this.#options.troubled(error);
      throw error;
    }
    shown.written();
    if (next !== null) this.#options.added(next);
    this.committed(opened === null ? {} : { sessions: [id], cases: [id] }).catch(this.#options.troubled);
    return id;
  }
}
