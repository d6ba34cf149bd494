import { wholeList, type Api } from "../../wire/api";
import type { Refusal } from "../../wire/types";
import type { Commit } from "../database/commit";
import type { TrainerDatabase } from "../database/schema";
import { entryOf } from "../database/storedEntry";
import type { ServerFacts } from "./serverFacts";

/** Read the lists of sessions again: the open ones whole, of the ended ones the newest page. */
export async function refresh(
  api: Api,
  database: TrainerDatabase,
  facts: ServerFacts,
  committed: (change: Commit) => Promise<void>,
): Promise<Refusal | null> {
  const [open, ended] = await Promise.all([
    wholeList((cursor) => api.sessions("open", cursor)),
    api.sessions("ended", null),
  ]);
  if (!open.ok) return open.refusal;
  if (!ended.ok) return ended.refusal;
  const sessions = [...open.value, ...ended.value.items];
  if (sessions.length > 0) await facts.tell(...sessions.map((session) => ({ kind: "session", session }) as const));
  return dropUnlisted(new Set(sessions.map((session) => session.id)), api, database, facts, committed);
}

/**
 * Sessions that this device has and the lists have not: ended ones are older than the page and are let
 * go; open ones have ended or are gone, which is asked.
 */
async function dropUnlisted(
  listed: ReadonlySet<string>,
  api: Api,
  database: TrainerDatabase,
  facts: ServerFacts,
  committed: (change: Commit) => Promise<void>,
): Promise<Refusal | null> {
  const { sessions, outbox, events, cases, preparations } = database;
  const busy = new Set((await outbox.toArray()).map((stored) => entryOf(stored).entity.id));
  const unlisted = (await sessions.toArray()).filter(
    (session) => session.code !== null && !listed.has(session.id) && !busy.has(session.id),
  );
  const gone = unlisted.filter((session) => session.closed_at !== null && session.recorded_to === 0);
  for (const session of unlisted.filter((one) => one.closed_at === null)) {
    const answer = await api.session(session.id);
    if (answer.ok) await facts.tell({ kind: "session", session: answer.value });
    else if (answer.refusal.code === "not_found") gone.push(session);
    else return answer.refusal;
  }
  if (gone.length === 0) return null;
  const ids = gone.map((session) => session.id);
  await database.transaction("rw", sessions, events, cases, preparations, async () => {
    await sessions.bulkDelete(ids);
    await cases.bulkDelete(ids);
    await preparations.bulkDelete(ids);
    for (const id of ids)
      await events.where("[session_id+seq]").between([id, 0], [id, Number.MAX_SAFE_INTEGER]).delete();
  });
  await committed({ sessions: ids, cases: ids, preparations: ids });
  return null;
}
