import { effect, type ReadonlySignal } from "@preact/signals";
import { LARGEST_PAGE } from "../../wire/api";
import type { TrainerHandlers, TrainerConnection } from "../../wire/trainerConnection";
import type { Watched } from "../../wire/types";
import type { StoredSession, TrainerDatabase } from "../database/schema";
import type { LiveState } from "../view/liveState";
import { BesideReader } from "./besideReader";
import type { LookedFor } from "./readBeside";
import { readRecord, type RecordReadingOptions } from "./recordReading";
import type { ServerFact } from "./serverFacts";

/** Messages of one push come one after the other: a gap this old is a gap. */
const GAP_MS = 1_000;
const AT_ONCE = 0;
const NEXT_TRY_MS = 10_000;

export interface WatchedSessionsOptions extends RecordReadingOptions {
  database: TrainerDatabase;
  live: LiveState;
  /** Sessions that a page of any tab shows. */
  wanted: ReadonlySignal<ReadonlySet<string>>;
  sessions: ReadonlySignal<ReadonlyMap<string, StoredSession>>;
  mayAttempt(): Promise<boolean>;
  troubled(error: unknown): void;
}

/**
 * Keeps watched sessions live, and what is stored of every session without gaps. It does not choose what is watched
 * (`wanted` says so) and holds no connection of its own: `start` gives it one, and its `handlers` are told by it.
 */
export class WatchedSessions {
  readonly #options: WatchedSessionsOptions;
  readonly #watched = new Set<string>();
  /** Whose trainees were told since the watch was last asked for: the answer to it may be the older word. */
  readonly #traineesTold = new Set<string>();
  readonly #fillingIn = new Map<string, () => void>();
  /** Long records, until their pages have come. */
  readonly #coming = new Map<string, Promise<unknown>>();
  readonly #beside: BesideReader;
  #socket: TrainerConnection | null = null;
  #dispose = () => {};

  constructor(options: WatchedSessionsOptions) {
    this.#options = options;
    // What the server has to reckon from a record takes it as long as all the pages, which a page of this device waits for.
    this.#beside = new BesideReader({ ...options, turnOf: async (id) => this.#coming.get(id) });
  }

  start(socket: TrainerConnection): void {
    this.#socket = socket;
    this.#dispose = effect(() => {
      const sessions = this.#options.sessions.value;
      const wanted = [...this.#options.wanted.value];
      // One that was opened here is on the server only when it has its code.
      this.#watchOnly(new Set(wanted.filter((id) => sessions.get(id)?.code !== null)));
      for (const session of sessions.values()) {
        const isWatched = this.#watched.has(session.id);
        // No late message brings what lacks more than a page of its record.
        if (hasGap(session, isWatched)) this.#fillLater(session.id, isLong(session) ? AT_ONCE : GAP_MS);
        // Names went out of its record: what was beside it here has gone with them. Of one that is over nothing is told.
        if (isWatched && session.attendance === null && session.names_out_at) this.#beside.look(session.id);
      }
    });
  }

  /** What stands beside the record has changed here: a reading that is under way may not know of it. */
  lookBeside(sessionId: string, what: LookedFor = "written"): void {
    this.#beside.look(sessionId, what);
  }

  stop(): void {
    this.#dispose();
    this.#beside.stop();
    for (const callOff of this.#fillingIn.values()) callOff();
    this.#fillingIn.clear();
    this.#socket = null;
  }

  /** What the socket tells. */
  readonly handlers: Pick<TrainerHandlers, "watched" | "pushed" | "added" | "trainees" | "trainers" | "session"> = {
    watched: (sessionId, answer) => this.#begun(sessionId, answer),
    pushed: (pushed) => {
      const relayed = () => this.#options.live.happen({ kind: "pushed", message: pushed });
      if (pushed.seq === null) relayed();
      // What it replaces goes when it is on the screen itself.
      else this.#tell([{ kind: "pushed", pushed }], relayed);
    },
    added: (event) => this.#tell([{ kind: "event", event }]),
    trainees: (sessionId, trainees) => {
      this.#traineesTold.add(sessionId);
      this.#options.live.happen({ kind: "trainees", session_id: sessionId, trainees });
      this.#tell([{ kind: "trainees", session_id: sessionId, count: trainees.length }]);
      this.#beside.lookNowAndThen(sessionId);
    },
    trainers: (sessionId, trainerIds) =>
      this.#options.live.happen({ kind: "trainers", session_id: sessionId, trainer_ids: trainerIds }),
    session: (session) => {
      this.#tell([{ kind: "session", session }]);
      // Its end is the end of everybody's stay.
      if (session.closed_at !== null) this.#beside.look(session.id);
    },
  };

  /** After a refusal that says that this device believed something old. */
  async reread(sessionId: string): Promise<boolean> {
    const answer = await this.#options.api.session(sessionId);
    if (answer.ok) await this.#options.facts.tell({ kind: "session", session: answer.value });
    return answer.ok;
  }

  #watchOnly(wanted: ReadonlySet<string>): void {
    for (const id of this.#watched) {
      if (wanted.has(id)) continue;
      this.#watched.delete(id);
      this.#socket?.unwatch(id);
    }
    for (const id of wanted) {
      if (this.#watched.has(id)) continue;
      this.#watched.add(id);
      // Several are told of in a moment, which may be before the answer; of one that watches alone nothing is.
      this.#options.live.happen({ kind: "trainers", session_id: id, trainer_ids: [] });
      this.#socket?.watch(id, async () => {
        this.#traineesTold.delete(id);
        const session = await this.#options.database.sessions.get(id);
        if (session === undefined) return 0;
        // A long gap is filled page by page already.
        return isLong(session) ? session.last_seq : session.recorded_to;
      });
      void this.#noteWatched(id).catch(this.#options.troubled);
    }
  }

  #begun(sessionId: string, { session, events, trainees }: Watched): void {
    const facts: ServerFact[] = [{ kind: "session", session }, ...events.map((event): ServerFact => ({ kind: "event", event }))];
    // Whoever watches is told of every change from before this was read: what was told is not older, or will be told anew.
    if (!this.#traineesTold.has(sessionId)) {
      this.#options.live.happen({ kind: "trainees", session_id: sessionId, trainees });
      facts.push({ kind: "trainees", session_id: sessionId, count: trainees.length });
    }
    this.#beside.look(sessionId);
    this.#tell(facts, () => this.#options.live.happen({ kind: "reread", session_id: sessionId }));
  }

  #tell(facts: ServerFact[], written: () => void = () => {}): void {
    this.#options.facts.tell(...facts).then(written, this.#options.troubled);
  }

  #fillLater(sessionId: string, ms: number): void {
    if (this.#fillingIn.has(sessionId)) return;
    let came = () => {};
    if (ms === AT_ONCE) this.#coming.set(sessionId, new Promise<void>((resolve) => (came = resolve)));
    const callOff = this.#options.timers.after(ms, () => {
      this.#fill(sessionId, came)
        .catch((error: unknown) => {
          this.#options.troubled(error);
          return false;
        })
        .then((isFilled) => {
          came();
          this.#coming.delete(sessionId);
          this.#fillingIn.delete(sessionId);
          if (!isFilled && this.#socket !== null) this.#fillLater(sessionId, NEXT_TRY_MS);
        });
    });
    this.#fillingIn.set(sessionId, callOff);
  }

  /** Whether there is no gap any more; `came` is called when what there is of it has come, and is to be written. */
  async #fill(sessionId: string, came: () => void): Promise<boolean> {
    if (!(await this.#options.mayAttempt())) return false;
    for (;;) {
      const session = await this.#options.database.sessions.get(sessionId);
      const isWatched = this.#watched.has(sessionId);
      if (session === undefined || !hasGap(session, isWatched)) return true;
      if (!isWatched) return this.reread(sessionId);
      const reading = readRecord(session, this.#options);
      const count = await reading.came;
      came();
      await reading.written;
      if (count === 0) return false;
    }
  }

  async #noteWatched(sessionId: string): Promise<void> {
    await this.#options.database.sessions.update(sessionId, { watched_at: new Date().toISOString() });
  }
}

/** Watched: an event is missing. Not watched: only the values are of interest. */
function hasGap(session: StoredSession, isWatched: boolean): boolean {
  return session.ahead.length > 0 || (isWatched && session.code !== null && session.recorded_to < session.last_seq);
}

function isLong({ last_seq, recorded_to }: StoredSession): boolean {
  return last_seq - recorded_to > LARGEST_PAGE;
}
