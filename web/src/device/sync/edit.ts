import type { ConflictReason, SentEdit, ServerState, Writer } from "../../wire/sync";
import type { FieldError, Session, Template } from "../../wire/types";

/** What is edited of a case; everything else of it is the server's. */
export const TEMPLATE_FIELDS = [
  "title", "public_title", "description", "language", "duration_minutes", "vitals", "rhythm", "flags", "steps",
  "checklist", "pass_percent", "targets", "limits",
] as const satisfies readonly (keyof Template)[]; // prettier-ignore

export type TemplateField = (typeof TEMPLATE_FIELDS)[number];
export type TemplateContent = Pick<Template, TemplateField>;

/** What is edited of a session; its end, its values and everything else have ways of their own. */
export const SESSION_FIELDS = [
  "title", "public_title", "trainee_name", "expires_at", "limits", "co_trainer_ids", "shows_conditions",
] as const satisfies readonly (keyof Session)[]; // prettier-ignore

export type SessionField = (typeof SESSION_FIELDS)[number];
export type SessionContent = Pick<Session, SessionField>;
export type SessionChange = Partial<SessionContent>;

/** A case as the server last told it. Deleted: it keeps what it was, for whoever wants it back. */
export interface TemplateCopy {
  id: string;
  base: Template;
  /** Of the school's log, not of the case; 0: as an earlier version of the app read it. */
  version: number;
  deleted: boolean;
}

/**
 * Of cases, sessions and trainers. A cursor belongs to what was asked for: under "school" and "cases and sessions" stand
 * those of earlier versions of the app, which read less and may still be open in another tab.
 */
export const WHOLE_LOG = "cases, sessions and trainers";

/** Of the server's log, as far as this device has read it. */
export interface SyncPosition {
  key: typeof WHOLE_LOG;
  /** This database's own: another trainer on the same device has another one. */
  client_id: string;
  /** 0: begin. */
  cursor: number;
  epoch: string | null;
  /** The server was restored from a backup, or shows us other things now: what it lacks is sent again. */
  is_resync: boolean;
}

/**
 * waiting -> (acknowledged: gone) | conflict | rejected. The last two show on no screen but their own, and wait for a
 * person; they hold nothing back.
 */
export type EditState = "waiting" | "conflict" | "rejected";

/** One change made here: what was done, on what it was done, and what the server said of it. */
interface AnyEdit {
  /** Grows with each edit of this database. */
  seq: number;
  id: string;
  /** The version in the server's log on which this was done; 0: not known here, or new. */
  base_version: number;
  author: string;
  made_at: string;
  state: EditState;
  /** Why it was rejected. */
  rejection: { reason: string; errors: FieldError[] } | null;
  conflict: { id: string; reason: ConflictReason; theirs?: Written } | null;
  /** Conflicts that a person has chosen to end with this edit. */
  settles: readonly string[];
  /** Not done by a person: the server had it once and has lost it. */
  is_again: boolean;
}

/** Who wrote a version of a case or of a session's own fields, and when. */
export interface Written {
  version: number;
  at: string;
  by: Writer | null;
}

export interface TemplateEdit extends AnyEdit {
  template_id: string;
  operation: SentEdit["operation"];
  /** Of an UPDATE the changed fields only; null of a DELETE. */
  content: Partial<TemplateContent> | null;
  /** The whole case as it was when this was done; of a new one as it began. */
  before: Template;
}

/** Of a session that the server does not know yet, or whose place in the log is not known here, it waits for that. */
export interface SessionEdit extends AnyEdit {
  session_id: string;
  operation: "UPDATE";
  content: SessionChange;
  /** What the server had, as far as it was known when this was done. */
  before: SessionContent;
  /** The session's own version then, which counts its edits and not the school's; 0: it was opened here. */
  made_on: number;
}

export type Edit = TemplateEdit | SessionEdit;
export type NewTemplateEdit = Omit<TemplateEdit, "seq">;
export type NewSessionEdit = Omit<SessionEdit, "seq">;
export type NewEdit = NewTemplateEdit | NewSessionEdit;

export function isOfSession<T extends object>(one: T): one is Extract<T, { session_id: string }> {
  return "session_id" in one;
}

export function isOfTemplate<T extends object>(one: T): one is Extract<T, { template_id: string }> {
  return "template_id" in one;
}

/** A conflict in which a person has chosen, and the server does not know it yet. */
export type ConflictChoice = {
  /** The conflict's. */
  id: string;
  keep: "server" | "local";
  /** What was chosen of one's own. */
  content: Edit["content"];
  /** The version that was chosen on. */
  version: number;
  failures: number;
} & ({ template_id: string } | { session_id: string });

/** What is the same of every edit that begins. */
const NEW = { state: "waiting", rejection: null, conflict: null, settles: [], is_again: false } as const;

export function newEdit(what: Omit<NewTemplateEdit, keyof typeof NEW>): NewTemplateEdit {
  return { ...what, ...NEW };
}

export function newSessionEdit(what: Omit<NewSessionEdit, keyof typeof NEW | "operation">): NewSessionEdit {
  return { ...what, ...NEW, operation: "UPDATE" };
}

export function sentEdit(edit: Edit): SentEdit {
  const { id, operation, content, base_version, seq, made_at } = edit;
  return {
    id,
    ...(isOfSession(edit)
      ? { entityType: "SESSION", entityId: edit.session_id }
      : { entityType: "TEMPLATE", entityId: edit.template_id }),
    operation,
    payload: content,
    ...(operation === "UPDATE" ? { changedFields: Object.keys(content ?? {}) } : {}),
    localVersion: base_version,
    seq,
    createdAt: made_at,
  };
}

/** The case with one edit done; null: it is deleted. */
export function afterEdit(template: Template | null, edit: NewTemplateEdit): Template | null {
  switch (edit.operation) {
    case "CREATE":
      return { ...(template ?? edit.before), ...edit.content, deleted_at: null };
    case "UPDATE":
      return template === null ? null : { ...template, ...edit.content };
    case "DELETE":
      return null;
  }
}

/** A case that an earlier version of the app kept lacks what has come since. */
export function contentOf(template: Template): TemplateContent {
  const parts = TEMPLATE_FIELDS.map((field) => [field, template[field] ?? null]);
  return Object.fromEntries(parts) as unknown as TemplateContent;
}

/** Whether two values mean the same, in whatever order their parts stand. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const at = (whole: object, name: string) => (whole as Record<string, unknown>)[name];
  return [...names].every((name) => isSame(at(one, name), at(other, name)));
}

export function differing(one: Template, other: Template): TemplateField[] {
  return TEMPLATE_FIELDS.filter((field) => !isSame(one[field] ?? null, other[field] ?? null));
}

export function differingOfSession(one: SessionContent, other: SessionContent): SessionField[] {
  // A moment is written in more than one way.
  const plain = ({ expires_at, ...others }: SessionContent) => ({ ...others, expires_at: Date.parse(expires_at) });
  const [here, there] = [plain(one), plain(other)];
  return SESSION_FIELDS.filter((field) => !isSame(here[field], there[field]));
}

export function contentOfSession(session: SessionContent): SessionContent {
  return Object.fromEntries(SESSION_FIELDS.map((field) => [field, session[field]])) as unknown as SessionContent;
}

/** The copy with what the server says of it; what was told later than it stays. */
export function copyAfter(copy: TemplateCopy | undefined, told: ServerState<Template>): TemplateCopy {
  if (copy !== undefined && copy.version > told.version) return copy;
  return { id: told.payload.id, base: told.payload, version: told.version, deleted: told.deleted };
}
