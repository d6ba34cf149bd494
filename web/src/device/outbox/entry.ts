import type { Refusal } from "../../wire/types";

/** What an entry is about. It waits for the earlier entries of its own entity, and for no others. */
export interface Entity {
  type: "session";
  id: string;
}

export type MutationKind =
  | "session:open"
  | "session:close"
  | "vitals:push"
  | "note:add"
  | "action:take"
  | "annotation:add"
  | "case:control";

/**
 * waiting -> (confirmed: gone from the outbox) | rejected. In the database nothing is `sending`: that is known by the
 * tab that sends, and shown; the tab that sends after it sends what waits again, under the same id.
 * `rejected`: the server refused it, or three failures that were not the network's: the screen was rolled
 * back, and it blocks the later entries of its own entity until somebody retries, discards or keeps it, or makes
 * something else of it. Those of a session that is over block nothing: each is judged alone, and a note that was made
 * before the end still becomes an annotation.
 */
export type EntryState = "waiting" | "sending" | "rejected" | "kept";

/** One change made here and not yet confirmed; its id is the event's (or the session's) own UUID. */
export interface OutboxEntry {
  id: string;
  position: number;
  entity: Entity;
  kind: MutationKind;
  body: Record<string, unknown>;
  author: string;
  /** When it was done, by the server's clock as this device knew it then. */
  made_at: string;
  state: EntryState;
  failures: number;
  refusal: Refusal | null;
}

export function sessionEntity(id: string): Entity {
  return { type: "session", id };
}

export function isAboutSession(entry: Pick<OutboxEntry, "entity">, sessionId: string): boolean {
  return entry.entity.type === "session" && entry.entity.id === sessionId;
}

/** Whether it lets later entries of its entity pass. */
export function isAside({ state, refusal }: Pick<OutboxEntry, "state" | "refusal">): boolean {
  return state === "kept" || (state === "rejected" && refusal !== null && OVER.has(refusal.code));
}

const OVER: ReadonlySet<Refusal["code"]> = new Set(["session_closed", "session_expired"] as const);

/** One text for each entity, for maps and sets. */
export function keyOf({ entity }: Pick<OutboxEntry, "entity">): string {
  return `${entity.type}/${entity.id}`;
}
