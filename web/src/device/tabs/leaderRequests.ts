import { newId } from "../../wire/ids";
import type { Timers } from "../../wire/timers";
import type { Refusal } from "../../wire/types";

/** How long the leading tab may take for what another one asked it to do. */
const ANSWER_MS = 20_000;

/** What this tab has asked the leader to do at once, and has no answer to yet. */
export class LeaderRequests {
  readonly #timers: Timers;
  readonly #open = new Map<string, (refusal: Refusal | null) => void>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  ask(post: (question: string) => void): Promise<Refusal | null> {
    const question = newId();
    return new Promise((resolve) => {
      const callOff = this.#timers.after(ANSWER_MS, () =>
        this.answered(question, { code: "network", detail: "The server cannot be reached." }),
      );
      this.#open.set(question, (refusal) => {
        callOff();
        resolve(refusal);
      });
      post(question);
    });
  }

  answered(question: string, refusal: Refusal | null): void {
    this.#open.get(question)?.(refusal);
    this.#open.delete(question);
  }
}
