import type { TrainerDatabase } from "../database/schema";
import { entryOf, type StoredEntry } from "../database/storedEntry";
import { wholeSession } from "../database/storedSession";
import { contentOfSession, newSessionEdit, type NewSessionEdit, type SessionChange, type SessionContent } from "./edit";

/** The kind of entry by which versions 1 to 5 of the app sent what was edited of a session. */
const OLD: string = "session:change";

export function isOldChange({ kind }: { kind: string }): boolean {
  return kind === OLD;
}

/**
 * What an earlier version of the app, or a tab of one that is still open, has put into the outbox of a session's own
 * fields becomes an edit of it, in the order in which it was done.
 */
export async function takeOverChanges(database: TrainerDatabase): Promise<void> {
  const { outbox, edits, sessions } = database;
  if ((await outbox.filter(isOldChange).count()) === 0) return;
  await database.transaction("rw", outbox, edits, sessions, async () => {
    for (const stored of await outbox.filter(isOldChange).sortBy("position")) {
      const session = await sessions.get(entryOf(stored).entity.id);
      await edits.add(editOf(stored, session && wholeSession(session)));
      await outbox.delete(stored.position);
    }
  });
}

function editOf(stored: StoredEntry, session: (SessionContent & { version: number; logged: number }) | undefined): NewSessionEdit {
  const { id, entity, body, author, made_at, state, refusal } = entryOf(stored);
  const content = body as SessionChange;
  const edit = newSessionEdit({
    id, session_id: entity.id, content, author, made_at,
    before: session === undefined ? (content as SessionContent) : contentOfSession(session),
    base_version: session?.logged ?? 0,
    made_on: session?.version ?? 0,
  }); // prettier-ignore
  if (state === "waiting") return edit;
  // Put aside, too: of an edit there is only doing it again, or letting it go.
  const reason = refusal?.code === "forbidden" ? "forbidden" : "other";
  return { ...edit, state: "rejected", rejection: { reason, errors: refusal?.errors ?? [] } };
}
