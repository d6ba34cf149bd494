import { signal } from "@preact/signals";
import type { SessionEvent } from "../../wire/types";
import type { StoredSession } from "../database/schema";

/** A piece of a record without a gap in it, as it was before or after names went out of the record. */
interface Arrived {
  names_out_at: string | null;
  events: readonly SessionEvent[];
}

type OfRecord = Pick<StoredSession, "id" | "recorded_to" | "names_out_at">;

/** What has come of records that somebody looks at, and is not known to stand in the database yet. */
export class Arrivals {
  readonly #arrived = signal<ReadonlyMap<string, Arrived>>(new Map());

  /** `events` follow what came before, or what was stored of it as it began to be read. */
  add({ id, names_out_at = null }: OfRecord, events: readonly SessionEvent[]): void {
    const [before, from] = [this.#arrived.peek().get(id), events[0]?.seq ?? 0];
    const isSame = before !== undefined && before.names_out_at === names_out_at;
    const known = isSame ? before.events.filter(({ seq }) => seq < from) : [];
    this.#set(id, { names_out_at, events: [...known, ...events] });
  }

  /** As it is stored now: what is in the database is let go here, and so is what still names people. */
  settle(id: string, stored: OfRecord | undefined): void {
    const arrived = this.#arrived.peek().get(id);
    if (arrived === undefined) return;
    if (stored === undefined || this.reach(stored) === stored.recorded_to) return this.#set(id, null);
    this.#set(id, { ...arrived, events: arrived.events.filter(({ seq }) => seq > stored.recorded_to) });
  }

  /** Up to which seq a record is here, in the database or in front of it. */
  reach({ id, recorded_to, names_out_at = null }: OfRecord): number {
    const arrived = this.#arrived.value.get(id);
    if (arrived === undefined || arrived.names_out_at !== names_out_at) return recorded_to;
    return Math.max(recorded_to, arrived.events.at(-1)?.seq ?? 0);
  }

  /** Events in seq order, and what has come of them in its place. */
  among(id: string, events: readonly SessionEvent[]): SessionEvent[] {
    const arrived = this.#arrived.peek().get(id)?.events ?? [];
    const [first, last] = [arrived[0], arrived.at(-1)];
    if (first === undefined || last === undefined) return [...events];
    return [...events.filter(({ seq }) => seq < first.seq), ...arrived, ...events.filter(({ seq }) => seq > last.seq)];
  }

  #set(id: string, arrived: Arrived | null): void {
    const all = new Map(this.#arrived.peek());
    if (arrived === null) all.delete(id);
    else all.set(id, arrived);
    this.#arrived.value = all;
  }
}
