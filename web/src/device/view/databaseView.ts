import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { SessionEvent, Template, TemplateStep, Trainee, VitalsPushed } from "../../wire/types";
import type { KnownColleague } from "../../wire/sync";
import type { Conflict } from "../sync/conflicts";
import { isOfSession, isOfTemplate, type Edit, type NewEdit, type SessionEdit, type TemplateCopy } from "../sync/edit";
import { bySession, sessionConflicts } from "../sync/shownSessions";
import { conflictsOf, shownTemplates } from "../sync/shownTemplates";
import type { Commit } from "../database/commit";
import type { KeptDraft } from "../database/draft";
import type { StoredPreparation } from "../database/preparation";
import type { StoredCase, StoredSession, TrainerDatabase } from "../database/schema";
import { entryOf } from "../database/storedEntry";
import { keyOf, sessionEntity, type OutboxEntry } from "../outbox/entry";
import type { OpenedHere } from "../outbox/opening";
import { Arrivals } from "./arrivals";
import type { ShownSession } from "./device";
import { shownSession } from "./shown";

/** What this tab holds besides the database: told live, and gone with the connection. */
export interface Live {
  readonly provisional: ReadonlySignal<Readonly<Record<string, VitalsPushed>>>;
  readonly trainees: ReadonlySignal<Readonly<Record<string, Trainee[]>>>;
  readonly sending: ReadonlySignal<readonly string[]>;
}

/** A change that is on the screen and on its way into the database. */
interface Unwritten {
  entry: OutboxEntry;
  opened: OpenedHere | null;
  isCommitted: boolean;
}

/**
 * The database as this tab's screen sees it. A change made here is shown at once; everything else is read
 * again after each commit, whichever tab's: entries, sessions and events in one transaction and shown in
 * one batch, so that an entry never goes before what it became is there. A long record that this tab has fetched is shown
 * before it is written, too.
 */
export class DatabaseView {
  readonly #database: TrainerDatabase;
  readonly #live: Live;
  readonly #sessions = signal<ReadonlyMap<string, StoredSession>>(new Map());
  readonly #cases = signal<ReadonlyMap<string, StoredCase>>(new Map());
  readonly #preparations = signal<ReadonlyMap<string, StoredPreparation>>(new Map());
  readonly #written = signal<readonly OutboxEntry[]>([]);
  readonly #unwritten = signal<readonly Unwritten[]>([]);
  readonly #events = new Map<string, Signal<SessionEvent[]>>();
  readonly #arrivals = new Arrivals();
  readonly #shownBefore = new WeakMap<StoredSession, ShownSession>();
  readonly #copies = signal<ReadonlyMap<string, TemplateCopy>>(new Map());
  readonly #colleagues = signal<readonly KnownColleague[]>([]);
  readonly #writtenEdits = signal<readonly Edit[]>([]);
  readonly #unwrittenEdits = signal<readonly Edit[]>([]);
  readonly #drafts = signal<readonly KeptDraft[]>([]);
  #wanted: Wanted | null = null;
  #reading: Promise<void> = Promise.resolve();

  constructor(database: TrainerDatabase, live: Live) {
    this.#database = database;
    this.#live = live;
  }

  readonly entries = computed<OutboxEntry[]>(() => {
    const written = this.#written.value;
    const known = new Set(written.map((entry) => entry.id));
    const fresh = this.#unwritten.value.map((one) => one.entry).filter((entry) => !known.has(entry.id));
    const sending = this.#live.sending.value;
    const all = [...written, ...fresh];
    if (sending.length === 0) return all;
    const isSent = (entry: OutboxEntry) => entry.state === "waiting" && sending.includes(entry.id);
    return all.map((entry) => (isSent(entry) ? { ...entry, state: "sending" } : entry));
  });

  /** Of cases and sessions, in the order in which they were made. */
  readonly edits = computed<readonly Edit[]>(() => {
    const written = this.#writtenEdits.value;
    const known = new Set(written.map((edit) => edit.id));
    return [...written, ...this.#unwrittenEdits.value.filter((edit) => !known.has(edit.id))];
  });

  /** By title. */
  readonly templates = computed<Template[]>(() => shownTemplates(this.#copies.value, this.edits.value.filter(isOfTemplate)));

  readonly #sessionEdits = computed<readonly SessionEdit[]>(() => this.edits.value.filter(isOfSession));

  readonly conflicts = computed<Conflict[]>(() => {
    const ofTemplates = conflictsOf(this.#copies.value, this.edits.value.filter(isOfTemplate));
    // Sessions change with every push: only with a conflict of one are they followed.
    const edits = this.#sessionEdits.value.filter((edit) => edit.state === "conflict");
    return edits.length === 0 ? ofTemplates : [...ofTemplates, ...sessionConflicts(this.stored.value, edits)];
  });

  readonly stored = computed<ReadonlyMap<string, StoredSession>>(() => {
    const opened = this.#unwritten.value.flatMap((one) => one.opened?.session ?? []);
    if (opened.length === 0) return this.#sessions.value;
    return new Map([...opened.map((session) => [session.id, session] as const), ...this.#sessions.value]);
  });

  /** By session. */
  readonly cases = computed<ReadonlyMap<string, StoredCase>>(() => {
    const opened = this.#unwritten.value.flatMap((one) => one.opened?.itsCase ?? []);
    if (opened.length === 0) return this.#cases.value;
    return new Map([...opened.map((itsCase) => [itsCase.session_id, itsCase] as const), ...this.#cases.value]);
  });

  readonly shown = computed<ReadonlyMap<string, ShownSession>>(() => {
    const entries = byEntity(this.entries.value);
    const provisional = this.#live.provisional.value;
    const edits = bySession(this.#sessionEdits.value);
    const shown = new Map<string, ShownSession>();
    for (const [id, session] of this.stored.value)
      shown.set(id, this.#show(session, entries.get(keyOf(about(id))) ?? [], provisional[id] ?? null, edits.get(id) ?? NO_EDITS));
    return shown;
  });

  /** Newest first. */
  readonly list = computed<ShownSession[]>(() =>
    [...this.shown.value.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1)),
  );

  events(sessionId: string): ReadonlySignal<SessionEvent[]> {
    let events = this.#events.get(sessionId);
    if (events === undefined) {
      events = signal<SessionEvent[]>([]);
      this.#events.set(sessionId, events);
      void this.read({ sessions: [sessionId] });
    }
    return events;
  }

  /** By session. */
  get preparations(): ReadonlySignal<ReadonlyMap<string, StoredPreparation>> {
    return this.#preparations;
  }

  /** Everybody of the school, by name. */
  get colleagues(): ReadonlySignal<readonly KnownColleague[]> {
    return this.#colleagues;
  }

  /** What is being written on this device and is not saved, the newest first. */
  get drafts(): ReadonlySignal<readonly KeptDraft[]> {
    return this.#drafts;
  }

  /** Show a change before it is written. The answer ends that: written, or failed and taken back. */
  begin(entry: Omit<OutboxEntry, "position">, opened: OpenedHere | null): { written(): void; failed(): void } {
    const position = (this.entries.peek().at(-1)?.position ?? 0) + 1;
    const one: Unwritten = { entry: { ...entry, position }, opened, isCommitted: false };
    this.#unwritten.value = [...this.#unwritten.peek(), one];
    return {
      written: () => {
        one.isCommitted = true;
      },
      failed: () => {
        this.#unwritten.value = this.#unwritten.peek().filter((other) => other !== one);
      },
    };
  }

  /** Whether something that was done here is on its way, or waits for it. */
  isSending(): boolean {
    return this.entries.peek().some((entry) => entry.state === "waiting" || entry.state === "sending");
  }

  copy(templateId: string): TemplateCopy | undefined {
    return this.#copies.peek().get(templateId);
  }

  /** Show an edit before it is written. The answer takes it back: it is in the database, or could not be kept. */
  beginEdit(edit: NewEdit): () => void {
    const one: Edit = { ...edit, seq: Number.MAX_SAFE_INTEGER };
    this.#unwrittenEdits.value = [...this.#unwrittenEdits.peek(), one];
    return () => {
      this.#unwrittenEdits.value = this.#unwrittenEdits.peek().filter((other) => other !== one);
    };
  }

  /** More of the record of a session that some page shows, before it is written; `session` as it was when that was asked for. */
  arrived(session: StoredSession, events: readonly SessionEvent[]): void {
    const now = this.#sessions.peek().get(session.id);
    if (now === undefined || (now.names_out_at ?? null) !== (session.names_out_at ?? null)) return;
    batch(() => {
      this.#arrivals.add(session, events);
      const shown = this.#events.get(session.id);
      if (shown !== undefined) shown.value = this.#arrivals.among(session.id, shown.peek());
    });
  }

  /** Read again what a commit has changed. Resolves when it is on the screen. */
  read(change: Commit): Promise<void> {
    if (this.#wanted === null) {
      this.#wanted = nothingWanted();
      this.#reading = this.#reading.catch(() => undefined).then(() => this.#readWanted());
    }
    for (const id of change.sessions ?? []) this.#wanted.sessions.add(id);
    for (const id of change.cases ?? []) this.#wanted.cases.add(id);
    for (const id of change.preparations ?? []) this.#wanted.preparations.add(id);
    this.#wanted.templates ||= change.templates === true;
    this.#wanted.edits ||= change.edits === true;
    this.#wanted.colleagues ||= change.colleagues === true;
    this.#wanted.drafts ||= change.drafts === true;
    return this.#reading;
  }

  async readAll(): Promise<void> {
    const ids = await this.#database.sessions.toCollection().primaryKeys();
    const kept = { templates: true, edits: true, colleagues: true, drafts: true };
    await this.read({ sessions: ids, cases: ids, preparations: ids, ...kept });
  }

  async #readWanted(): Promise<void> {
    const wanted = this.#wanted ?? nothingWanted();
    this.#wanted = null;
    const ids = [...wanted.sessions];
    const casesOf = [...wanted.cases];
    const preparationsOf = [...wanted.preparations];
    const { sessions, events, outbox, copies, edits, cases, preparations, colleagues, drafts } = this.#database;
    const tables = [
      sessions, events, outbox, cases,
      ...(preparationsOf.length > 0 ? [preparations] : []),
      ...(wanted.templates ? [copies] : []),
      ...(wanted.edits ? [edits] : []),
      ...(wanted.colleagues ? [colleagues] : []),
      ...(wanted.drafts ? [drafts] : []),
    ]; // prettier-ignore
    const settled = this.#unwritten.peek().filter((one) => one.isCommitted);
    try {
      const read = await this.#database.transaction("r", tables, async () => ({
        entries: (await outbox.orderBy("position").toArray()).map(entryOf),
        sessions: await sessions.bulkGet(ids),
        events: await Promise.all(ids.map(async (id) => this.#newEvents(id, await sessions.get(id)))),
        cases: casesOf.length > 0 ? await cases.bulkGet(casesOf) : [],
        preparations: preparationsOf.length > 0 ? await preparations.bulkGet(preparationsOf) : [],
        copies: wanted.templates ? await copies.toArray() : null,
        edits: wanted.edits ? await edits.orderBy("seq").toArray() : null,
        colleagues: wanted.colleagues ? await colleagues.toArray() : null,
        drafts: wanted.drafts ? await drafts.toArray() : null,
      }));
      batch(() => {
        this.#written.value = read.entries;
        if (ids.length > 0) this.#sessions.value = replaced(this.#sessions.peek(), ids, read.sessions);
        if (casesOf.length > 0) this.#cases.value = replaced(this.#cases.peek(), casesOf, read.cases);
        if (preparationsOf.length > 0)
          this.#preparations.value = replaced(this.#preparations.peek(), preparationsOf, read.preparations);
        for (const [index, id] of ids.entries()) {
          this.#arrivals.settle(id, read.sessions[index]);
          this.#append(id, read.events[index]!);
        }
        if (settled.length > 0)
          this.#unwritten.value = this.#unwritten.peek().filter((one) => !settled.includes(one));
        if (read.copies !== null) this.#copies.value = new Map(read.copies.map((copy) => [copy.id, copy]));
        if (read.edits !== null) this.#writtenEdits.value = read.edits;
        if (read.colleagues !== null) this.#colleagues.value = read.colleagues.sort((a, b) => a.name.localeCompare(b.name));
        if (read.drafts !== null) this.#drafts.value = read.drafts.sort((one, other) => other.kept_at - one.kept_at);
      });
    } catch (error) {
      // Closed under our hands (another trainer, a page that goes): there is nothing to show any more.
      if (this.#database.isOpen()) throw error;
    }
  }

  #show(
    session: StoredSession,
    entries: OutboxEntry[],
    provisional: VitalsPushed | null,
    edits: readonly SessionEdit[],
  ): ShownSession {
    const recorded_to = this.#arrivals.reach(session);
    if (recorded_to > session.recorded_to) return this.#show({ ...session, recorded_to }, entries, provisional, edits);
    if (entries.length > 0 || provisional !== null || edits.length > 0)
      return shownSession(session, entries, provisional, this.#stepsOf(session.id), edits);
    let shown = this.#shownBefore.get(session);
    if (shown === undefined) {
      shown = shownSession(session, [], null);
      this.#shownBefore.set(session, shown);
    }
    return shown;
  }

  #stepsOf(sessionId: string): readonly TemplateStep[] {
    return this.cases.value.get(sessionId)?.steps ?? [];
  }

  /**
   * Those of a session on a page that are not on it. A gap that was filled is before its end: all then. So it is where
   * the record was dropped, because names went out of it: what is on the page goes.
   */
  async #newEvents(sessionId: string, stored: StoredSession | undefined): Promise<NewEvents> {
    const shown = this.#events.get(sessionId)?.peek();
    if (shown === undefined) return { after: 0, read: [] };
    const recordedTo = stored === undefined ? 0 : this.#arrivals.reach(stored);
    const isWhole = (shown.at(-1)?.seq ?? 0) === shown.length && recordedTo >= shown.length;
    const after = isWhole ? shown.length : 0;
    const read = await this.#database.events
      .where("[session_id+seq]")
      .between([sessionId, after + 1], [sessionId, Number.MAX_SAFE_INTEGER], true, true)
      .toArray();
    return { after, read };
  }

  #append(sessionId: string, { after, read }: NewEvents): void {
    const events = this.#events.get(sessionId);
    if (events === undefined || (read.length === 0 && events.peek().length === after)) return;
    events.value = this.#arrivals.among(sessionId, [...events.peek().slice(0, after), ...read]);
  }
}

/** `read` is all that stands behind the first `after`. */
interface NewEvents {
  after: number;
  read: SessionEvent[];
}

interface Wanted {
  sessions: Set<string>;
  cases: Set<string>;
  preparations: Set<string>;
  templates: boolean;
  edits: boolean;
  colleagues: boolean;
  drafts: boolean;
}

function nothingWanted(): Wanted {
  const none = { templates: false, edits: false, colleagues: false, drafts: false };
  return { sessions: new Set(), cases: new Set(), preparations: new Set(), ...none };
}

const NO_EDITS: readonly SessionEdit[] = [];

function about(sessionId: string): Pick<OutboxEntry, "entity"> {
  return { entity: sessionEntity(sessionId) };
}

function byEntity(entries: readonly OutboxEntry[]): Map<string, OutboxEntry[]> {
  const grouped = new Map<string, OutboxEntry[]>();
  for (const entry of entries) {
    const group = grouped.get(keyOf(entry));
    if (group === undefined) grouped.set(keyOf(entry), [entry]);
    else group.push(entry);
  }
  return grouped;
}

function replaced<T extends object>(
  all: ReadonlyMap<string, T>,
  ids: readonly string[],
  read: readonly (T | undefined)[],
): ReadonlyMap<string, T> {
  const map = new Map(all);
  for (const [index, id] of ids.entries()) {
    const one = read[index];
    if (one === undefined) map.delete(id);
    else map.set(id, one);
  }
  return map;
}
