import { LARGEST_PAGE } from "../../wire/api";
import type { Scores, ScoreSheet } from "../../wire/beside";
import type { Annotation, Session, SessionEvent, SessionSummary, VitalsPushed } from "../../wire/types";
import type { Commit } from "../database/commit";
import type { StoredSession, TrainerDatabase } from "../database/schema";
import { eventsOf } from "./forgetting";
import {
  losesNames,
  mergeAnnotation,
  mergeBeside,
  mergeEvent,
  mergePushed,
  mergeSession,
  mergeSheet,
  type ReadBeside,
  type KnownBeside,
} from "./merge";

/** What the server has told. */
export type ServerFact =
  /** `known_count`: how many trainees were known of when the reading began; what was told since is newer. */
  | { kind: "session"; session: Session | SessionSummary; known_count?: number | null }
  | { kind: "event"; event: SessionEvent }
  /** A page of its record, as that was when names were last taken out. */
  | { kind: "record"; session_id: string; names_out_at: string | null; events: readonly SessionEvent[] }
  | { kind: "pushed"; pushed: VitalsPushed }
  | { kind: "trainees"; session_id: string; count: number }
  /** The entry of this id is done: it was made as an annotation, or became one. */
  | { kind: "annotation"; annotation: Annotation }
  /** `known`: what was stored of it when the reading began. */
  | { kind: "beside"; session_id: string; read: ReadBeside; known: KnownBeside }
  /** This evaluator's sheet, as it stands now; `read`: everybody's just before, if they were read for it. */
  | { kind: "scored"; session_id: string; sheet: ScoreSheet; read: Scores | null }
  /** This entry of the outbox is done, and what it did is among the facts beside it. */
  | { kind: "confirmed"; entry: string };

/**
 * Writes into the database what the server has told, and calls `committed`. It asks the server nothing. An event whose
 * id stands in the outbox is that entry's confirmation, whichever way it came; its entry goes in the same transaction,
 * so that no screen shows it twice or not at all.
 *
 * While one transaction runs the next facts gather, and are written together.
 */
export class ServerFacts {
  readonly #database: TrainerDatabase;
  readonly #committed: (change: Commit) => Promise<void>;
  #gathered: ServerFact[] = [];
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  constructor(database: TrainerDatabase, committed: (change: Commit) => Promise<void>) {
    this.#database = database;
    this.#committed = committed;
  }

  /** Resolves when they are written and on the screen. */
  tell(...facts: readonly ServerFact[]): Promise<void> {
    this.#gathered.push(...facts);
    this.#next ??= this.#writing.then(() => {
      const batch = this.#gathered;
      this.#gathered = [];
      this.#next = null;
      const written = this.#write(batch);
      this.#writing = written.catch(() => undefined);
      return written;
    });
    return this.#next;
  }

  /** Of the open sessions, as it is known here. */
  async traineeCounts(): Promise<ReadonlyMap<string, number | null>> {
    const open = await this.#database.sessions.filter(({ closed_at }) => closed_at === null).toArray();
    return new Map(open.map(({ id, trainee_count }) => [id, trainee_count]));
  }

  async #write(facts: readonly ServerFact[]): Promise<void> {
    const { sessions, events, outbox, preparations } = this.#database;
    const ids = [...new Set(facts.flatMap(sessionOf))];
    const told = facts.flatMap(eventsIn);
    const confirmed = facts.flatMap((fact) => {
      // The id of an opening is its session's: a session that the server has is opened.
      if (fact.kind === "session") return [fact.session.id];
      if (fact.kind === "annotation") return [fact.annotation.id];
      return fact.kind === "confirmed" ? [fact.entry] : [];
    });
    const ended = facts.flatMap((fact) => (fact.kind === "session" && fact.session.closed_at !== null ? [fact.session.id] : []));
    const tables = [sessions, events, outbox, ...(ended.length > 0 ? [preparations] : [])];
    await this.#database.transaction("rw", tables, async () => {
      const stored = await sessions.bulkGet(ids);
      const known = new Map(ids.map((id, index) => [id, stored[index]]));
      for (const fact of facts)
        if (fact.kind === "session" && losesNames(known.get(fact.session.id), fact.session))
          await eventsOf(this.#database, fact.session.id).delete();
      const merged = new Map(ids.map((id) => [id, facts.filter((fact) => sessionOf(fact)[0] === id).reduce(merge, known.get(id))]));
      // Page by page: to hand over many rows takes a while, in which nothing on the screen moves.
      for (const rows of pagesOf(facts.filter((fact) => isOfHere(fact, merged)).flatMap(eventsIn))) await events.bulkPut(rows);
      for (const [id, after] of merged) {
        if (after === undefined) continue;
        const recorded_to = await this.#recordedTo(after);
        if (after !== known.get(id) || recorded_to !== after.recorded_to) await sessions.put({ ...after, recorded_to });
      }
      const done = [...told.map((event) => event.id), ...confirmed];
      if (done.length > 0) await outbox.where("id").anyOf(done).delete();
      if (ended.length > 0) await preparations.bulkDelete(ended);
    });
    await this.#committed({ sessions: ids, preparations: ended });
  }

  /** How far the stored events reach without a gap. */
  async #recordedTo(session: StoredSession): Promise<number> {
    const { id, recorded_to, last_seq, ahead } = session;
    let reached = recorded_to;
    const highest = Math.max(last_seq, ahead.at(-1)?.seq ?? 0);
    if (reached >= highest) return reached;
    const keys = await this.#database.events
      .where("[session_id+seq]")
      .between([id, reached + 1], [id, highest], true, true)
      .primaryKeys();
    for (const [, seq] of keys) {
      if (seq !== reached + 1) break;
      reached = seq;
    }
    return reached;
  }
}

function pagesOf(events: readonly SessionEvent[]): SessionEvent[][] {
  return Array.from({ length: Math.ceil(events.length / LARGEST_PAGE) }, (_, n) => events.slice(n * LARGEST_PAGE, (n + 1) * LARGEST_PAGE));
}

function eventsIn(fact: ServerFact): readonly SessionEvent[] {
  if (fact.kind === "record") return fact.events;
  return fact.kind === "event" ? [fact.event] : [];
}

/**
 * Of a session that is not here, and does not come with it, no events either: it was forgotten while they were read. Nor
 * those that were read before names went out of them.
 */
function isOfHere(fact: ServerFact, sessions: ReadonlyMap<string, StoredSession | undefined>): boolean {
  const [id = ""] = sessionOf(fact);
  const session = sessions.get(id);
  return session !== undefined && (fact.kind !== "record" || fact.names_out_at === (session.names_out_at ?? null));
}

function sessionOf(fact: ServerFact): string[] {
  switch (fact.kind) {
    case "session":
      return [fact.session.id];
    case "event":
      return [fact.event.session_id];
    case "pushed":
      return [fact.pushed.session_id];
    case "annotation":
      return [fact.annotation.session_id];
    case "record":
    case "trainees":
    case "beside":
    case "scored":
      return [fact.session_id];
    case "confirmed":
      return [];
  }
}

function merge(stored: StoredSession | undefined, fact: ServerFact): StoredSession | undefined {
  if (fact.kind === "session") {
    const merged = mergeSession(stored, fact.session);
    const isCounted = fact.known_count !== undefined && stored !== undefined && stored.trainee_count !== fact.known_count;
    return isCounted ? { ...merged, trainee_count: stored.trainee_count } : merged;
  }
  // Of a session that this device has not met: its snapshot will hold all that.
  if (stored === undefined) return undefined;
  switch (fact.kind) {
    case "event":
      return mergeEvent(stored, fact.event);
    case "record":
      return fact.events.reduce(mergeEvent, stored);
    case "pushed":
      return mergePushed(stored, fact.pushed);
    case "trainees":
      return fact.count === stored.trainee_count ? stored : { ...stored, trainee_count: fact.count };
    case "annotation":
      return mergeAnnotation(stored, fact.annotation);
    case "beside":
      return mergeBeside(stored, fact.read, fact.known);
    case "scored":
      return mergeSheet(stored, fact.sheet, fact.read);
    case "confirmed":
      return stored;
  }
}
