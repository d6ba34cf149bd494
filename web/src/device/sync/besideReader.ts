import type { Api } from "../../wire/api";
import type { Timers } from "../../wire/timers";
import type { TrainerDatabase } from "../database/schema";
import { readBeside, type LookedFor } from "./readBeside";
import type { ServerFacts } from "./serverFacts";

/** A class that joins at once is one reading. */
const GATHER_MS = 500;
/** What people who come and go may bring: so many readings at once, and then one each time. */
const AT_ONCE = 8;
const NOW_AND_THEN_MS = 30_000;

interface Due {
  what: LookedFor;
  /** By the timers' clock. */
  at: number;
  callOff: () => void;
}

export interface BesideReaderOptions {
  api: Api;
  database: TrainerDatabase;
  facts: ServerFacts;
  timers: Timers;
  /** Resolves when nothing of the session is being read that comes before it. */
  turnOf(sessionId: string): Promise<unknown>;
  troubled(error: unknown): void;
}

/**
 * Reads what is kept beside the record of a session: who was there when, annotations, scores, the trainees' words. No
 * message tells of them, so it is asked to look whenever the people in a session or the session itself have changed,
 * something was written beside it here, or a page that shows it asks. What cannot be read is read at the next look; what
 * was read before stays.
 */
export class BesideReader {
  readonly #options: BesideReaderOptions;
  /** Until its reading begins: what is asked for meanwhile is read with it. */
  readonly #due = new Map<string, Due>();
  /** When the readings so far were due, had each come in its time; by the timers' clock. */
  readonly #paidUntil = new Map<string, number>();
  /** One after the other: an older answer never comes after a newer one. */
  #reading: Promise<void> = Promise.resolve();

  constructor(options: BesideReaderOptions) {
    this.#options = options;
  }

  look(sessionId: string, what: LookedFor = "everything"): void {
    this.#lookAt(sessionId, what, this.#options.timers.now() + GATHER_MS);
  }

  /** Somebody came or went: soon, but not each time. A tablet may come and go for hours, and each reading is a reckoning. */
  lookNowAndThen(sessionId: string): void {
    const now = this.#options.timers.now();
    const next = (this.#paidUntil.get(sessionId) ?? 0) - AT_ONCE * NOW_AND_THEN_MS;
    // A clock that was set back makes nobody wait for longer.
    this.#lookAt(sessionId, "everything", Math.min(Math.max(now + GATHER_MS, next), now + NOW_AND_THEN_MS));
  }

  #lookAt(sessionId: string, asked: LookedFor, at: number): void {
    const before = this.#due.get(sessionId);
    const what = before?.what === "everything" ? before.what : asked;
    if (before !== undefined && before.at <= at) {
      before.what = what;
      return;
    }
    before?.callOff();
    const { timers, turnOf, troubled } = this.#options;
    const callOff = timers.after(at - timers.now(), async () => {
      await turnOf(sessionId);
      this.#reading = this.#reading.then(() => this.#begin(sessionId)).catch(troubled);
    });
    this.#due.set(sessionId, { what, at, callOff });
  }

  async #begin(sessionId: string): Promise<void> {
    const due = this.#due.get(sessionId);
    if (due === undefined) return;
    this.#due.delete(sessionId);
    const paid = Math.max(this.#paidUntil.get(sessionId) ?? 0, this.#options.timers.now());
    this.#paidUntil.set(sessionId, paid + NOW_AND_THEN_MS);
    await this.#read(sessionId, due.what);
  }

  stop(): void {
    for (const { callOff } of this.#due.values()) callOff();
    this.#due.clear();
  }

  async #read(sessionId: string, what: LookedFor): Promise<void> {
    const { api, database, facts } = this.#options;
    const known = await database.sessions.get(sessionId);
    if (known === undefined) return;
    const read = await readBeside(api, sessionId, what);
    if (read.ok) await facts.tell({ kind: "beside", session_id: sessionId, read: read.value, known });
  }
}
