import type { ReadonlySignal } from "@preact/signals";
import type { Api } from "../../wire/api";
import { Quiet } from "../../wire/quiet";
import type { Timers } from "../../wire/timers";
import type { Refusal } from "../../wire/types";
import type { Commit } from "../database/commit";
import type { StoredCase, StoredSession, TrainerDatabase } from "../database/schema";
import { verdictOf } from "../outbox/judging";
import { busySessions, dropRecords, forgetSessions } from "./forgetting";
import { readBeside } from "./readBeside";
import { nextEvents } from "./recordPages";
import { hasRecord, planRecords } from "./records";
import type { ServerFacts } from "./serverFacts";

/** Between two questions: whoever works live comes first, on the wire and in the database. */
const PAUSE_MS = 200;
/** Events at a time while a record is measured: a page stays quick, and a long one is never in memory whole. */
const MEASURED_AT_ONCE = 1_000;
/** While something of this device's own waits to be sent. */
const BUSY_MS = 1_000;
const NEXT_TRY_MS = 60_000;

export interface RecordKeeperOptions {
  api: Api;
  database: TrainerDatabase;
  facts: ServerFacts;
  timers: Timers;
  sessions: ReadonlySignal<ReadonlyMap<string, StoredSession>>;
  cases: ReadonlySignal<ReadonlyMap<string, StoredCase>>;
  /** Sessions that a page of any tab shows. */
  wanted: ReadonlySignal<ReadonlySet<string>>;
  /** Whether a person's change waits to be sent. */
  isSending(): boolean;
  mayAttempt(): Promise<boolean>;
  /** Bytes that all records together may have here. */
  room(): Promise<number>;
  /** The time by the server's clock. */
  now(): number;
  committed(change: Commit): Promise<void>;
  troubled(error: unknown): void;
}

/**
 * Keeps the records of the sessions that ended lately on the device, so that they open without a network: fetches them
 * in the background, one question after the other, and lets the oldest go when there is no room. Looks after each pull.
 */
export class RecordKeeper {
  readonly #options: RecordKeeperOptions;
  /** The server has none for us. */
  readonly #refused = new Set<string>();
  #isOver = false;
  #isBusy = false;
  #lookAgain = false;
  readonly #quiet: Quiet;
  #callOff = () => {};

  constructor(options: RecordKeeperOptions) {
    this.#options = options;
    this.#quiet = new Quiet(options.timers);
  }

  /** What the server has may be another one now. */
  look(): void {
    // A step that is under way may have made its plan before: with it all would seem to be here.
    this.#lookAgain = this.#isBusy;
    if (this.#isBusy || this.#isOver || this.#quiet.left > 0) return;
    this.#callOff();
    this.#isBusy = true;
    this.#step()
      .catch((error: unknown) => {
        this.#options.troubled(error);
        return NEXT_TRY_MS;
      })
      .then((pause) => {
        this.#isBusy = false;
        if (pause === null && this.#lookAgain) return this.look();
        if (pause === null || this.#isOver) return;
        this.#quiet.begin(pause);
        this.#callOff = this.#options.timers.after(pause, () => this.look());
      });
  }

  stop(): void {
    this.#isOver = true;
    this.#callOff();
  }

  /** The pause until the next one; null: everything is here. */
  async #step(): Promise<number | null> {
    if (this.#options.isSending()) return BUSY_MS;
    const next = await this.#plan();
    if (next === null) return null;
    if (!(await this.#options.mayAttempt())) return NEXT_TRY_MS;
    const refusal = await this.#fetch(next);
    if (this.#isOver || refusal === null) return PAUSE_MS;
    if (verdictOf(refusal) === "final") this.#refused.add(next);
    return verdictOf(refusal) === "final" ? PAUSE_MS : Math.max(NEXT_TRY_MS, (refusal.retry_after ?? 0) * 1000);
  }

  /** Let go what has no place here any more; the answer is what is fetched next. */
  async #plan(): Promise<string | null> {
    const { database, sessions, cases, wanted, now, committed } = this.#options;
    const room = await this.#options.room();
    const known = await database.records.toArray();
    const busy = await busySessions(database);
    // Nothing is waited for from here on: a session that somebody has opened meanwhile is let be.
    const plan = planRecords({
      sessions: [...sessions.peek().values()].filter(({ id }) => !this.#refused.has(id)),
      records: new Map(known.map((record) => [record.session_id, record])),
      cases: cases.peek(),
      busy: new Set([...wanted.peek(), ...busy]),
      now: now(),
      room,
    });
    if (plan.drop.length > 0) await dropRecords(database, plan.drop);
    if (plan.forget.length > 0) await forgetSessions(database, plan.forget);
    const gone = [...plan.drop, ...plan.forget];
    if (gone.length > 0) await committed({ sessions: gone, cases: gone });
    return plan.next;
  }

  /** What of it is not here yet; measured when it is. */
  async #fetch(id: string): Promise<Refusal | null> {
    const { api, database, facts, timers, cases, committed } = this.#options;
    for (;;) {
      const session = await database.sessions.get(id);
      if (session === undefined) return null;
      if (hasRecord(session)) break;
      const begun = timers.now();
      const answer = await nextEvents(api, id, session.recorded_to, session.last_seq);
      if (!answer.ok) return answer.refusal;
      if (answer.value.length === 0) return { code: "strange_answer", detail: "A record ends before its end." };
      await facts.tell({ kind: "record", session_id: id, names_out_at: session.names_out_at ?? null, events: answer.value });
      if (!(await this.#goesOn(id, timers.now() - begun))) return null;
    }
    const session = await database.sessions.get(id);
    if (session?.attendance === null) {
      const read = await readBeside(api, id);
      if (!read.ok) return read.refusal;
      await facts.tell({ kind: "beside", session_id: id, read: read.value, known: session });
    }
    if (session !== undefined && session.template_id !== null && !cases.peek().has(id)) {
      const itsCase = await api.caseOf(id);
      if (!itsCase.ok) return itsCase.refusal;
      await database.cases.put({ ...itsCase.value, session_id: id, is_copy: true });
      await committed({ cases: [id] });
    }
    await this.#measure(id);
    return null;
  }

  /**
   * Between two stretches of a long record, as long again as the last one has `taken`: false when something more urgent
   * has come up, or a page shows it by now and has it fetched itself.
   */
  async #goesOn(id: string, taken: number): Promise<boolean> {
    await new Promise<void>((resolve) => this.#options.timers.after(Math.min(PAUSE_MS, taken), resolve));
    return !this.#isOver && !this.#options.isSending() && !this.#options.wanted.peek().has(id);
  }

  async #measure(session_id: string): Promise<void> {
    const { database } = this.#options;
    const [session, itsCase] = await Promise.all([database.sessions.get(session_id), database.cases.get(session_id)]);
    let bytes = JSON.stringify([session, itsCase ?? null]).length;
    for (let first = 1; first <= (session?.recorded_to ?? 0); first += MEASURED_AT_ONCE) {
      const range = database.events.where("[session_id+seq]").between([session_id, first], [session_id, first + MEASURED_AT_ONCE]);
      bytes += JSON.stringify(await range.toArray()).length;
    }
    await database.records.put({ session_id, bytes });
  }
}
