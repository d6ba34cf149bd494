import { isSame, TEMPLATE_FIELDS } from "../../../src/device/sync/edit";
import type { SentAnswer, SentEdit, ServerState, SyncAsker, SyncPage } from "../../../src/wire/sync";
import type { Template } from "../../../src/wire/types";
import { refused } from "./server";

/** Who edits in the tests' school, and is told in conflicts. */
const COLLEAGUE = { modifiedAt: "2026-11-21T09:30:00.000Z", modifiedBy: { role: "trainer", id: "colleague", name: "Bea" } } as const;

interface Row {
  template: Template;
  version: number;
  isDeleted: boolean;
  /** By field: at which version somebody wrote it last, and which device. */
  written: Record<string, { version: number; client: string | null }>;
}

/**
 * A school's log of edits, as far as a device can tell it from the server's: who wrote each field last, answers that
 * are kept, an epoch. A test edits `templates` as a colleague does.
 */
export class SchoolDouble {
  readonly templates: Template[] = [];
  readonly resolved: { id: string; keep: string; serverVersion: number }[] = [];
  readonly received: SentEdit[] = [];
  /** At most so many on a page, and edits in a call. */
  limit = 200;
  mostEvents = 500;
  epoch = "epoch-1";
  #rows = new Map<string, Row>();
  #answers = new Map<string, (answer: SentAnswer) => void>();
  #head = 1000;

  /** What is behind it is a backup from now: the answer brings it back, under another epoch. */
  backup(): () => void {
    this.#notice();
    const kept = structuredClone({ rows: this.#rows, templates: this.templates, answers: [...this.#answers.keys()] });
    return () => {
      this.#rows = kept.rows;
      this.#answers = new Map([...this.#answers].filter(([id]) => kept.answers.includes(id)));
      this.templates.splice(0, Infinity, ...[...kept.rows.values()].filter((row) => !row.isDeleted).map((row) => row.template));
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
      changes: page.map(({ template, version, isDeleted }) => ({
        entityId: template.id, operation: isDeleted ? "DELETE" : "UPDATE", payload: isDeleted ? null : template, serverVersion: version,
      })),
      syncTimestamp: hasMore ? page.at(-1)!.version : Math.max(this.#head, after),
      hasMore,
      serverEpoch: this.epoch,
    }; // prettier-ignore
  }

  up({ clientId, serverEpoch, events }: SyncAsker & { events: SentEdit[] }): SentAnswer {
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
    const content = (event.payload ?? {}) as Partial<Template>;
    const fields = event.changedFields ?? TEMPLATE_FIELDS;
    const taken = (version: number, told: ServerState | null = null) => (answer: SentAnswer) =>
      void answer.acknowledged.push({ outboxEventId: id, serverVersion: version, ...(told === null ? {} : { serverData: told }) });
    const conflict = (reason: SentAnswer["conflicts"][number]["reason"]) => (answer: SentAnswer) =>
      void answer.conflicts.push({ outboxEventId: id, conflictId: `conflict-${id}`, reason, serverData: row === undefined ? null : { ...state(row), ...COLLEAGUE } });
    if (content.title === "") return (answer) => void answer.rejected.push({ outboxEventId: id, reason: "invalid_fields", errors: [{ field: "payload.title", message: "too short" }] });
    if (operation === "DELETE" && (row === undefined || row.isDeleted)) return taken(row?.version ?? 0);
    if (row !== undefined && !row.isDeleted && operation !== "DELETE" && Object.keys(content).every((name) => isSame(content[name as keyof Template], row.template[name as keyof Template])))
      return taken(row.version);
    const writes = fields.flatMap((field) => row?.written[field] ?? row?.written["*"] ?? []);
    if (writes.some((write) => write.client !== client && write.version > localVersion)) return conflict("changed_since");
    if (operation === "UPDATE" && row === undefined) return conflict("missing");
    if (operation === "UPDATE" && row?.isDeleted) return conflict("deleted");
    const version = ++this.#head;
    const before = row?.template ?? ({ id: entityId, version: 0 } as Template);
    const template = { ...before, ...content, id: entityId, version: before.version + 1 };
    const isNewer = row !== undefined && row.version > localVersion;
    const write = { version, client };
    const written = operation === "UPDATE" ? { ...row?.written, ...Object.fromEntries(fields.map((field) => [field, write])) } : { "*": write };
    const after: Row = { template, version, isDeleted: operation === "DELETE", written };
    this.#rows.set(entityId, after);
    const others = this.templates.filter((one) => one.id !== entityId);
    this.templates.splice(0, Infinity, ...others, ...(after.isDeleted ? [] : [template]));
    return taken(version, isNewer ? state(after) : null);
  }

  /** What the test has done to `templates` since, each by a colleague. */
  #notice(): void {
    for (const template of this.templates) {
      const row = this.#rows.get(template.id);
      if (row?.template === template && !row.isDeleted) continue;
      const write = { version: ++this.#head, client: null };
      const changed = row === undefined ? ["*"] : TEMPLATE_FIELDS.filter((field) => !isSame(row.template[field], template[field]));
      const written = { "*": write, ...row?.written, ...Object.fromEntries(changed.map((field) => [field, write])) };
      this.#rows.set(template.id, { template, version: this.#head, isDeleted: false, written });
    }
    for (const [id, row] of this.#rows)
      if (!row.isDeleted && !this.templates.includes(row.template))
        this.#rows.set(id, { ...row, version: ++this.#head, isDeleted: true, written: { "*": { version: this.#head, client: null } } });
  }
}

function state({ template, version, isDeleted }: Row): ServerState {
  return { version, deleted: isDeleted, payload: template };
}
