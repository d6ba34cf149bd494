import { effect, type ReadonlySignal } from "@preact/signals";
import type { Api } from "../wire/api";
import { Backoff } from "../wire/backoff";
import type { Timers } from "../wire/timers";
import type { TrainerHandlers, TrainerConnection } from "../wire/trainerConnection";
import type { Refusal } from "../wire/types";
import type { Account } from "./account";
import type { Commit } from "./database/commit";
import { deliver } from "./outbox/deliver";
import type { OutboxEntry } from "./outbox/entry";
import { Reachability } from "./outbox/reachability";
import { Sender } from "./outbox/sender";
import { CaseCopies } from "./sync/caseCopies";
import type { LookedFor } from "./sync/readBeside";
import { RecordKeeper } from "./sync/recordKeeper";
import { refresh } from "./sync/refreshing";
import { SchoolSync } from "./sync/schoolSync";
import { WatchedSessions } from "./sync/watchedSessions";
import type { TrainerStore } from "./trainerStore";
import type { LiveState } from "./view/liveState";

/** While a login is under way elsewhere. */
const NEXT_LOOK_MS = 1_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
const REFRESH_MS = 15_000;

export interface LeaderOptions {
  store: TrainerStore;
  api: Api;
  account: Account;
  live: LiveState;
  timers: Timers;
  random: () => number;
  wanted: ReadonlySignal<ReadonlySet<string>>;
  /** The time by the server's clock. */
  now(): number;
  /** Bytes that the records of ended sessions may have here. */
  recordRoom(): Promise<number>;
  openConnection(handlers: TrainerHandlers): TrainerConnection;
  /** The cookie is another trainer's, or there is none. */
  accountChanged(): void;
  troubled(error: unknown): void;
}

/**
 * The part of the one tab that speaks with the server, for the trainer whose store it is. It never writes what a person
 * does: it is told by `added` and `look` that there is something to send. It calls `accountChanged` when the cookie
 * turns out to be another one, and stops only when it is told to.
 */
export class Leader {
  readonly #options: LeaderOptions;
  readonly #reachability: Reachability;
  readonly #watched: WatchedSessions;
  readonly #caseCopies: CaseCopies;
  readonly #school: SchoolSync;
  readonly #records: RecordKeeper;
  readonly #sender: Sender;
  readonly #socket: TrainerConnection;
  #isIdentified = false;
  #hasEntered = false;
  readonly #refusals: Backoff;
  #refreshedAt = 0;
  #isOver = false;
  #isAsking = false;
  #entering: Promise<void> | null = null;
  #callOff = () => {};
  #dispose = () => {};

  constructor(options: LeaderOptions) {
    const { store, api, live, timers, random, wanted, troubled } = options;
    this.#options = options;
    this.#refusals = new Backoff({ first: FIRST_PAUSE_MS, longest: LONGEST_PAUSE_MS, random });
    this.#reachability = new Reachability(timers, random, live.isOnline.peek());
    this.#watched = new WatchedSessions({
      api, database: store.database, facts: store.facts, live, timers, wanted, sessions: store.view.stored,
      arrived: (session, events) => store.view.arrived(session, events), mayAttempt: () => this.#mayAttempt(), troubled,
    }); // prettier-ignore
    this.#caseCopies = new CaseCopies({
      api, database: store.database, timers, wanted, sessions: store.view.stored, cases: store.view.cases,
      committed: store.committed, troubled,
    }); // prettier-ignore
    this.#school = new SchoolSync({
      api, database: store.database, edits: store.edits, live, reachability: this.#reachability, timers, random,
      me: () => store.trainer.peek().id, now: options.now, mayAttempt: () => this.#mayAttempt(),
      committed: store.committed, pulled: () => this.#records.look(), loginEnded: () => this.#loginEnded(), troubled,
    }); // prettier-ignore
    this.#records = new RecordKeeper({
      api, database: store.database, facts: store.facts, timers, wanted, sessions: store.view.stored, cases: store.view.cases,
      isSending: () => store.view.isSending(), mayAttempt: () => this.#mayAttempt(), room: options.recordRoom, now: options.now,
      committed: store.committed, troubled,
    }); // prettier-ignore
    this.#socket = options.openConnection(this.#handlers());
    const ways = {
      api,
      socket: this.#socket,
      me: () => store.trainer.peek(),
      known: (id: string) => store.view.shown.peek().get(id),
      sheets: (id: string) => store.view.shown.peek().get(id)?.scores ?? null,
    };
    this.#sender = new Sender({
      outbox: store.outbox,
      reachability: this.#reachability,
      timers,
      random,
      mayAttempt: () => this.#mayAttempt(),
      deliver: async (entry) => {
        const refusal = await this.#bringBefore(entry);
        return refusal === null ? deliver(entry, ways) : { ok: false, refusal };
      },
      confirm: async (facts) => {
        await store.facts.tell(...facts);
        for (const fact of facts) {
          if (fact.kind === "annotation") this.#watched.lookBeside(fact.annotation.session_id);
          if (fact.kind === "scored") this.#watched.lookBeside(fact.session_id);
        }
        // What was edited of a session that was opened here waits until its place in the log is known.
        if (facts.some((fact) => fact.kind === "session")) this.#school.pull();
      },
      explain: (timeout, sentAt) => this.#explain(timeout, sentAt),
      loginEnded: () => this.#loginEnded(),
      sending: (entryId, isSending) => live.setSending(entryId, isSending),
      rejected: (entry) => {
        if (entry.kind !== "session:open") this.#watched.reread(entry.entity.id).catch(troubled);
      },
      troubled,
    });
  }

  start(): void {
    this.#dispose = effect(() => {
      this.#options.live.isOnline.value = this.#reachability.isOnline.value;
    });
    this.#watched.start(this.#socket);
    this.#sender.start();
    void this.#enter();
  }

  stop(): void {
    this.#isOver = true;
    this.#callOff();
    this.#dispose();
    this.#watched.stop();
    this.#caseCopies.stop();
    this.#school.stop();
    this.#records.stop();
    this.#socket.close();
    void this.#sender.stop();
  }

  /** Written down by this tab, and first of its entity: the next thing that happens to it is the wire. */
  added(entry: OutboxEntry): void {
    this.#sender.added(entry);
  }

  /** Something was put into the outbox, or edited. */
  look(change: Commit): void {
    this.#sender.look();
    if (change.edits === true) this.#school.look();
  }

  /** What colleagues write beside the record of a session is told by nobody. */
  lookBeside(sessionId: string, what: LookedFor): void {
    if (this.#isIdentified) this.#watched.lookBeside(sessionId, what);
  }

  /** A page is in use while this tab's own timers may be throttled: do what is due. */
  nudge(): void {
    this.#sender.look();
    this.#school.look();
    if (this.#reachability.quiet > 0) return;
    if (!this.#isIdentified && !this.#options.live.needsLogin.value) void this.#enter();
    this.#socket.hurry();
  }

  /** The network came back, or somebody looks at a page again: no pause holds any longer. */
  hurry(): void {
    this.#reachability.hope();
    this.#socket.hurry();
    if (!this.#isIdentified) return void this.#enter();
    this.#sender.hurry();
    this.#school.hurry();
    // Of what nobody watches nothing is told.
    if (this.#options.timers.now() - this.#refreshedAt > REFRESH_MS) this.#refresh();
  }

  /** The device says that it has no network. It may be wrong (a hall without internet): see for ourselves. */
  doubt(): void {
    this.#reachability.lost();
    if (this.#socket.isConnected) this.#socket.renew();
  }

  /** Somebody logged in: the cookie is another one. */
  enterAnew(): void {
    this.#isIdentified = false;
    this.#options.live.needsLogin.value = false;
    // What was asked before the login is answered for the cookie before it: that answer is not the one to go by.
    void Promise.resolve(this.#entering)
      .then(() => this.#enter())
      .then(() => {
        if (this.#isIdentified) this.#socket.renew();
      });
  }

  async removeTrainee(sessionId: string, seatId: string): Promise<Refusal | null> {
    const answer = await this.#socket.send("trainee:remove", { session_id: sessionId, seat_id: seatId });
    return answer.ok ? null : answer.refusal;
  }

  #handlers(): TrainerHandlers {
    const { timers } = this.#options;
    return {
      ...this.#watched.handlers,
      connected: () => {
        this.#refusals.reset();
        this.#reachability.heard();
        this.#sender.hurry();
        this.#school.hurry();
        // What was not watched may have changed while there was no connection.
        if (this.#hasEntered) this.#refresh();
        this.#hasEntered = true;
      },
      edited: (version) => this.#school.told(version),
      disconnected: (isFinal) => {
        this.#options.live.happen({ kind: "lost" });
        if (this.#isOver) return;
        this.#reachability.lost();
        if (!isFinal) return;
        this.#isIdentified = false;
        void this.#enter();
      },
      failed: () => void this.#askWhetherReachable(),
      refused: (refusal) => {
        if (refusal.code !== "unauthenticated" || this.#isOver) return;
        // Mostly the login has run out, which HTTP then says, too. If it does not: not in a tight circle.
        this.#callOff();
        this.#callOff = timers.after(this.#refusals.next(), () => {
          this.#isIdentified = false;
          void this.#enter();
        });
      },
    };
  }

  async #mayAttempt(): Promise<boolean> {
    const { account, store, live } = this.#options;
    if (live.needsLogin.value || this.#isOver) return false;
    if (!this.#isIdentified) await this.#enter();
    if (!this.#isIdentified || this.#isOver) return false;
    if (await account.isHeldBy(store.trainer.peek().id)) return true;
    // Somebody is logging in, or did so while this tab was frozen.
    this.#isIdentified = false;
    void this.#enter();
    return false;
  }

  /** A session is opened after its case has arrived, if that is of this device, and ends after what was edited of it. */
  async #bringBefore(entry: OutboxEntry): Promise<Refusal | null> {
    if (entry.kind === "session:close") return this.#school.bringEdits(entry.entity.id);
    const templateId = entry.kind === "session:open" ? entry.body["template_id"] : undefined;
    return typeof templateId === "string" ? this.#school.bringTemplate(templateId) : null;
  }

  /** Nothing is sent before the server has said whose cookie this is. */
  #enter(): Promise<void> {
    this.#entering ??= this.#identify()
      .catch(this.#options.troubled)
      .finally(() => {
        this.#entering = null;
      });
    return this.#entering;
  }

  async #identify(): Promise<void> {
    const { account, store, live, accountChanged } = this.#options;
    this.#callOff();
    const identity = await account.identify();
    if (this.#isOver) return;
    switch (identity.kind) {
      case "trainer":
        this.#reachability.heard();
        if (identity.trainer.id !== store.trainer.peek().id) return accountChanged();
        store.trainer.value = identity.trainer;
        live.needsLogin.value = false;
        this.#isIdentified = true;
        this.#socket.connect();
        this.#refresh();
        this.#caseCopies.start();
        this.#school.start();
        return this.#sender.look();
      case "nobody":
        return accountChanged();
      case "ended":
        this.#reachability.heard();
        return this.#loginEnded();
      case "unknown":
        if (identity.refusal !== null && isNoAnswer(identity.refusal)) this.#reachability.lost();
        else if (identity.refusal !== null) this.#reachability.busy(identity.refusal.retry_after);
        this.#enterIn(Math.max(this.#reachability.quiet, NEXT_LOOK_MS));
    }
  }

  #enterIn(ms: number): void {
    this.#callOff();
    this.#callOff = this.#options.timers.after(ms, () => void this.#enter());
  }

  #loginEnded(): void {
    if (this.#isOver) return;
    this.#isIdentified = false;
    this.#options.live.needsLogin.value = true;
  }

  /** A timeout counts against an entry only if everything else went well meanwhile. */
  async #explain(timeout: Refusal, sentAt: number): Promise<Refusal> {
    if (this.#socket.isConnected && !this.#socket.heardSince(sentAt)) {
      this.#socket.renew();
      return { ...timeout, code: "network" };
    }
    const asked = await this.#options.api.me();
    if (asked.ok) return timeout;
    return asked.refusal.code === "timeout" ? { ...timeout, code: "network" } : asked.refusal;
  }

  /** An answer that was on its way when the line broke, and was read after it, says that the server can be reached. */
  async #askWhetherReachable(): Promise<void> {
    if (this.#isOver || this.#isAsking || !this.#reachability.isOnline.peek()) return;
    this.#isAsking = true;
    const noAnswer = this.#reachability.asked();
    const asked = await this.#options.api.me().finally(() => (this.#isAsking = false));
    if (!asked.ok && !this.#isOver && isNoAnswer(asked.refusal)) noAnswer();
  }

  #refresh(): void {
    const { api, store, timers, troubled } = this.#options;
    this.#refreshedAt = timers.now();
    refresh(api, store.facts)
      .then((refusal) => refusal?.code === "unauthenticated" && this.#loginEnded())
      .catch(troubled);
  }
}

function isNoAnswer({ code }: Refusal): boolean {
  return code === "network" || code === "timeout";
}
