import { signal } from "@preact/signals";
import { Backoff } from "../../wire/backoff";
import { Quiet } from "../../wire/quiet";
import type { Timers } from "../../wire/timers";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Whether the server can be reached, as far as this device has seen, and how long to leave it in peace.
 * Nothing that goes wrong here counts against any entry.
 */
export class Reachability {
  readonly isOnline;
  readonly #backoff: Backoff;
  readonly #quiet: Quiet;
  /** How often it was. */
  #heard = 0;

  /** `isOnline`: the best guess until something was tried. */
  constructor(timers: Timers, random: () => number, isOnline: boolean) {
    this.isOnline = signal(isOnline);
    this.#quiet = new Quiet(timers);
    this.#backoff = new Backoff({ first: FIRST_PAUSE_MS, longest: LONGEST_PAUSE_MS, random });
  }

  /** It answered. */
  heard(): void {
    this.isOnline.value = true;
    this.#heard++;
    this.#backoff.reset();
    this.#quiet.end();
  }

  /** No answer came. */
  lost(): void {
    this.isOnline.value = false;
    this.#wait(0);
  }

  /**
   * Something is asked. Call the answer where none came: a question may hang for seconds, and says nothing of the server
   * if it was heard meanwhile, by the socket for one, which came back.
   */
  asked(): () => void {
    const heard = this.#heard;
    return () => {
      if (heard === this.#heard) this.lost();
    };
  }

  /** It answered that it cannot now; in `seconds`, if it said when. */
  busy(seconds: number | undefined): void {
    this.isOnline.value = true;
    this.#wait((seconds ?? 0) * 1000);
  }

  /** Something has changed that makes a try worth while: the network came back, somebody looks. */
  hope(): void {
    this.#quiet.end();
  }

  /** Milliseconds until the next try. */
  get quiet(): number {
    return this.#quiet.left;
  }

  #wait(atLeast: number): void {
    this.#quiet.begin(this.#backoff.next(atLeast));
  }
}
