import type { SentAnswer, ServerState } from "../../wire/sync";
import type { Template } from "../../wire/types";
import type { Commit } from "../database/commit";
import type { TrainerDatabase } from "../database/schema";
import {
  afterEdit, contentOfSession, copyAfter, isOfSession, isOfTemplate, newEdit, newSessionEdit, WHOLE_LOG,
  type ConflictChoice, type Edit, type NewEdit, type SessionChange, type TemplateContent, type TemplateCopy, type TemplateEdit,
  type Written,
} from "./edit"; // prettier-ignore
import { wholeSession } from "../database/storedSession";
import { acknowledgeSession, keepSession, loggedOf, rebase } from "./loggedSessions";
import type { Conflict } from "./conflicts";
import type { SessionConflict } from "./shownSessions";
import type { TemplateConflict } from "./shownTemplates";

/** What a person wants of a conflict: the server's side, or this of their own (null: deleted). */
export type Settlement = { keep: "theirs" } | { keep: "mine"; content: Partial<TemplateContent> | SessionChange | null };

type Maker = Pick<Edit, "id" | "author" | "made_at">;

/**
 * The edits of cases and sessions made here and not yet acknowledged, and the choices that people made in conflicts. Every method
 * that writes is one IndexedDB transaction; `committed` is told after it. It sends nothing.
 */
export class Edits {
  readonly #database: TrainerDatabase;
  readonly #committed: (change: Commit) => Promise<void>;

  constructor(database: TrainerDatabase, committed: (change: Commit) => Promise<void>) {
    this.#database = database;
    this.#committed = committed;
  }

  /**
   * `committed` is told by the caller. What the screen showed may be older than what is stored: a session's place in the
   * log may have been written in between, and nothing would tell the edit of it later.
   */
  async add(edit: NewEdit): Promise<void> {
    const { edits, sessions } = this.#database;
    await this.#database.transaction("rw", [edits, sessions], async () => {
      await edits.add(edit);
      const stored = isOfSession(edit) ? await sessions.get(edit.session_id) : undefined;
      if (stored !== undefined) await rebase(this.#database, wholeSession(stored), loggedOf(stored), false);
    });
  }

  /** In the order in which they were done: those that can be sent. An edit of a session waits for its place in the log. */
  async waiting(limit: number): Promise<Edit[]> {
    const { edits, sessions } = this.#database;
    const waiting = await edits
      .orderBy("seq")
      .filter((edit) => edit.state === "waiting")
      .toArray();
    const ids = new Set(waiting.filter(isOfSession).map((edit) => edit.session_id));
    const known = await sessions.bulkGet([...ids]);
    const held = new Set(known.flatMap((session) => (session !== undefined && loggedOf(session) === 0 ? [session.id] : [])));
    return waiting.filter((edit) => isOfTemplate(edit) || !held.has(edit.session_id)).slice(0, limit);
  }

  /** Whether something that was edited of a session has not been answered. */
  async isSessionWaiting(session_id: string): Promise<boolean> {
    return (await this.#database.edits.where({ session_id }).filter((edit) => edit.state === "waiting").count()) > 0;
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
    await this.#change(async ({ edits, copies, sessions }) => {
      const edit = await edits.get({ id });
      if (edit?.state !== "rejected") return;
      const { seq, ...rest } = edit;
      await edits.delete(seq);
      const anew = { ...rest, id: again, state: "waiting", rejection: null } as const;
      if (isOfTemplate(anew)) return edits.add({ ...anew, base_version: (await copies.get(anew.template_id))?.version ?? 0 });
      const session = await sessions.get(anew.session_id);
      if (session === undefined) return edits.add(anew);
      const { version: made_on } = session;
      return edits.add({ ...anew, before: contentOfSession(session), base_version: loggedOf(session), made_on });
    });
  }

  /** End a conflict as a person chose; `by` is whose edit it then is. */
  async settle(conflict: Conflict, settlement: Settlement, by: Maker): Promise<void> {
    const { version } = conflict;
    const of = isOfSession(conflict) ? { session_id: conflict.session_id } : { template_id: conflict.template_id };
    const settled = conflict.edits.flatMap((edit) => (edit.conflict === null ? [] : [edit.conflict.id]));
    await this.#change(async ({ edits, choices }) => {
      await edits.bulkDelete(conflict.edits.map(({ seq }) => seq));
      if (settlement.keep === "theirs")
        return choices.bulkPut(settled.map((id) => ({ id, ...of, keep: "server", content: null, version, failures: 0 }) as const));
      return edits.add({ ...chosenEdit(conflict, settlement.content, by), settles: settled });
    });
  }

  /** What came of edits that were sent: with each goes its row, in the transaction in which its outcome is there. */
  async answered(sent: readonly Edit[], answer: SentAnswer): Promise<void> {
    const byId = new Map(sent.map((edit) => [edit.id, edit]));
    await this.#change(async (database) => {
      const cursor = (await database.sync.get(WHOLE_LOG))?.cursor ?? 0;
      for (const told of answer.acknowledged) {
        const edit = byId.get(told.outboxEventId);
        if (edit === undefined) continue;
        if (isOfSession(edit)) await acknowledgeSession(database, edit, told);
        else await acknowledge(database, edit, told, cursor);
      }
      for (const { outboxEventId, conflictId, reason, serverData } of answer.conflicts) {
        const edit = byId.get(outboxEventId);
        if (edit === undefined) continue;
        if (isOfSession(edit)) await keepSession(database.sessions, edit, serverData);
        else await keepServer(database, edit, serverData as ServerState<Template> | null);
        // It was deleted for good while the server still had it; nobody here has asked for it back.
        if (edit.is_again && serverData?.deleted === true) await database.edits.delete(edit.seq);
        else {
          const conflict = { id: conflictId, reason, ...writtenIn(serverData) };
          await database.edits.update(edit.seq, { state: "conflict", conflict });
        }
      }
      for (const { outboxEventId, reason, errors = [] } of answer.rejected) {
        const edit = byId.get(outboxEventId);
        if (edit === undefined) continue;
        // What nobody did is nobody's to decide: a session that is over by now, or a colleague's.
        if (edit.is_again && isOfSession(edit)) await database.edits.delete(edit.seq);
        else await database.edits.update(edit.seq, { state: "rejected", rejection: { reason, errors } });
      }
    }, sent);
  }

  /** The server knows of the choice, or will never. */
  async told(id: string): Promise<void> {
    await this.#change(({ choices }) => choices.delete(id));
  }

  /** It has moved since: what stands on the server now stays there, and the conflict is over all the same. */
  async toldTooLate(choice: ConflictChoice): Promise<void> {
    await this.#change(async ({ choices, copies, sessions }) => {
      const there = isOfTemplate(choice)
        ? (await copies.get(choice.template_id))?.version
        : (await sessions.get(choice.session_id))?.logged;
      await choices.update(choice.id, { keep: "server", content: null, version: there ?? 0, failures: choice.failures + 1 });
    });
  }

  /** `of`: edits whose sessions may be others then. */
  async #change(change: (database: TrainerDatabase) => PromiseLike<unknown>, of: readonly Edit[] = []): Promise<void> {
    const database = this.#database;
    const { copies, edits, choices, sync, sessions } = database;
    await database.transaction("rw", [copies, edits, choices, sync, sessions], () => change(database));
    const changed = new Set(of.filter(isOfSession).map((edit) => edit.session_id));
    await this.#committed({ templates: true, edits: true, sessions: [...changed] });
  }
}

/** One's own side, or what was chosen of both, on what the server has. */
function chosenEdit(conflict: Conflict, content: (Settlement & { keep: "mine" })["content"], by: Maker): NewEdit {
  return isOfSession(conflict)
    ? chosenForSession(conflict, content as SessionChange, by)
    : chosenForTemplate(conflict, content as Partial<TemplateContent> | null, by);
}

function chosenForTemplate(conflict: TemplateConflict, content: TemplateEdit["content"], by: Maker): NewEdit {
  const { template_id, theirs, version: base_version } = conflict;
  const before = theirs ?? conflict.mine ?? conflict.edits[0]!.before;
  const operation = content === null ? "DELETE" : theirs === null ? "CREATE" : "UPDATE";
  return newEdit({ ...by, template_id, operation, content, before, base_version });
}

function chosenForSession(conflict: SessionConflict, content: SessionChange, by: Maker): NewEdit {
  const { session_id, theirs, version: base_version, edits } = conflict;
  const before = theirs === null ? edits[0]!.before : contentOfSession(theirs);
  return newSessionEdit({ ...by, session_id, content, before, base_version, made_on: theirs?.version ?? 0 });
}

async function acknowledge(
  { copies, edits, choices }: TrainerDatabase,
  edit: TemplateEdit,
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
  edit: TemplateEdit,
  { serverVersion: version, serverData }: SentAnswer["acknowledged"][number],
): TemplateCopy | undefined {
  if (serverData) return copyAfter(copy, serverData as ServerState<Template>);
  const before = copy?.base ?? edit.before;
  if (edit.operation === "DELETE") return copy && { ...copy, version, deleted: true };
  return { id: edit.template_id, base: afterEdit(before, edit) ?? before, version, deleted: false };
}

/** Servers of before did not tell it. */
function writtenIn(told: ServerState | null): { theirs?: Written } {
  if (told?.modifiedAt === undefined) return {};
  return { theirs: { version: told.version, at: told.modifiedAt, by: told.modifiedBy ?? null } };
}

async function keepServer({ copies }: TrainerDatabase, edit: TemplateEdit, told: ServerState<Template> | null): Promise<void> {
  if (told === null) return copies.delete(edit.template_id);
  await copies.put(copyAfter(await copies.get(edit.template_id), told));
}

async function putIfAny(copies: TrainerDatabase["copies"], copy: TemplateCopy | undefined): Promise<void> {
  if (copy !== undefined) await copies.put(copy);
}
