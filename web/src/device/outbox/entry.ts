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
  | "annotation:change"
  | "annotation:remove"
  | "scores:put"
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

/** Whether it lets later entries of its entity pass. What is beside the record stands in nobody's way when refused. */
export function isAside({ state, refusal, kind }: Pick<OutboxEntry, "state" | "refusal" | "kind">): boolean {
  if (state === "kept") return true;
  return state === "rejected" && (BESIDE.has(kind) || (refusal !== null && OVER.has(refusal.code)));
}

const BESIDE: ReadonlySet<MutationKind> = new Set(["annotation:change", "annotation:remove", "scores:put"] as const);

/** It says the whole of a sheet, or of an annotation. */
export function saysAll(kind: MutationKind): boolean {
  return kind === "scores:put" || kind === "annotation:change";
}

/** Whether nothing is lost if the earlier one, which may never have been sent, is left out. */
export function supersedes(later: Said, earlier: Said): boolean {
  if (!saysAll(later.kind) || later.kind !== earlier.kind || later.author !== earlier.author || keyOf(later) !== keyOf(earlier)) return false;
  if (later.kind === "scores:put") return true;
  return later.kind === "annotation:change" && later.body["annotation_id"] === earlier.body["annotation_id"];
}

type Said = Pick<OutboxEntry, "kind" | "author" | "entity" | "body">;

const OVER: ReadonlySet<Refusal["code"]> = new Set(["session_closed", "session_expired"] as const);

/** One text for each entity, for maps and sets. */
export function keyOf({ entity }: Pick<OutboxEntry, "entity">): string {
  return `${entity.type}/${entity.id}`;
}
