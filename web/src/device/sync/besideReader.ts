import type { Api } from "../../wire/api";
import type { Timers } from "../../wire/timers";
import type { TrainerDatabase } from "../database/schema";
import { readBeside, type LookedFor } from "./readBeside";
import type { ServerFacts } from "./serverFacts";

/** A class that joins at once is one reading. */
const GATHER_MS = 500;

export interface BesideReaderOptions {
  api: Api;
  database: TrainerDatabase;
  facts: ServerFacts;
  timers: Timers;
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
  readonly #due = new Map<string, { what: LookedFor; callOff: () => void }>();
  /** One after the other: an older answer never comes after a newer one. */
  #reading: Promise<void> = Promise.resolve();

  constructor(options: BesideReaderOptions) {
    this.#options = options;
  }

  look(sessionId: string, what: LookedFor = "everything"): void {
    const before = this.#due.get(sessionId);
    if (before !== undefined) {
      if (what === "everything") before.what = what;
      return;
    }
    const callOff = this.#options.timers.after(GATHER_MS, () => {
      const asked = this.#due.get(sessionId)?.what ?? what;
      this.#due.delete(sessionId);
      this.#reading = this.#reading.then(() => this.#read(sessionId, asked)).catch(this.#options.troubled);
    });
    this.#due.set(sessionId, { what, callOff });
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
