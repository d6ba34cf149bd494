import { isSame, SESSION_FIELDS, TEMPLATE_FIELDS } from "../../../src/device/sync/edit";
import type { SentAnswer, SentEdit, ServerState, SyncAsker, SyncChange, SyncPage } from "../../../src/wire/sync";
import type { Session, Template } from "../../../src/wire/types";
import { refused } from "./server";

/** Who edits in the tests' school, and is told in conflicts. */
const COLLEAGUE = { modifiedAt: "2026-11-21T09:30:00.000Z", modifiedBy: { role: "trainer", id: "colleague", name: "Bea" } } as const;

interface Row {
  type: "TEMPLATE" | "SESSION";
  whole: Template | Session;
  version: number;
  isDeleted: boolean;
  /** By field: at which version somebody wrote it last, and which device. */
  written: Record<string, { version: number; client: string | null }>;
}

/**
 * A school's log of edits, as far as a device can tell it from the server's: who wrote each field last, answers that
 * are kept, an epoch. A test edits `templates` and `sessions` as a colleague does.
 */
export class SchoolDouble {
  readonly templates: Template[] = [];
  readonly sessions: Map<string, Session>;
  readonly #tell: (session: Session) => void;
  readonly resolved: { id: string; keep: string; serverVersion: number }[] = [];
  readonly received: SentEdit[] = [];
  /** Who asked. */
  readonly clients: string[] = [];
  /** At most so many on a page, and edits in a call. */
  limit = 200;
  mostEvents = 500;
  epoch = "epoch-1";
  #rows = new Map<string, Row>();
  #answers = new Map<string, (answer: SentAnswer) => void>();
  #head = 1000;

  constructor(sessions: Map<string, Session>, tell: (session: Session) => void) {
    this.sessions = sessions;
    this.#tell = tell;
  }

  /** The newest version in its log. */
  get head(): number {
    this.#notice();
    return this.#head;
  }

  /** What is behind it is a backup from now: the answer brings it back, under another epoch. */
  backup(): () => void {
    this.#notice();
    const kept = structuredClone({ rows: this.#rows, sessions: this.sessions, answers: [...this.#answers.keys()] });
    return () => {
      this.#rows = kept.rows;
      this.#answers = new Map([...this.#answers].filter(([id]) => kept.answers.includes(id)));
      const alive = [...kept.rows.values()].filter((row) => row.type === "TEMPLATE" && !row.isDeleted);
      this.templates.splice(0, Infinity, ...alive.map((row) => row.whole as Template));
      this.sessions.clear();
      for (const [id, session] of kept.sessions) this.sessions.set(id, session);
      this.epoch = `${this.epoch}-restored`;
      this.#head += 1000;
    };
  }

  down({ serverEpoch, lastSyncTimestamp: after }: SyncAsker): SyncPage {
    this.#notice();
    if ((serverEpoch !== null && serverEpoch !== this.epoch) || after > this.#head) throw refused("resync_required");
    const newer = [...this.#rows.values()]
      .filter((row) => row.version > after && !(after === 0 && row.isDeleted))
      .sort((a, b) => a.version - b.version);
    const page = newer.slice(0, this.limit);
    const hasMore = newer.length > page.length;
    return {
      changes: page.map(({ type, whole, version, isDeleted }) => ({
        entityType: type, entityId: whole.id, operation: isDeleted ? "DELETE" : "UPDATE", serverVersion: version,
        payload: isDeleted ? null : (this.sessions.get(whole.id) ?? whole),
      }) as SyncChange),
      syncTimestamp: hasMore ? page.at(-1)!.version : Math.max(this.#head, after),
      hasMore,
      serverEpoch: this.epoch,
    }; // prettier-ignore
  }

  up({ clientId, serverEpoch, events }: SyncAsker & { events: SentEdit[] }): SentAnswer {
    this.clients.push(clientId);
    this.#notice();
    if (serverEpoch !== null && serverEpoch !== this.epoch) throw refused("resync_required");
    if (events.length > this.mostEvents) throw refused("too_large");
    const answer: SentAnswer = { acknowledged: [], conflicts: [], rejected: [], serverEpoch: this.epoch };
    for (const event of events) {
      this.received.push(event);
      if (!this.#answers.has(event.id)) this.#answers.set(event.id, this.#judge(clientId, event));
      this.#answers.get(event.id)!(answer);
    }
    return answer;
  }

  resolve(id: string, choice: { keep: string; serverVersion: number }): object {
    this.resolved.push({ id, ...choice });
    return {};
  }

  #judge(client: string, event: SentEdit): (answer: SentAnswer) => void {
    const { id, entityId, operation, localVersion } = event;
    const row = this.#rows.get(entityId);
    const content = (event.payload ?? {}) as Record<string, unknown>;
    const there = row?.whole as Record<string, unknown> | undefined;
    const fields = event.changedFields ?? TEMPLATE_FIELDS;
    const session = event.entityType === "SESSION" ? this.sessions.get(entityId) : undefined;
    const taken = (version: number, told: ServerState | null = null) => (answer: SentAnswer) =>
      void answer.acknowledged.push({ outboxEventId: id, serverVersion: version, ...(told === null ? {} : { serverData: told }) });
    const conflict = (reason: SentAnswer["conflicts"][number]["reason"]) => (answer: SentAnswer) =>
      void answer.conflicts.push({ outboxEventId: id, conflictId: `conflict-${id}`, reason, serverData: row === undefined ? null : { ...state(row), ...COLLEAGUE } });
    if (session !== undefined && session.closed_at !== null) return (answer) => void answer.rejected.push({ outboxEventId: id, reason: "session_over" });
    if (content["title"] === "") return (answer) => void answer.rejected.push({ outboxEventId: id, reason: "invalid_fields", errors: [{ field: "payload.title", message: "too short" }] });
    if (operation === "DELETE" && (row === undefined || row.isDeleted)) return taken(row?.version ?? 0);
    if (row !== undefined && !row.isDeleted && operation !== "DELETE" && Object.keys(content).every((name) => isSame(content[name], there?.[name])))
      return taken(row.version);
    const writes = fields.flatMap((field) => row?.written[field] ?? row?.written["*"] ?? []);
    if (writes.some((write) => write.client !== client && write.version > localVersion)) return conflict("changed_since");
    if (operation === "UPDATE" && row === undefined) return conflict("missing");
    if (operation === "UPDATE" && row?.isDeleted) return conflict("deleted");
    const version = ++this.#head;
    const before = session ?? row?.whole ?? ({ id: entityId, version: 0 } as Template);
    const whole = { ...before, ...content, id: entityId, version: before.version + 1 } as Template | Session;
    const isNewer = row !== undefined && row.version > localVersion;
    const write = { version, client };
    const written = operation === "UPDATE" ? { ...row?.written, ...Object.fromEntries(fields.map((field) => [field, write])) } : { "*": write };
    const after: Row = { type: event.entityType, whole, version, isDeleted: operation === "DELETE", written };
    this.#rows.set(entityId, after);
    if (event.entityType === "SESSION") {
      this.#tell(whole as Session);
      return taken(version, isNewer ? state(after) : null);
    }
    const template = whole as Template;
    const others = this.templates.filter((one) => one.id !== entityId);
    this.templates.splice(0, Infinity, ...others, ...(after.isDeleted ? [] : [template]));
    return taken(version, isNewer ? state(after) : null);
  }

  /** What was done to cases and sessions since, each by a colleague or over HTTP. */
  /** Its record is deleted: of the session a tombstone is left. */
  forget(sessionId: string): void {
    this.sessions.delete(sessionId);
    const row = this.#rows.get(sessionId);
    if (row !== undefined) this.#rows.set(sessionId, { ...row, version: ++this.#head, isDeleted: true });
  }

  #notice(): void {
    for (const template of this.templates) this.#noticeOne("TEMPLATE", template, TEMPLATE_FIELDS);
    for (const session of this.sessions.values()) this.#noticeOne("SESSION", session, [...SESSION_FIELDS, "closed_at", "names_out_at"]);
    for (const [id, row] of this.#rows)
      if (row.type === "TEMPLATE" && !row.isDeleted && !this.templates.includes(row.whole as Template))
        this.#rows.set(id, { ...row, version: ++this.#head, isDeleted: true, written: { "*": { version: this.#head, client: null } } });
  }

  #noticeOne(type: Row["type"], whole: Template | Session, fields: readonly string[]): void {
    const row = this.#rows.get(whole.id);
    const at = (of: Template | Session, field: string) => (of as unknown as Record<string, unknown>)[field];
    const changed = row === undefined ? ["*"] : fields.filter((field) => !isSame(at(row.whole, field), at(whole, field)));
    if (row !== undefined && !row.isDeleted && (row.whole === whole || (type === "SESSION" && changed.length === 0))) return;
    const write = { version: ++this.#head, client: null };
    const written = { "*": write, ...row?.written, ...Object.fromEntries(changed.map((field) => [field, write])) };
    this.#rows.set(whole.id, { type, whole, version: this.#head, isDeleted: false, written });
  }
}

function state({ whole, version, isDeleted }: Row): ServerState {
  return { version, deleted: isDeleted, payload: whole };
}
