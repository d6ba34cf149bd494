import type { ShownSession } from "../../device/view/device";

export type ListedSessions = "open" | "ended" | "all";

/**
 * Its end was told, or its time is over by the server's clock: the telling may come up to some seconds later. What runs
 * in a hall ends when that says so: it may have been given more time there.
 */
export function isOver(session: Pick<ShownSession, "closed_at" | "expires_at" | "hall">, now: number): boolean {
  if (session.closed_at !== null) return true;
  return session.hall === null && Date.parse(session.expires_at) <= now;
}

/** Without regard to case, accents, the kind of apostrophe, and the spaces and dashes in a code; every word must be found. */
export function finds(session: ShownSession, search: string): boolean {
  if (search.trim() === "") return true;
  const code = (session.code ?? "").toLowerCase();
  const asCode = plain(search).replace(/[\s-]/g, "");
  if (code !== "" && asCode.length > 1 && code.includes(asCode)) return true;
  return hasWords(`${session.title} ${session.trainee_name ?? ""}`, search);
}

/** Every word is somewhere in the text, without regard to case, accents and the kind of apostrophe. */
export function hasWords(text: string, search: string): boolean {
  const words = plain(search).split(/\s+/).filter(Boolean);
  const among = plain(text);
  return words.every((word) => among.includes(word));
}

export function find(
  sessions: readonly ShownSession[],
  shown: ListedSessions,
  search: string,
  now: number,
): ShownSession[] {
  return sessions.filter(
    (session) => (shown === "all" || isOver(session, now) === (shown === "ended")) && finds(session, search),
  );
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("’", "'").toLowerCase();
}
