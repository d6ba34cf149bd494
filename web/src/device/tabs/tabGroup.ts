import { computed, signal } from "@preact/signals";
import type { Timers } from "../../wire/timers";
import type { Candidate, ElectionOptions } from "./candidate";
import type { Channel, Message, OpenChannel } from "./channel";
import { standForLeader } from "./election";

const HERE_MS = 5_000;
/** A leader answers a message at once, hidden or not; one that does not is frozen. */
const ANSWER_MS = 2_500;
/** A hidden tab's timers may run once a minute. */
const FORGET_MS = 100_000;

export interface TabGroupOptions extends Pick<ElectionOptions, "name" | "tab" | "locks" | "storage" | "random"> {
  timers: Timers;
  openChannel: OpenChannel;
  /** Whatever is not about who leads and who watches. */
  heard(message: Message): void;
  gained(): void;
  lost(): void;
}

/**
 * The tabs of this device: which one leads, and what all of them together show. It does not know what leading is for,
 * nor what the messages mean that it passes on to `heard`.
 */
export class TabGroup {
  readonly #options: TabGroupOptions;
  readonly #channel: Channel;
  readonly #candidate: Candidate;
  readonly #mine = signal<readonly string[]>([]);
  readonly #others = signal<ReadonlyMap<string, { watching: string[]; at: number }>>(new Map());
  #isOpen = true;
  #asked = false;
  #callOff: (() => void)[] = [];

  constructor(options: TabGroupOptions) {
    this.#options = options;
    this.#channel = options.openChannel(options.name, (message) => this.#heard(message));
    this.#candidate = standForLeader({
      ...options,
      gained: () => {
        this.#asked = false;
        options.gained();
      },
      lost: () => {
        options.lost();
        this.here();
      },
    });
    this.#beat();
  }

  get isLeader(): boolean {
    return this.#candidate.isLeader;
  }

  /** Sessions that a page of any tab shows. */
  readonly wanted = computed<ReadonlySet<string>>(
    () => new Set([...this.#mine.value, ...[...this.#others.value.values()].flatMap((other) => other.watching)]),
  );

  /** What this tab's page shows from now on. */
  show(watching: readonly string[]): void {
    this.#mine.value = watching;
    this.here();
  }

  post(message: Message): void {
    if (this.#isOpen) this.#channel.post(message);
  }

  /** Tell the leader what this page shows, and find out whether there is one. */
  here(): void {
    if (!this.#isOpen || this.isLeader) return;
    this.post({ type: "here", tab: this.#options.tab, watching: [...this.#mine.peek()] });
    if (this.#asked) return;
    this.#asked = true;
    this.#callOff[1] = this.#options.timers.after(ANSWER_MS, () => {
      if (this.#asked && !this.isLeader) this.#candidate.takeOver();
      this.#asked = false;
    });
  }

  /** The page is being left: a browser may still bring it back. */
  left(): void {
    this.post({ type: "gone", tab: this.#options.tab });
    this.#candidate.stepAside();
  }

  close(): void {
    this.post({ type: "gone", tab: this.#options.tab });
    this.#isOpen = false;
    for (const callOff of this.#callOff) callOff();
    this.#candidate.withdraw();
    this.#channel.close();
  }

  #beat(): void {
    this.#callOff[0] = this.#options.timers.after(HERE_MS, () => {
      this.here();
      this.#forget((other) => other.at < this.#options.timers.now() - FORGET_MS);
      this.#beat();
    });
  }

  #heard(message: Message): void {
    if (!this.#isOpen) return;
    if (message.type === "live") this.#asked = false;
    if (message.type === "here")
      this.#others.value = new Map(this.#others.peek()).set(message.tab, {
        watching: message.watching,
        at: this.#options.timers.now(),
      });
    if (message.type === "gone") this.#forget((_, tab) => tab === message.tab);
    this.#options.heard(message);
  }

  #forget(isGone: (other: { at: number }, tab: string) => boolean): void {
    const left = [...this.#others.peek()].filter(([tab, other]) => !isGone(other, tab));
    if (left.length < this.#others.peek().size) this.#others.value = new Map(left);
  }
}
