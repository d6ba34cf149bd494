import type { Api } from "../../wire/api";
import { Backoff } from "../../wire/backoff";
import { Quiet } from "../../wire/quiet";
import type { Timers } from "../../wire/timers";
import type { Refusal } from "../../wire/types";
import type { Commit } from "../database/commit";
import type { TrainerDatabase } from "../database/schema";
import { verdictOf } from "../outbox/judging";
import type { Reachability } from "../outbox/reachability";
import type { LiveState } from "../view/liveState";
import { sentEdit, WHOLE_LOG, type ConflictChoice } from "./edit";
import type { Edits } from "./edits";
import { askerAt, LogReader } from "./logReader";

const PULL_MS = 5 * 60_000;
const BATCH = 100;
/** A server says so of a batch, or of one edit that is too large by itself. */
const SMALLEST_BATCH = 1;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Until it is looked again whether something has arrived. */
const BRING_MS = 50;
/** A session ends so much later at most for what was edited of it before. */
const PATIENCE_MS = 30_000;
/** A choice that the server does not take is about a conflict that somebody else has ended. */
const TRIES_OF_A_CHOICE = 3;

export interface SchoolSyncOptions {
  api: Api;
  database: TrainerDatabase;
  edits: Edits;
  live: Pick<LiveState, "isBehind" | "revoked">;
  reachability: Reachability;
  timers: Timers;
  random: () => number;
  me: () => string;
  /** The time by the server's clock. */
  now: () => number;
  /** Whether it may ask at all now: a network, and the cookie of this trainer. */
  mayAttempt(): Promise<boolean>;
  committed(change: Commit): Promise<void>;
  /** What the server had is here. */
  pulled(): void;
  loginEnded(): void;
  troubled(error: unknown): void;
}

/**
 * Brings together what is edited here and what the school has: reads the server's log from where it last stood, sends
 * the edits that wait, tells of the choices made in conflicts. One round at a time, in the leading tab only. Its pauses
 * are its own: a server that is busy with edits is not too busy for the sessions.
 */
export class SchoolSync {
  readonly #options: SchoolSyncOptions;
  readonly #backoff: Backoff;
  readonly #log: LogReader;
  #isRunning = false;
  #isPullDue = true;
  #batch = BATCH;
  #newest = 0;
  readonly #quiet: Quiet;
  /** Of the last round. */
  #refusal: Refusal | null = null;
  #round: Promise<void> | null = null;
  #lookAgain = false;
  #callOff = () => {};
  #callOffPull = () => {};

  constructor(options: SchoolSyncOptions) {
    this.#options = options;
    this.#quiet = new Quiet(options.timers);
    this.#log = new LogReader(options);
    this.#backoff = new Backoff({ first: FIRST_PAUSE_MS, longest: LONGEST_PAUSE_MS, random: options.random });
  }

  /** From now on the server may be asked. */
  start(): void {
    this.#isRunning = true;
    this.pull();
  }

  stop(): void {
    this.#isRunning = false;
    this.#callOff();
    this.#callOffPull();
  }

  /** The server's log has come to this version. */
  told(version: number): void {
    this.#newest = Math.max(this.#newest, version);
    this.pull();
  }

  /** Something may have changed on the server. */
  pull(): void {
    this.#isPullDue = true;
    this.look();
  }

  /** The network came back, or a person wants it now: no pause holds. */
  hurry(): void {
    this.#quiet.end();
    this.pull();
  }

  /** There may be something to send. */
  look(): void {
    if (!this.#isRunning) return;
    this.#lookAgain = this.#round !== null;
    if (this.#round !== null) return;
    const quiet = this.#quiet.left;
    if (quiet > 0) return this.#lookIn(quiet);
    this.#callOff();
    this.#round = this.#go()
      .catch((error: unknown) => {
        this.#options.troubled(error);
        this.#wait();
      })
      .finally(() => {
        this.#round = null;
        if (this.#lookAgain) this.look();
      });
  }

  /** Wait until the server knows of a case that is new here. A refusal: it cannot be reached. */
  async bringTemplate(templateId: string): Promise<Refusal | null> {
    return this.#bring(() => this.#options.edits.isStillNew(templateId), Number.POSITIVE_INFINITY);
  }

  /** Wait until the server has answered to what was edited of a session; not for ever, for its end waits behind it. */
  async bringEdits(sessionId: string): Promise<Refusal | null> {
    return this.#bring(() => this.#options.edits.isSessionWaiting(sessionId), PATIENCE_MS);
  }

  async #bring(isWaiting: () => Promise<boolean>, patience: number): Promise<Refusal | null> {
    const { timers } = this.#options;
    const until = timers.now() + patience;
    while (this.#isRunning && timers.now() < until && (await isWaiting())) {
      this.look();
      await this.#round;
      if (this.#refusal !== null && verdictOf(this.#refusal) === "offline") return this.#refusal;
      const now = timers.now();
      const pause = Math.min(Math.max(this.#quiet.left, BRING_MS), until - now);
      await new Promise<void>((resolve) => timers.after(pause, resolve));
    }
    return null;
  }

  async #go(): Promise<void> {
    if (!(await this.#options.mayAttempt()) || !this.#isRunning) return;
    const refusal = (await this.#pullIfDue()) ?? (await this.#send()) ?? (await this.#tellChoices());
    this.#refusal = refusal;
    this.#options.live.revoked.value = refusal?.code === "device_revoked" ? refusal : null;
    if (refusal === null) this.#backoff.reset();
    else await this.#refused(refusal);
  }

  async #pullIfDue(): Promise<Refusal | null> {
    const { database, live, timers, committed, pulled } = this.#options;
    const before = await database.position();
    live.isBehind.value = before.cursor === 0 || this.#newest > before.cursor;
    if (!this.#isPullDue) return null;
    this.#isPullDue = false;
    const read = await this.#log.read(before);
    if (read.isOvertaken) this.#again();
    const { sessions, hasTemplates, hasColleagues: colleagues } = read;
    if (sessions.length > 0 || hasTemplates || colleagues)
      await committed({ templates: true, edits: true, sessions, preparations: sessions, colleagues });
    if (read.refusal !== null) {
      this.#isPullDue = true;
      return read.refusal;
    }
    this.#callOffPull();
    this.#callOffPull = timers.after(PULL_MS, () => this.pull());
    live.isBehind.value = this.#newest > (await database.position()).cursor;
    pulled();
    return null;
  }

  async #send(): Promise<Refusal | null> {
    const { api, database, edits, reachability } = this.#options;
    for (;;) {
      const sent = await edits.waiting(this.#batch);
      if (sent.length === 0) return null;
      const answer = await api.sendEdits(askerAt(await database.position()), sent.map(sentEdit));
      if (!answer.ok) {
        if (answer.refusal.code !== "too_large" || sent.length === SMALLEST_BATCH) return answer.refusal;
        this.#batch = Math.ceil(sent.length / 2);
        continue;
      }
      reachability.heard();
      await edits.answered(sent, answer.value);
      // What was done here moves the log, too.
      this.#again();
    }
  }

  async #tellChoices(): Promise<Refusal | null> {
    for (const choice of await this.#options.edits.choices()) {
      const refusal = await this.#tell(choice);
      if (refusal !== null) return refusal;
    }
    return null;
  }

  async #tell(choice: ConflictChoice): Promise<Refusal | null> {
    const { api, edits } = this.#options;
    const { keep, version, content } = choice;
    const own = content === null ? {} : { payload: content };
    const answer = await api.resolveConflict(choice.id, { keep, serverVersion: version, ...own });
    if (answer.ok || answer.refusal.code === "not_found") await edits.told(choice.id);
    else if (verdictOf(answer.refusal) !== "final") return answer.refusal;
    else if (choice.failures >= TRIES_OF_A_CHOICE) await edits.told(choice.id);
    else {
      await edits.toldTooLate(choice);
      this.#again();
    }
    return null;
  }

  async #refused(refusal: Refusal): Promise<void> {
    const { reachability } = this.#options;
    if (refusal.code === "resync_required") return this.#beginAgain();
    switch (verdictOf(refusal)) {
      case "offline":
        reachability.lost();
        return this.#wait();
      case "login":
        return this.#options.loginEnded();
      case "busy":
      case "final":
      case "failure":
        return this.#wait((refusal.retry_after ?? 0) * 1000);
    }
  }

  /** The server's log is another one than that which this device had read. */
  async #beginAgain(): Promise<void> {
    const { database } = this.#options;
    await database.transaction("rw", database.sync, async () => {
      const position = await database.sync.get(WHOLE_LOG);
      if (position !== undefined) await database.sync.put({ ...position, cursor: 0, epoch: null, is_resync: true });
    });
    this.#newest = 0;
    this.#again();
  }

  /** One more round after this one. */
  #again(): void {
    this.#isPullDue = true;
    this.#lookAgain = true;
  }

  #wait(atLeast = 0): void {
    const pause = this.#backoff.next(atLeast);
    this.#quiet.begin(pause);
    this.#lookAgain = false;
    this.#lookIn(pause);
  }

  #lookIn(ms: number): void {
    if (!this.#isRunning) return;
    this.#callOff();
    this.#callOff = this.#options.timers.after(ms, () => this.look());
  }
}
