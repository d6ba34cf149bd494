import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Device } from "../../device/view/device";
import { newId } from "../../wire/ids";
import type { Refusal } from "../../wire/types";
import type { CommandKind, Deed, Reason } from "./commands";

/** What became of it in one room. `waits`: it is on this device, and on its way. */
export type Fate =
  | { kind: "waits" }
  | { kind: "done" }
  | { kind: "refused"; refusal: Refusal | null }
  | { kind: "not_written" }
  | { kind: "left_out"; reason: Reason };

export interface SentLine {
  id: string;
  /** In words, as they were at the time. */
  room: string;
  what: string;
  fate: Fate;
}

/** One line of what is to be done, or is left out. */
export type Sendable = { id: string; room: string; what: string } & ({ deed: Deed } | { reason: Reason });

interface Line {
  id: string;
  room: string;
  what: string;
  reason: Reason | null;
  /** Of its entry in the outbox. */
  entry: string | null;
  hasFailed: boolean;
}

/** The last command that was given on the wall: done in each room on its own, and followed until each has answered. */
export class Sent {
  readonly kind = signal<CommandKind | null>(null);
  readonly lines: ReadonlySignal<readonly SentLine[]>;
  readonly #device: Device;
  readonly #lines = signal<readonly Line[]>([]);
  #count = 0;

  constructor(device: Device) {
    this.#device = device;
    this.lines = computed(() => this.#lines.value.map(({ id, room, what, ...line }) => ({ id, room, what, fate: this.#fateOf(line) })));
  }

  send(kind: CommandKind, lines: readonly Sendable[]): void {
    this.#count++;
    this.kind.value = kind;
    this.#lines.value = lines.map(({ id, room, what, ...how }) => ({
      id, room, what, reason: "reason" in how ? how.reason : null, entry: null, hasFailed: false,
    })); // prettier-ignore
    for (const line of lines) if ("deed" in line) void this.#do(line.id, line.deed, this.#count);
  }

  forget(): void {
    this.#count++;
    this.kind.value = null;
    this.#lines.value = [];
  }

  async #do(id: string, deed: Deed, count: number): Promise<void> {
    try {
      const entry = await this.#write(id, deed);
      this.#note(id, count, { entry });
    } catch {
      this.#note(id, count, { hasFailed: true });
    }
  }

  #write(id: string, deed: Deed): Promise<string> {
    switch (deed.kind) {
      case "control":
        return this.#device.controlCase(id, deed.action);
      case "step":
        return this.#device.push(id, { step: deed.step.key }, newId());
      case "push":
        return this.#device.push(id, deed.patch, newId());
    }
  }

  /** A later command has lines of its own. */
  #note(id: string, count: number, known: Partial<Line>): void {
    if (count === this.#count) this.#lines.value = this.#lines.peek().map((line) => (line.id === id ? { ...line, ...known } : line));
  }

  #fateOf({ reason, entry, hasFailed }: Pick<Line, "reason" | "entry" | "hasFailed">): Fate {
    if (reason !== null) return { kind: "left_out", reason };
    if (hasFailed) return { kind: "not_written" };
    if (entry === null) return { kind: "waits" };
    const found = this.#device.entries.value.find((one) => one.id === entry);
    if (found === undefined) return { kind: "done" };
    return found.state === "waiting" || found.state === "sending" ? { kind: "waits" } : { kind: "refused", refusal: found.refusal };
  }
}
