import type { FieldError, Session, Template, Trainer } from "./types";

/** What a device and the server tell each other of edits (docs/api.md, Sync), as far as this device speaks of them. */

interface ChangeOf<Type, Payload> {
  entityType: Type;
  entityId: string;
  operation: "CREATE" | "UPDATE" | "DELETE";
  /** Null of a deletion. */
  payload: Payload | null;
  serverVersion: number;
}

export type TemplateChanged = ChangeOf<"TEMPLATE", Template>;
export type SessionChanged = ChangeOf<"SESSION", Session>;
/** Who else is in the school, without what only its admins are told. */
export type KnownColleague = Pick<Trainer, "id" | "name" | "role">;
export type ColleagueChanged = ChangeOf<"TRAINER", KnownColleague & { deleted_at: string | null }>;
export type SyncChange = TemplateChanged | SessionChanged | ColleagueChanged;

export interface SyncPage {
  changes: SyncChange[];
  syncTimestamp: number;
  hasMore: boolean;
  serverEpoch: string;
}

/** What stands on the server; of something deleted, what it was. */
export interface ServerState<Payload = Template | Session> {
  version: number;
  deleted: boolean;
  payload: Payload;
  /** Of a conflict: when and by whom it was written last. */
  modifiedAt?: string;
  modifiedBy?: Writer | null;
}

/** `system`: on the command line of the server. Null where that is not known: it was changed by hand. */
export interface Writer {
  role: "trainer" | "system";
  id: string | null;
  name: string;
}

export interface SentEdit {
  id: string;
  entityType: "TEMPLATE" | "SESSION";
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

/** A device of the school, as its admins see it. */
export interface SyncDevice {
  clientId: string;
  trainerId: string | null;
  /** Of a hall server's, which is no trainer's. */
  hallId: string | null;
  lastSeenAt: string;
  behind: boolean;
  /** An admin has shut it out. */
  revokedAt: string | null;
  revokedBy: Writer | null;
}

export interface SyncCall {
  id: string;
  clientId: string;
  direction: "UP" | "DOWN";
  eventsCount: number;
  conflictsCount: number;
  rejectedCount: number;
  status: "SUCCESS" | "PARTIAL" | "FAILED";
  startedAt: string;
}

export interface OpenConflict {
  id: string;
  clientId: string;
  /** Whose edit it was; null: that was not kept then. */
  trainerId: string | null;
  entityType: "TEMPLATE" | "SESSION" | "TRAINER";
  localPayload: { title?: string; name?: string } | null;
  /** Those of it that were changed; null: all of them. */
  localFields: string[] | null;
  serverData: ServerState | null;
  createdAt: string;
}

/** Devices and what they did, read together; `names` are those of trainers and halls, by their id. */
export interface SchoolDevices {
  devices: SyncDevice[];
  calls: SyncCall[];
  conflicts: OpenConflict[];
  names: Readonly<Record<string, string>>;
}
