import { batch, computed, signal } from "@preact/signals";
import { NOTHING_TOLD, reduceTrainer, type TrainerHappening, type TrainerState } from "../../wire/trainerState";
import type { Refusal } from "../../wire/types";

/** What only the leading tab hears, and tells the others whole whenever it changes. */
export interface LiveSnapshot extends Omit<TrainerState, "trainers"> {
  /** Left out by leading tabs of earlier versions. */
  trainers?: TrainerState["trainers"];
  isOnline: boolean;
  needsLogin: boolean;
  trouble: Refusal | null;
  /** Entries on their way to the server. A leading tab of version 1 does not tell it. */
  sending?: readonly string[];
  /** The server has told of changes that are not here yet. Left out by leading tabs of earlier versions. */
  isBehind?: boolean;
  /** An admin has shut this device out. */
  revoked?: Refusal | null;
}

/** Known of this moment, and of no use after a reload: never in the database. The leading tab writes it. */
export class LiveState {
  readonly isOnline;
  readonly needsLogin = signal(false);
  /** The leader's storage fails. */
  readonly trouble = signal<Refusal | null>(null);
  /** Entries on their way to the server. */
  readonly sending = signal<readonly string[]>([]);
  /** The server has told of changes that are not here yet. */
  readonly isBehind = signal(false);
  /** An admin has shut this device out: cases are neither sent nor fetched. */
  readonly revoked = signal<Refusal | null>(null);
  readonly #told = signal<TrainerState>(NOTHING_TOLD);
  readonly trainees = computed(() => this.#told.value.trainees);
  readonly trainers = computed(() => this.#told.value.trainers);
  readonly provisional = computed(() => this.#told.value.provisional);

  constructor(isOnline: boolean) {
    this.isOnline = signal(isOnline);
  }

  happen(happening: TrainerHappening): void {
    this.#told.value = reduceTrainer(this.#told.peek(), happening);
  }

  setSending(entryId: string, isSending: boolean): void {
    const others = this.sending.peek().filter((id) => id !== entryId);
    if (isSending) this.sending.value = [...others, entryId];
    else if (others.length < this.sending.peek().length) this.sending.value = others;
  }

  /** `trouble`: the leader's own. */
  snapshot(trouble: Refusal | null): LiveSnapshot {
    return {
      ...this.#told.value,
      trouble,
      isOnline: this.isOnline.value,
      needsLogin: this.needsLogin.value,
      sending: this.sending.value,
      isBehind: this.isBehind.value,
      revoked: this.revoked.value,
    };
  }

  adopt(told: LiveSnapshot): void {
    const { isOnline, needsLogin, trouble, trainees, trainers = {}, provisional, sending = [], isBehind = false, revoked = null } = told;
    batch(() => {
      this.isOnline.value = isOnline;
      this.needsLogin.value = needsLogin;
      this.trouble.value = trouble;
      this.sending.value = sending;
      this.isBehind.value = isBehind;
      this.revoked.value = revoked;
      this.#told.value = { trainees, trainers, provisional };
    });
  }

  /** Another trainer, or none. */
  clear(): void {
    this.adopt({ ...NOTHING_TOLD, isOnline: this.isOnline.peek(), needsLogin: false, trouble: null });
  }
}
