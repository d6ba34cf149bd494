import { effect, type ReadonlySignal } from "@preact/signals";
import type { Api } from "../../wire/api";
import type { Timers } from "../../wire/timers";
import type { Commit } from "../database/commit";
import type { StoredCase, StoredSession, TrainerDatabase } from "../database/schema";

const NEXT_TRY_MS = 10_000;

export interface CaseCopiesOptions {
  api: Api;
  database: TrainerDatabase;
  timers: Timers;
  sessions: ReadonlySignal<ReadonlyMap<string, StoredSession>>;
  cases: ReadonlySignal<ReadonlyMap<string, StoredCase>>;
  /** Sessions that a page of any tab shows. */
  wanted: ReadonlySignal<ReadonlySet<string>>;
  committed(change: Commit): Promise<void>;
  troubled(error: unknown): void;
}

/**
 * Fetches the case of every open session, and of an ended one that is shown, once: it never changes. So it is here
 * when the network is not, also in a room that was never looked at before. One at a time; calls `committed` after each.
 */
export class CaseCopies {
  readonly #options: CaseCopiesOptions;
  /** The server has none for us. */
  readonly #refused = new Set<string>();
  #isBusy = false;
  #isOver = false;
  #callOff = () => {};
  #dispose: (() => void) | null = null;

  constructor(options: CaseCopiesOptions) {
    this.#options = options;
  }

  /** From now on the server may be asked. */
  start(): void {
    const { sessions, cases, wanted } = this.#options;
    this.#dispose ??= effect(() => {
      void sessions.value;
      void cases.value;
      void wanted.value;
      this.#look();
    });
  }

  stop(): void {
    this.#isOver = true;
    this.#dispose?.();
    this.#callOff();
  }

  #look(): void {
    if (this.#isBusy || this.#isOver) return;
    const sessionId = this.#missing();
    if (sessionId === undefined) return;
    this.#isBusy = true;
    this.#fetch(sessionId)
      .catch((error: unknown) => {
        this.#options.troubled(error);
        return false;
      })
      .then((isDone) => {
        if (isDone) this.#again();
        else this.#callOff = this.#options.timers.after(NEXT_TRY_MS, () => this.#again());
      });
  }

  #again(): void {
    this.#isBusy = false;
    this.#look();
  }

  /** Those that somebody looks at come first. */
  #missing(): string | undefined {
    const sessions = this.#options.sessions.peek();
    const cases = this.#options.cases.peek();
    const wanted = this.#options.wanted.peek();
    const isMissing = (session: StoredSession) =>
      session.code !== null &&
      session.template_id !== null &&
      (session.closed_at === null || wanted.has(session.id)) &&
      cases.get(session.id)?.is_copy !== true &&
      !this.#refused.has(session.id);
    const all = [...sessions.values()].filter(isMissing).map((session) => session.id);
    return all.find((id) => wanted.has(id)) ?? all[0];
  }

  /** Whether there is nothing more to ask about it. */
  async #fetch(sessionId: string): Promise<boolean> {
    const { api, database, committed } = this.#options;
    const answer = await api.caseOf(sessionId);
    if (this.#isOver) return true;
    if (!answer.ok) {
      const isFinal = answer.refusal.code === "not_found" || answer.refusal.code === "forbidden";
      if (isFinal) this.#refused.add(sessionId);
      return isFinal;
    }
    await database.cases.put({ ...answer.value, session_id: sessionId, is_copy: true });
    await committed({ cases: [sessionId] });
    return true;
  }
}
