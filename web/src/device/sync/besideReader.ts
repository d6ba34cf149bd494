import { wholeList, type Api } from "../../wire/api";
import type { Timers } from "../../wire/timers";
import type { ServerFacts } from "./serverFacts";

/** A class that joins at once is one reading. */
const GATHER_MS = 500;

export interface BesideReaderOptions {
  api: Api;
  facts: ServerFacts;
  timers: Timers;
  troubled(error: unknown): void;
}

/**
 * Reads what is kept beside the record of a session: who was there when, and annotations. No message tells of either, so
 * it is asked to look whenever the people in a session or the session itself have changed, or an annotation was added here. What cannot be read is read
 * at the next look; what was read before stays.
 */
export class BesideReader {
  readonly #options: BesideReaderOptions;
  readonly #due = new Map<string, () => void>();
  /** One after the other: an older answer never comes after a newer one. */
  #reading: Promise<void> = Promise.resolve();

  constructor(options: BesideReaderOptions) {
    this.#options = options;
  }

  look(sessionId: string): void {
    if (this.#due.has(sessionId)) return;
    const callOff = this.#options.timers.after(GATHER_MS, () => {
      this.#due.delete(sessionId);
      this.#reading = this.#reading.then(() => this.#read(sessionId)).catch(this.#options.troubled);
    });
    this.#due.set(sessionId, callOff);
  }

  stop(): void {
    for (const callOff of this.#due.values()) callOff();
    this.#due.clear();
  }

  async #read(sessionId: string): Promise<void> {
    const { api, facts } = this.#options;
    const [debrief, annotations] = await Promise.all([
      api.debrief(sessionId, "copy"),
      wholeList((cursor) => api.annotations(sessionId, cursor)),
    ]);
    if (!debrief.ok || !annotations.ok) return;
    const { attendance } = debrief.value;
    await facts.tell({ kind: "beside", session_id: sessionId, attendance, annotations: annotations.value });
  }
}
