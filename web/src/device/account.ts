import type { Api, Result } from "../wire/api";
import type { Refusal, Trainer } from "../wire/types";
import type { DeviceDatabase, Holder } from "./database/schema";

/** After so long a login or a logout that began was given up: its tab is gone, or the network was. */
const PATIENCE_MS = 20_000;

export type Identity =
  | { kind: "trainer"; trainer: Trainer }
  | { kind: "nobody" }
  /** The login has run out: what is here stays, and waits for its author. */
  | { kind: "ended" }
  | { kind: "unknown"; refusal: Refusal | null };

/**
 * Who holds this device. All tabs share one cookie, which no script can read, so what is known of it is
 * written into the device's database: before a login may change it, and when the server has said whose it is.
 * The tab that sends asks `isHeldBy` before each message; thus nothing is ever sent under another trainer's name.
 */
export class Account {
  readonly #device: DeviceDatabase;
  readonly #api: Api;

  constructor(device: DeviceDatabase, api: Api) {
    this.#device = device;
    this.#api = api;
  }

  async holder(): Promise<Holder | null> {
    return (await this.#device.meta.get("holder"))?.value ?? null;
  }

  async isHeldBy(trainerId: string): Promise<boolean> {
    const holder = await this.holder();
    return holder?.state === "in" && holder.trainer?.id === trainerId;
  }

  /** Ask the server whose cookie this is; tell it of a logout that it has not heard of. */
  async identify(): Promise<Identity> {
    const holder = await this.holder();
    if (holder === null || holder.state === "out") return { kind: "nobody" };
    // A tab is at it.
    if (holder.state !== "in" && Date.now() - holder.since < PATIENCE_MS) return { kind: "unknown", refusal: null };
    if (holder.state === "leaving") return this.#leave(holder);
    const answer = await this.#api.me();
    if (answer.ok) {
      const isStill = await this.#replace(holder, { trainer: answer.value, state: "in" });
      return isStill ? { kind: "trainer", trainer: answer.value } : { kind: "unknown", refusal: null };
    }
    if (answer.refusal.code !== "unauthenticated") return { kind: "unknown", refusal: answer.refusal };
    // Somebody may have logged in since it was asked: then it was the cookie before theirs that has run out.
    return isUnchanged(holder, await this.holder()) ? { kind: "ended" } : { kind: "unknown", refusal: null };
  }

  /** Where nothing is kept of the last time, the server alone knows whether somebody is logged in. */
  async recall(): Promise<void> {
    const answer = await this.#api.me();
    if (answer.ok) await this.#write({ trainer: answer.value, state: "in" });
  }

  /** `ask` is a call that ends in a login. */
  async enter(ask: () => Promise<Result<{ trainer: Trainer }>>): Promise<Refusal | null> {
    const before = await this.holder();
    // In this order: the answer to a logout takes the cookie away, whosever it is by then.
    if (before?.state === "leaving") {
      const left = await this.#leave(before);
      if (left.kind === "unknown" && left.refusal !== null) return left.refusal;
    }
    await this.#write({ trainer: before?.trainer ?? null, state: "changing" });
    const answer = await ask();
    // The token in the answer is for clients without cookies; it is let go here, and kept by `Api` where it must be.
    if (answer.ok) await this.#write({ trainer: answer.value.trainer, state: "in" });
    else await this.#write(before?.state === "in" ? before : { trainer: before?.trainer ?? null, state: "out" });
    return answer.ok ? null : answer.refusal;
  }

  /** At once here, whatever the network does. */
  async leave(): Promise<void> {
    await this.#write({ trainer: null, state: "leaving" });
  }

  /** Tell the server of it. What cannot be told now is told by `identify`, later or after a restart. */
  async logout(): Promise<void> {
    const holder = await this.holder();
    if (holder?.state === "leaving") await this.#leave(holder);
  }

  async #leave(holder: Holder): Promise<Identity> {
    const answer = await this.#api.logout();
    const hasLeft = answer.ok || answer.refusal.code === "unauthenticated";
    if (!hasLeft) return { kind: "unknown", refusal: answer.refusal };
    await this.#replace(holder, { trainer: null, state: "out" });
    return { kind: "nobody" };
  }

  async #write(holder: Omit<Holder, "since">): Promise<void> {
    await this.#device.meta.put({ key: "holder", value: { ...holder, since: Date.now() } });
  }

  /** Unless a tab has logged in or out meanwhile. */
  async #replace(before: Holder, after: Omit<Holder, "since">): Promise<boolean> {
    return this.#device.transaction("rw", this.#device.meta, async () => {
      if (!isUnchanged(before, await this.holder())) return false;
      await this.#device.meta.put({ key: "holder", value: { ...after, since: before.since } });
      return true;
    });
  }
}

/** Whether nobody has logged in or out since `before` was read. */
function isUnchanged(before: Holder, now: Holder | null): boolean {
  return now?.since === before.since && now.state === before.state;
}
