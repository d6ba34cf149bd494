import { signal, type ReadonlySignal } from "@preact/signals";
import type { Api } from "../../wire/api";
import type { Timers } from "../../wire/timers";
import type { Upstream } from "../../wire/types";

const ASKED_EVERY_MS = 10_000;

/** How this hall stands with its central server, while somebody looks; null at a server that is no hall. */
export class HallNews {
  readonly #known = signal<Upstream | null>(null);
  readonly #api: Pick<Api, "upstream" | "hurryUpstream">;
  readonly #timers: Timers;
  #isNoHall = false;
  #watchers = 0;
  #callOff = () => {};

  constructor(api: Pick<Api, "upstream" | "hurryUpstream">, timers: Timers) {
    this.#api = api;
    this.#timers = timers;
  }

  get known(): ReadonlySignal<Upstream | null> {
    return this.#known;
  }

  /** The answer stops it. */
  watch(): () => void {
    this.#watchers += 1;
    if (this.#watchers === 1) void this.#ask();
    return () => {
      this.#watchers -= 1;
      if (this.#watchers === 0) this.#callOff();
    };
  }

  /** Out of reach: what was known stays. */
  async hurry(): Promise<void> {
    const answer = await this.#api.hurryUpstream();
    if (answer.ok) this.#known.value = answer.value;
  }

  async #ask(): Promise<void> {
    const answer = await this.#api.upstream();
    if (answer.ok) {
      this.#known.value = answer.value;
      this.#isNoHall = answer.value === null;
    }
    this.#callOff();
    if (this.#watchers > 0 && !this.#isNoHall) this.#callOff = this.#timers.after(ASKED_EVERY_MS, () => void this.#ask());
  }
}
