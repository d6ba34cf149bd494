import type { FieldError, Template } from "./types";

/** What a device and the server tell each other of edits (docs/api.md, Sync), as far as this device speaks of cases. */

export interface SyncChange {
  entityId: string;
  operation: "CREATE" | "UPDATE" | "DELETE";
  /** Null of a deletion. */
  payload: Template | null;
  serverVersion: number;
}

export interface SyncPage {
  changes: SyncChange[];
  syncTimestamp: number;
  hasMore: boolean;
  serverEpoch: string;
}

/** What stands on the server; of something deleted, what it was. */
export interface ServerState {
  version: number;
  deleted: boolean;
  payload: Template;
}

export interface SentEdit {
  id: string;
  entityType: "TEMPLATE";
  entityId: string;
  operation: "CREATE" | "UPDATE" | "DELETE";
  payload: object | null;
  changedFields?: readonly string[];
  localVersion: number;
  seq: number;
  createdAt: string;
}

export type ConflictReason = "unknown_version" | "changed_since" | "deleted" | "missing" | "merge_invalid";

/** Every edit that was sent stands in exactly one list. */
export interface SentAnswer {
  acknowledged: { outboxEventId: string; serverVersion: number; serverData?: ServerState | null }[];
  conflicts: { outboxEventId: string; conflictId: string; reason: ConflictReason; serverData: ServerState | null }[];
  rejected: { outboxEventId: string; reason: string; errors?: FieldError[] }[];
  serverEpoch: string;
}

/** `serverEpoch` is what the server said last; null: it has said nothing yet. */
export interface SyncAsker {
  clientId: string;
  serverEpoch: string | null;
  lastSyncTimestamp: number;
}
