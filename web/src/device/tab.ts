import { computed, effect, signal } from "@preact/signals";
import type { Api, Result } from "../wire/api";
import { ServerClock } from "../wire/clock";
import { newId } from "../wire/ids";
import type { Timers } from "../wire/timers";
import type { TrainerHandlers, TrainerConnection } from "../wire/trainerConnection";
import type { NewFork, Refusal, Session, Trainer } from "../wire/types";
import { Account } from "./account";
import { DeviceDatabase, TrainerDatabase, type Stores } from "./database/schema";
import { Leader } from "./leader";
import type { ElectionOptions } from "./tabs/candidate";
import type { Message, OpenChannel } from "./tabs/channel";
import type { LookedFor } from "./sync/readBeside";
import { LeaderRequests } from "./tabs/leaderRequests";
import { TabGroup } from "./tabs/tabGroup";
import { TrainerStore } from "./trainerStore";
import { LiveState } from "./view/liveState";

export interface DeviceOptions extends Pick<ElectionOptions, "locks" | "storage" | "random"> {
  /** Of the databases, the channel and the lock. */
  name: string;
  /** Null: the browser's own. Else this page's alone: nothing is kept when it goes, and no other tab shares it. */
  stores: Stores | null;
  api: Api;
  timers: Timers;
  openConnection(clock: ServerClock, handlers: TrainerHandlers): TrainerConnection;
  openChannel: OpenChannel;
  /** What the device believes; only the first guess. */
  isNetworkUp(): boolean;
  /** Tell when the network seems to come or go, or the page is seen again or left; the answer ends it. */
  listen(heard: PageEvents): () => void;
  /** Ask the browser not to evict what is stored. */
  persist(): void;
  /** Bytes that the records of ended sessions may have here. */
  recordRoom(): Promise<number>;
}

export interface PageEvents {
  woke(): void;
  offline(): void;
  left(): void;
}

/**
 * One tab: whose data it has open, and whether it is the one that speaks with the server. It puts the other parts
 * together and passes on what they tell each other; what is sent, stored or shown it does not know itself.
 */
export class Tab {
  readonly store = signal<TrainerStore | null>(null);
  readonly isReady = signal(false);
  readonly live: LiveState;
  readonly clock = new ServerClock();
  /** Why this tab could not write. */
  readonly trouble = signal<Refusal | null>(null);
  readonly #options: DeviceOptions;
  readonly #device: DeviceDatabase;
  readonly #account: Account;
  readonly #tabs: TabGroup;
  readonly #tab = newId();
  readonly #requests: LeaderRequests;
  readonly #watching = new Map<string, number>();
  #leader: Leader | null = null;
  /** It is being read: what commits meanwhile may be missing in what was read of it. */
  #opening: TrainerStore | null = null;
  #settling: Promise<void> = Promise.resolve();
  #isClosed = false;
  #endTelling = () => {};
  readonly #endListening: () => void;

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.#requests = new LeaderRequests(options.timers);
    this.live = new LiveState(options.isNetworkUp());
    this.#device = new DeviceDatabase(options.name, options.stores);
    this.#account = new Account(this.#device, options.api);
    this.#tabs = new TabGroup({
      ...options,
      tab: this.#tab,
      heard: (message) => this.#heard(message),
      gained: () => this.#gained(),
      lost: () => this.#lost(),
    });
    this.#endListening = options.listen({
      woke: () => this.#woke(),
      offline: () => this.#leader?.doubt(),
      left: () => this.#tabs.left(),
    });
    void this.#begin().finally(() => {
      this.isReady.value = true;
    });
  }

  readonly me = computed(() => this.store.value?.trainer.value ?? null);

  /** What a person must know beside the entries: a failing storage before a login that has run out. */
  readonly problem = computed<Refusal | null>(() => this.trouble.value ?? this.live.trouble.value ?? this.live.revoked.value);

  login(email: string, password: string): Promise<Refusal | null> {
    return this.enter((api) => api.login(email, password));
  }

  /** By any call that ends in a login: from then on this device is that trainer's. */
  async enter(ask: (api: Api) => Promise<Result<{ trainer: Trainer }>>): Promise<Refusal | null> {
    try {
      const refusal = await this.#account.enter(() => ask(this.#options.api));
      await this.#accountChanged();
      if (refusal === null) this.#options.persist();
      return refusal;
    } catch (error) {
      return this.#troubled(error);
    }
  }

  async logout(): Promise<void> {
    try {
      await this.#account.leave();
      await this.#accountChanged();
      await this.#account.logout();
    } catch (error) {
      this.#troubled(error);
    }
  }

  watch(sessionId: string): () => void {
    const show = (more: number) => {
      const count = (this.#watching.get(sessionId) ?? 0) + more;
      if (count > 0) this.#watching.set(sessionId, count);
      else this.#watching.delete(sessionId);
      this.#tabs.show([...this.#watching.keys()]);
    };
    let isShown = true;
    show(1);
    return () => {
      if (isShown) show(-1);
      isShown = false;
    };
  }

  /** The leader has the socket; another tab asks it. */
  removeTrainee(sessionId: string, seatId: string): Promise<Refusal | null> {
    if (this.#leader !== null) return this.#leader.removeTrainee(sessionId, seatId);
    return this.#requests.ask((question) =>
      this.#tabs.post({ type: "remove", question, session_id: sessionId, seat_id: seatId }),
    );
  }

  /** By HTTP, so that any tab can: whatever it changes comes to the others by the database. */
  takeControls(sessionId: string): Promise<Refusal | null> {
    return this.askForSession((api) => api.takeControls(sessionId));
  }

  /** As it was asked for it is on this device, too, when it answers. */
  forkSession(sessionId: string, body: NewFork): Promise<Refusal | null> {
    return this.askForSession((api) => api.fork(sessionId, body));
  }

  takeOver(sessionId: string): Promise<Refusal | null> {
    return this.askForSession((api) => api.takeOver(sessionId));
  }

  /** The answer, a session, is written down here. */
  async askForSession(ask: (api: Api) => Promise<Result<Session>>): Promise<Refusal | null> {
    const store = this.store.peek();
    if (store === null || !(await this.#account.isHeldBy(store.trainer.peek().id)))
      return { code: "unauthenticated", detail: "Log in first." };
    const answer = await ask(this.#options.api);
    if (!answer.ok) return answer.refusal;
    await store.facts.tell({ kind: "session", session: answer.value });
    return null;
  }

  /** A person asked for it: no pause holds. */
  hurry(): void {
    if (this.#leader === null) this.#tabs.post({ type: "hurry" });
    else this.#leader.hurry();
  }

  lookBeside(sessionId: string, what: LookedFor): void {
    if (this.#leader === null) this.#tabs.post({ type: "beside", session_id: sessionId, what });
    else this.#leader.lookBeside(sessionId, what);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endListening();
    this.#tabs.close();
    this.#lost();
    await this.#settling;
    this.store.peek()?.close();
    this.#device.close();
  }

  async #begin(): Promise<void> {
    if (this.#options.stores !== null) await this.#account.recall().catch((error) => void this.#troubled(error));
    await this.#settle();
  }

  /** Open the data of the trainer who holds the device. */
  #settle(): Promise<void> {
    this.#settling = this.#settling.then(() => this.#settleNow()).catch((error) => void this.#troubled(error));
    return this.#settling;
  }

  async #settleNow(): Promise<void> {
    if (this.#isClosed) return;
    const holder = await this.#account.holder();
    const trainer = holder?.state === "in" || holder?.state === "changing" ? holder.trainer : null;
    const before = this.store.peek();
    if (before !== null && before.trainer.peek().id === trainer?.id) {
      if (holder?.state === "in") this.#leader?.enterAnew();
      return;
    }
    this.#stopLeader();
    this.live.clear();
    this.store.value = null;
    before?.close();
    if (trainer !== null) {
      const store = (this.#opening = this.#newStore(trainer));
      await store.open().finally(() => (this.#opening = null));
      if (this.#isClosed) return store.close();
      this.store.value = store;
    }
    this.#startLeader();
    if (before !== null && holder?.trainer === null) await this.#empty(before.trainer.peek().id);
  }

  /**
   * Of somebody who has logged out. What was asked before may still be answered, and an open store takes it in. So every
   * tab closes its store first, and then empties it over a connection of its own: the last one to do so leaves nothing.
   */
  async #empty(trainerId: string): Promise<void> {
    const database = new TrainerDatabase(this.#options.name, trainerId, this.#options.stores);
    try {
      await database.forget();
    } finally {
      database.close();
    }
  }

  #newStore(trainer: TrainerStore["trainer"]["value"]): TrainerStore {
    return new TrainerStore({
      name: this.#options.name,
      stores: this.#options.stores,
      trainer,
      live: this.live,
      clock: this.clock,
      committed: (change) => {
        this.#tabs.post({ type: "changed", trainer: trainer.id, change });
        this.#leader?.look(change);
        this.trouble.value = null;
      },
      added: (entry) => this.#leader?.added(entry),
      troubled: (error) => void this.#troubled(error),
    });
  }

  #startLeader(): void {
    const store = this.store.peek();
    if (!this.#tabs.isLeader || this.#isClosed || this.#leader !== null) return;
    if (store === null) {
      // No trainer is logged in: but the server may not know of the last logout yet.
      void this.#account.identify().catch((error) => void this.#troubled(error));
      return;
    }
    const { api, timers, random } = this.#options;
    this.#leader = new Leader({
      store,
      api,
      timers,
      random,
      account: this.#account,
      live: this.live,
      wanted: this.#tabs.wanted,
      now: () => this.clock.now(),
      recordRoom: this.#options.recordRoom,
      openConnection: (handlers) => this.#options.openConnection(this.clock, handlers),
      accountChanged: () => void this.#accountChanged(),
      troubled: (error) => void this.#troubled(error),
    });
    this.#leader.start();
  }

  #stopLeader(): void {
    this.#leader?.stop();
    this.#leader = null;
  }

  #gained(): void {
    this.live.trouble.value = null;
    this.#endTelling();
    this.#endTelling = effect(() => this.#tell());
    void this.#settling.then(() => this.#startLeader());
  }

  #lost(): void {
    this.#endTelling();
    this.#stopLeader();
  }

  #tell(): void {
    const offset = this.clock.now() - Date.now();
    const live = this.live.snapshot(this.trouble.value);
    this.#tabs.post({ type: "live", trainer: this.me.value?.id ?? null, offset, live });
  }

  async #accountChanged(): Promise<void> {
    this.#tabs.post({ type: "account" });
    await this.#settle();
  }

  #woke(): void {
    if (this.#leader !== null) this.#leader.hurry();
    else if (this.#tabs.isLeader) this.#startLeader();
    else this.#tabs.here();
  }

  #heard(message: Message): void {
    const mine = this.me.peek()?.id ?? null;
    switch (message.type) {
      case "changed": {
        const store = this.store.peek() ?? this.#opening;
        if (message.trainer !== store?.trainer.peek().id) return;
        store.view.read(message.change).catch((error) => void this.#troubled(error));
        return this.#leader?.look(message.change);
      }
      case "live":
        if (this.#tabs.isLeader || message.trainer !== mine) return;
        this.#adoptOffset(message.offset);
        return this.live.adopt(message.live);
      case "here":
        if (!this.#tabs.isLeader) return;
        this.#leader?.nudge();
        return this.#tell();
      case "gone":
        return;
      case "hurry":
        return this.#leader?.hurry();
      case "beside":
        return this.#leader?.lookBeside(message.session_id, message.what);
      case "account":
        return void this.#settle();
      case "remove":
        void this.#leader?.removeTrainee(message.session_id, message.seat_id).then((refusal) => {
          this.#tabs.post({ type: "removed", question: message.question, refusal });
        });
        return;
      case "removed":
        return this.#requests.answered(message.question, message.refusal);
    }
  }

  #adoptOffset(offset: number): void {
    const now = Date.now();
    this.clock.forget();
    this.clock.heard(new Date(now + offset).toISOString(), now, now);
  }

  #troubled(error: unknown): Refusal {
    const name = error instanceof Error ? error.name : "";
    const code = /Quota/.test(name) || /Quota/.test(String(error)) ? "device_full" : "device_storage";
    const refusal: Refusal = { code, detail: error instanceof Error ? error.message : String(error) };
    // What fails because we close is no trouble.
    if (!this.#isClosed && name !== "DatabaseClosedError") this.trouble.value = refusal;
    return refusal;
  }
}
