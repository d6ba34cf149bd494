import type { Result } from "../../wire/api";
import { pauseOf } from "../../wire/backoff";
import { Quiet } from "../../wire/quiet";
import type { Timers } from "../../wire/timers";
import type { Refusal } from "../../wire/types";
import type { ServerFact } from "../sync/serverFacts";
import { keyOf, type OutboxEntry } from "./entry";
import { FAILURES_BEFORE_REJECTION, verdictOf } from "./judging";
import type { Outbox } from "./outbox";
import type { Reachability } from "./reachability";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const BROKEN_PAUSE_MS = 5_000;

export interface SenderOptions {
  outbox: Outbox;
  reachability: Reachability;
  timers: Timers;
  random: () => number;
  /** Whether it may send at all now: a network, and the cookie of the outbox's own author. */
  mayAttempt(): Promise<boolean>;
  deliver(entry: OutboxEntry): Promise<Result<ServerFact[]>>;
  /** Write what the server answered; with it goes the entry. */
  confirm(facts: ServerFact[]): Promise<void>;
  /** Why there was no answer in time to what was sent at `sentAt` (Date.now()): the network, the storage, or this entry. */
  explain(timeout: Refusal, sentAt: number): Promise<Refusal>;
  loginEnded(): void;
  /** The server refused it for good: what this device believed of the session may be old. */
  rejected(entry: OutboxEntry, refusal: Refusal): void;
  /** It has begun to be sent, or is no longer: for the screens. */
  sending(entryId: string, isSending: boolean): void;
  /** This device's own storage fails. */
  troubled(error: unknown): void;
}

/**
 * Empties the outbox: of every entity one entry at a time, in order; entities side by side. What it knows
 * beyond the database are pauses, and what is under way, so that any other tab may go on where this one stops.
 */
export class Sender {
  readonly #options: SenderOptions;
  /** By entity. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #quiet = new Map<string, Quiet>();
  #isRunning = false;
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #callOff = () => {};

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isRunning = true;
    this.look();
  }

  /** Begin nothing more; resolves when what was under way has its answer. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#callOff();
    await this.#looking;
    await Promise.all(this.#underWay.values());
  }

  /** There may be something to send. */
  look(): void {
    if (!this.#isRunning) return;
    if (this.#looking !== null) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#look()
      .catch((error: unknown) => {
        this.#options.troubled(error);
        this.#lookIn(BROKEN_PAUSE_MS);
      })
      .finally(() => {
        this.#looking = null;
        if (!this.#lookAgain) return;
        this.#lookAgain = false;
        this.look();
      });
  }

  /** A person wants it now: pauses after failures are over. */
  hurry(): void {
    this.#quiet.clear();
    this.look();
  }

  /** It was put into the outbox just now, and nothing of its entity is before it: no need to look. */
  added(entry: OutboxEntry): void {
    const { reachability } = this.#options;
    const isFree = this.#isRunning && !this.#underWay.has(keyOf(entry)) && reachability.quiet === 0;
    if (isFree && this.#quietFor(entry) === 0) this.#send(entry, () => Promise.resolve(entry));
    else this.look();
  }

  async #look(): Promise<void> {
    const { outbox, reachability } = this.#options;
    this.#callOff();
    const heads = (await outbox.heads()).filter(
      (entry) => entry.state !== "rejected" && !this.#underWay.has(keyOf(entry)),
    );
    if (heads.length === 0) return;
    if (reachability.quiet > 0) return this.#lookIn(reachability.quiet);
    let nextIn = Number.POSITIVE_INFINITY;
    for (const entry of heads) {
      const quiet = this.#quietFor(entry);
      if (quiet > 0) nextIn = Math.min(nextIn, quiet);
      // It may have been discarded since.
      else if (!this.#underWay.has(keyOf(entry))) this.#send(entry, () => outbox.waiting(entry.id));
    }
    if (nextIn < Number.POSITIVE_INFINITY) this.#lookIn(nextIn);
  }

  #quietFor(entry: OutboxEntry): number {
    return this.#quiet.get(keyOf(entry))?.left ?? 0;
  }

  #leaveInPeace(entry: OutboxEntry, ms: number): void {
    const quiet = new Quiet(this.#options.timers);
    quiet.begin(ms);
    this.#quiet.set(keyOf(entry), quiet);
  }

  #lookIn(ms: number): void {
    if (!this.#isRunning) return;
    this.#callOff();
    this.#callOff = this.#options.timers.after(ms, () => this.look());
  }

  #send(entry: OutboxEntry, read: () => Promise<OutboxEntry | null>): void {
    const { sending, troubled } = this.#options;
    let isLeftForLater = false;
    const sent = this.#attempt(read)
      .then((hasTried) => {
        isLeftForLater = !hasTried;
      })
      .catch((error: unknown) => {
        // Answered, and not to be written down here: it is asked once more under the same id.
        troubled(error);
        this.#leaveInPeace(entry, BROKEN_PAUSE_MS);
      })
      .finally(() => {
        this.#underWay.delete(keyOf(entry));
        sending(entry.id, false);
        if (!isLeftForLater) this.look();
        else if (this.#options.reachability.quiet > 0) this.#lookIn(this.#options.reachability.quiet);
      });
    this.#underWay.set(keyOf(entry), sent);
  }

  /** Whether there is anything more to do about it now. */
  async #attempt(read: () => Promise<OutboxEntry | null>): Promise<boolean> {
    const { reachability, mayAttempt, deliver, sending, explain, confirm } = this.#options;
    if (!this.#isRunning || !(await mayAttempt())) return false;
    const entry = await read();
    if (entry === null || !this.#isRunning) return true;
    sending(entry.id, true);
    const sentAt = Date.now();
    const answer = await deliver(entry);
    if (answer.ok) {
      reachability.heard();
      this.#quiet.delete(keyOf(entry));
      await confirm(answer.value);
    } else {
      const isSilence = answer.refusal.code === "timeout";
      await this.#refused(entry, isSilence ? await explain(answer.refusal, sentAt) : answer.refusal);
    }
    return true;
  }

  async #refused(entry: OutboxEntry, refusal: Refusal): Promise<void> {
    const { outbox, reachability } = this.#options;
    switch (verdictOf(refusal)) {
      case "offline":
        return reachability.lost();
      case "busy":
        return reachability.busy(refusal.retry_after);
      case "login":
        return this.#options.loginEnded();
      case "final":
        reachability.heard();
        await outbox.reject(entry.id, refusal, entry.failures);
        return this.#options.rejected(entry, refusal);
      case "failure":
        return this.#failed(entry, refusal);
    }
  }

  async #failed(entry: OutboxEntry, refusal: Refusal): Promise<void> {
    const { outbox, reachability, random } = this.#options;
    reachability.heard();
    const failures = entry.failures + 1;
    if (failures >= FAILURES_BEFORE_REJECTION) {
      await outbox.reject(entry.id, refusal, failures);
      return this.#options.rejected(entry, refusal);
    }
    this.#leaveInPeace(entry, pauseOf(failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random));
    await outbox.fail(entry.id, failures);
  }
}
