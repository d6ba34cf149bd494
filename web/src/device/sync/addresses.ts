import { signal, type ReadonlySignal } from "@preact/signals";
import type { Api } from "../../wire/api";
import type { Addresses } from "../../wire/types";

const KEY = "shiller.addresses";
const UNKNOWN: Addresses = { public_url: null, network_urls: [] };

/** Where trainees reach the server, as it last said; asked for again whenever a room is opened. */
export class AddressBook {
  readonly #known;
  readonly #api: Api;
  readonly #storage: Pick<Storage, "getItem" | "setItem"> | null;

  constructor(api: Api, storage: Pick<Storage, "getItem" | "setItem"> | null) {
    this.#api = api;
    this.#storage = storage;
    this.#known = signal<Addresses>(remembered(storage) ?? UNKNOWN);
  }

  get known(): ReadonlySignal<Addresses> {
    return this.#known;
  }

  /** Out of reach: what was known stays. */
  async ask(): Promise<void> {
    const answer = await this.#api.addresses();
    if (!answer.ok) return;
    this.#known.value = answer.value;
    try {
      this.#storage?.setItem(KEY, JSON.stringify(answer.value));
    } catch {
      // A full or forbidden storage: asked for again the next time.
    }
  }
}

function remembered(storage: Pick<Storage, "getItem" | "setItem"> | null): Addresses | null {
  try {
    return JSON.parse(storage?.getItem(KEY) ?? "null") as Addresses | null;
  } catch {
    return null;
  }
}
