import type { Result } from "../../wire/api";
import { Backoff } from "../../wire/backoff";
import { passesByItself, type Refusal } from "../../wire/refusals";

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * One question to the server, asked whenever its answer may have become another one. Answers overtake each other: what was
 * asked before the answer that is shown is not told any more. One that fails in passing is asked again while it is shown.
 */
export class Asking<T> {
  readonly #ask: () => Promise<Result<T>>;
  readonly #told: (answer: Result<T>) => void;
  readonly #backoff = new Backoff({ first: FIRST_PAUSE_MS, longest: LONGEST_PAUSE_MS, random: Math.random });
  #asked = 0;
  /** The newest question that is answered. */
  #answered = 0;
  #isShown = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: () => Promise<Result<T>>, told: (answer: Result<T>) => void) {
    this.#ask = ask;
    this.#told = told;
  }

  /** Ask again by itself, until the answer is called. */
  start(): () => void {
    this.#isShown = true;
    return () => {
      this.#isShown = false;
      clearTimeout(this.#again);
    };
  }

  /** Resolves when this question is answered, whether that was told or not. */
  async now(): Promise<void> {
    clearTimeout(this.#again);
    const mine = ++this.#asked;
    const answer = await this.#ask();
    if (mine < this.#answered) return;
    this.#answered = mine;
    this.#told(answer);
    if (answer.ok) this.#backoff.reset();
    // A newer question is under way otherwise.
    else if (this.#isShown && mine === this.#asked && isPassing(answer.refusal))
      this.#again = setTimeout(() => void this.now(), this.#backoff.next((answer.refusal.retry_after ?? 0) * 1000));
  }
}

function isPassing({ code }: Refusal): boolean {
  return code === "network" || code === "timeout" || passesByItself(code);
}
