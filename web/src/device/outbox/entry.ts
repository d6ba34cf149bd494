import type { Refusal } from "../../wire/types";

export type MutationKind = "session:open" | "session:change" | "session:close" | "vitals:push" | "note:add";

/**
 * waiting -> sending -> (confirmed: gone from the outbox) | rejected.
 * `rejected`: the server refused it, or three failures that were not the network's: the screen was rolled
 * back, and it blocks the later entries of its own session until somebody retries, discards or keeps it.
 */
export type EntryState = "waiting" | "sending" | "rejected" | "kept";

/** One change made here and not yet confirmed; its id is the event's (or the session's) own UUID. */
export interface OutboxEntry {
  id: string;
  position: number;
  session_id: string;
  kind: MutationKind;
  body: Record<string, unknown>;
  author: string;
  created_at: string;
  state: EntryState;
  failures: number;
  refusal: Refusal | null;
}
