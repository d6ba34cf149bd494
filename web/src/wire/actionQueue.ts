import { signal } from "@preact/signals";
import type { Result } from "./api";
import { newId } from "./ids";
import { passesByItself, type KnownCode } from "./refusals";
import type { SessionEvent } from "./types";

/** What a trainee did and the server has not confirmed: in memory, in order, bounded. */

export interface Action {
  id: string;
  action: string;
  details: Record<string, unknown>;
  /** When it was done, by the server's clock as this device knew it then. */
  made_at: string;
}

/** A hundred markers wait at most; then the button says no, rather than losing the first ones. */
export const MOST_WAITING = 100;

/** No answer came: it may have been heard or not. */
const UNANSWERED: ReadonlySet<KnownCode> = new Set(["network", "timeout"]);

export class ActionQueue {
  readonly waiting = signal(0);
  readonly #actions: Action[] = [];
  readonly #now: () => number;
  readonly #pause: number;
  #isSending = false;

  /** `now`: the server's clock, in ms; `pause`: milliseconds before a refusal that passes is tried again. */
  constructor(now: () => number, pause = 2_000) {
    this.#now = now;
    this.#pause = pause;
  }

  add(action: string, details: Record<string, unknown>): boolean {
    if (this.#actions.length >= MOST_WAITING) return false;
    this.#actions.push({ id: newId(), action, details, made_at: new Date(this.#now()).toISOString() });
    this.waiting.value = this.#actions.length;
    return true;
  }

  /** One after the other, each under its own id until it is answered: a repeat has no second effect. */
  async send(
    emit: (action: Action) => Promise<Result<{ event: SessionEvent }>>,
    mayGoOn: () => boolean,
  ): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      let first = this.#actions[0];
      while (first !== undefined && mayGoOn()) {
        const answer = await emit(first);
        if (!answer.ok && UNANSWERED.has(answer.refusal.code) && !mayGoOn()) return;
        if (answer.ok || !(UNANSWERED.has(answer.refusal.code) || passesByItself(answer.refusal.code))) {
          this.#actions.shift();
          this.waiting.value = this.#actions.length;
        } else await new Promise((resolve) => setTimeout(resolve, this.#pause));
        first = this.#actions[0];
      }
    } finally {
      this.#isSending = false;
    }
  }
}
