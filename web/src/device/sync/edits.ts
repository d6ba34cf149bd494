import type { SentAnswer } from "../../wire/sync";
import type { Commit } from "../database/commit";
import type { TrainerDatabase } from "../database/schema";
import {
  afterEdit,
  copyAfter,
  newEdit,
  type ConflictChoice,
  type Edit,
  type NewEdit,
  type TemplateContent,
  type TemplateCopy,
  type Written,
} from "./edit";
import type { TemplateConflict } from "./shownTemplates";

/** What a person wants of a conflict: the server's side, or the case with this of it (null: deleted). */
export type Settlement = { keep: "theirs" } | { keep: "mine"; content: Partial<TemplateContent> | null };

/**
 * The edits of cases made here and not yet acknowledged, and the choices that people made in conflicts. Every method
 * that writes is one IndexedDB transaction; `committed` is told after it. It sends nothing.
 */
export class Edits {
  readonly #database: TrainerDatabase;
  readonly #committed: (change: Commit) => Promise<void>;

  constructor(database: TrainerDatabase, committed: (change: Commit) => Promise<void>) {
    this.#database = database;
    this.#committed = committed;
  }

  /** `committed` is told by the caller. */
  async add(edit: NewEdit): Promise<void> {
    await this.#database.edits.add(edit);
  }

  /** In the order in which they were done. */
  async waiting(limit: number): Promise<Edit[]> {
    return this.#database.edits
      .orderBy("seq")
      .filter((edit) => edit.state === "waiting")
      .limit(limit)
      .toArray();
  }

  /** Whether a case is new here, and the server has not answered to that. */
  async isStillNew(templateId: string): Promise<boolean> {
    const edits = await this.#database.edits.where({ template_id: templateId }).toArray();
    return edits.some((edit) => edit.state === "waiting" && edit.operation === "CREATE");
  }

  async choices(): Promise<ConflictChoice[]> {
    return this.#database.choices.toArray();
  }

  /** As if it had never been done. */
  async drop(id: string): Promise<void> {
    await this.#change(({ edits }) => edits.where({ id }).delete());
  }

  /** A rejected edit again, under another id: the server would repeat its answer to the old one. */
  async retry(id: string, again: string): Promise<void> {
    await this.#change(async ({ edits, copies }) => {
      const edit = await edits.get({ id });
      if (edit?.state !== "rejected") return;
      const { seq, ...rest } = edit;
      const copy = await copies.get(edit.template_id);
      await edits.delete(seq);
      await edits.add({ ...rest, id: again, state: "waiting", rejection: null, base_version: copy?.version ?? 0 });
    });
  }

  /** End a conflict as a person chose; `by` is whose edit it then is. */
  async settle(conflict: TemplateConflict, settlement: Settlement, by: Pick<Edit, "id" | "author" | "made_at">): Promise<void> {
    const { template_id, theirs, version } = conflict;
    const before = theirs ?? conflict.mine ?? conflict.edits[0]!.before;
    const settled = conflict.edits.flatMap((edit) => (edit.conflict === null ? [] : [edit.conflict.id]));
    await this.#change(async ({ edits, choices }) => {
      await edits.bulkDelete(conflict.edits.map(({ seq }) => seq));
      if (settlement.keep === "theirs")
        return choices.bulkPut(settled.map((id) => ({ id, template_id, keep: "server", content: null, version, failures: 0 })));
      const { content } = settlement;
      const operation = content === null ? "DELETE" : theirs === null ? "CREATE" : "UPDATE";
      const edit = newEdit({ ...by, template_id, operation, content, before, base_version: version });
      return edits.add({ ...edit, settles: settled });
    });
  }

  /** What came of edits that were sent: with each goes its row, in the transaction in which its outcome is there. */
  async answered(sent: readonly Edit[], answer: SentAnswer): Promise<void> {
    const byId = new Map(sent.map((edit) => [edit.id, edit]));
    await this.#change(async (database) => {
      const cursor = (await database.sync.get("school"))?.cursor ?? 0;
      for (const told of answer.acknowledged) {
        const edit = byId.get(told.outboxEventId);
        if (edit !== undefined) await acknowledge(database, edit, told, cursor);
      }
      for (const { outboxEventId, conflictId, reason, serverData } of answer.conflicts) {
        const edit = byId.get(outboxEventId);
        if (edit === undefined) continue;
        await keepServer(database, edit, serverData);
        // It was deleted for good while the server still had it; nobody here has asked for it back.
        if (edit.is_again && serverData?.deleted === true) await database.edits.delete(edit.seq);
        else {
          const conflict = { id: conflictId, reason, ...writtenIn(serverData) };
          await database.edits.update(edit.seq, { state: "conflict", conflict });
        }
      }
      for (const { outboxEventId, reason, errors = [] } of answer.rejected) {
        const edit = byId.get(outboxEventId);
        if (edit !== undefined) await database.edits.update(edit.seq, { state: "rejected", rejection: { reason, errors } });
      }
    });
  }

  /** The server knows of the choice, or will never. */
  async told(id: string): Promise<void> {
    await this.#change(({ choices }) => choices.delete(id));
  }

  /** The case has moved since: what stands on the server now stays there, and the conflict is over all the same. */
  async toldTooLate(choice: ConflictChoice): Promise<void> {
    await this.#change(async ({ choices, copies }) => {
      const copy = await copies.get(choice.template_id);
      await choices.update(choice.id, { keep: "server", content: null, version: copy?.version ?? 0, failures: choice.failures + 1 });
    });
  }

  async #change(change: (database: TrainerDatabase) => PromiseLike<unknown>): Promise<void> {
    const database = this.#database;
    const { copies, edits, choices, sync } = database;
    await database.transaction("rw", copies, edits, choices, sync, () => change(database));
    await this.#committed({ templates: true });
  }
}

async function acknowledge(
  { copies, edits, choices }: TrainerDatabase,
  edit: Edit,
  told: SentAnswer["acknowledged"][number],
  cursor: number,
): Promise<void> {
  const copy = await copies.get(edit.template_id);
  const version = told.serverVersion;
  // The answer to a repeat may be older than what was read since, of what is gone by now, too.
  const isStale = copy === undefined ? version <= cursor : version < copy.version;
  if (!isStale) await putIfAny(copies, after(copy, edit, told));
  await edits.delete(edit.seq);
  // It is what stands on the server now: nothing is written by telling of it.
  const { template_id, content } = edit;
  const keep = content === null ? "server" : "local";
  await choices.bulkPut(edit.settles.map((id) => ({ id, template_id, keep, content, version, failures: 0 }) as const));
}

function after(
  copy: TemplateCopy | undefined,
  edit: Edit,
  { serverVersion: version, serverData }: SentAnswer["acknowledged"][number],
): TemplateCopy | undefined {
  if (serverData) return copyAfter(copy, serverData);
  const before = copy?.base ?? edit.before;
  if (edit.operation === "DELETE") return copy && { ...copy, version, deleted: true };
  return { id: edit.template_id, base: afterEdit(before, edit) ?? before, version, deleted: false };
}

/** Servers of before did not tell it. */
function writtenIn(told: TemplateServerState): { theirs?: Written } {
  if (told?.modifiedAt === undefined) return {};
  return { theirs: { version: told.version, at: told.modifiedAt, by: told.modifiedBy ?? null } };
}

async function keepServer({ copies }: TrainerDatabase, edit: Edit, told: TemplateServerState): Promise<void> {
  if (told === null) return copies.delete(edit.template_id);
  await putIfAny(copies, copyAfter(await copies.get(edit.template_id), told));
}

type TemplateServerState = SentAnswer["conflicts"][number]["serverData"];

async function putIfAny(copies: TrainerDatabase["copies"], copy: TemplateCopy | undefined): Promise<void> {
  if (copy !== undefined) await copies.put(copy);
}
