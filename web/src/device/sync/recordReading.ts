import type { Api } from "../../wire/api";
import type { Timers } from "../../wire/timers";
import type { SessionEvent } from "../../wire/types";
import type { StoredSession } from "../database/schema";
import { recordPages } from "./recordPages";
import type { ServerFact, ServerFacts } from "./serverFacts";

/** Whoever waits for a record over a slow network sees it grow; a page is not drawn anew for every piece of it. */
const SHOWN_APART_MS = 1_000;
/** The screen comes first. But what has come is kept, also of a record that nobody waits for to the end. */
const WRITTEN_AFTER_MS = 10_000;
/** So long a page has for drawing the whole of it, before its thread hands row by row to the database. */
const DRAWN_WITHIN_MS = 300;
/** Pages of one transaction, each of which is flushed to the disk. */
const WRITTEN_TOGETHER = 5;
/** Pages that may wait to be written, 50,000 events: of whatever is longer no more is in memory because the disk is slow. */
const MOST_UNWRITTEN = 250;

export interface RecordReadingOptions {
  api: Api;
  facts: ServerFacts;
  timers: Timers;
  /** On the screen before it is written. */
  arrived(session: StoredSession, events: readonly SessionEvent[]): void;
}

export interface RecordReading {
  /** How many events came, when no more do. Never rejects. */
  came: Promise<number>;
  /** All that came. Rejects if it cannot be kept. */
  written: Promise<void>;
}

/** What is missing of a record, from the server onto the screen, and behind it into the database. */
export function readRecord(session: StoredSession, options: RecordReadingOptions): RecordReading {
  const writer = new Writer(options.facts, options.timers);
  const came = showPages(session, options, writer);
  return { came, written: came.then(() => writer.finish()) };
}

async function showPages(session: StoredSession, { api, timers, arrived }: RecordReadingOptions, writer: Writer): Promise<number> {
  const { id: session_id, recorded_to, last_seq } = session;
  const names_out_at = session.names_out_at ?? null;
  let [unshown, shownAt]: [SessionEvent[], number] = [[], Number.NEGATIVE_INFINITY];
  let came = 0;
  const show = () => {
    arrived(session, unshown);
    [unshown, shownAt] = [[], timers.now()];
  };
  for await (const page of recordPages(api, session_id, recorded_to, last_seq)) {
    if (!page.ok) break;
    came += page.value.length;
    unshown.push(...page.value);
    if (timers.now() - shownAt >= SHOWN_APART_MS) show();
    await writer.add({ kind: "record", session_id, names_out_at, events: page.value });
  }
  if (unshown.length > 0) show();
  return came;
}

/** Writes pages in order, a few at a time, once there is time for it. */
class Writer {
  readonly #facts: ServerFacts;
  readonly #timers: Timers;
  #together: ServerFact[] = [];
  /** The writings that have not ended, the oldest first; each begins when the one before has ended. */
  #unwritten: Promise<void>[] = [];
  #begin = () => {};
  #written = new Promise<void>((resolve) => (this.#begin = resolve));
  #callOff: () => void;

  constructor(facts: ServerFacts, timers: Timers) {
    this.#facts = facts;
    this.#timers = timers;
    this.#callOff = timers.after(WRITTEN_AFTER_MS, () => this.#begin());
  }

  /** Resolves when there is room for another one. */
  async add(page: ServerFact): Promise<void> {
    this.#together.push(page);
    if (this.#together.length >= WRITTEN_TOGETHER) this.#write();
    if (this.#unwritten.length < MOST_UNWRITTEN / WRITTEN_TOGETHER) return;
    this.#begin();
    await this.#unwritten[0];
  }

  finish(): Promise<void> {
    this.#callOff();
    this.#callOff = this.#timers.after(DRAWN_WITHIN_MS, () => this.#begin());
    this.#write();
    return this.#written;
  }

  #write(): void {
    const pages = this.#together.splice(0);
    if (pages.length === 0) return;
    this.#written = this.#written.then(() => this.#facts.tell(...pages));
    // Whoever waits for all of it is told what went wrong.
    const ended = this.#written.then(
      () => void this.#unwritten.shift(),
      () => void this.#unwritten.shift(),
    );
    this.#unwritten.push(ended);
  }
}
