import type { ShownSession } from "../../device/view/device";

export type ListedSessions = "open" | "ended" | "all";

/** Its end was told, or its time is over by the server's clock: the telling may come up to some seconds later. */
export function isOver(session: Pick<ShownSession, "closed_at" | "expires_at">, now: number): boolean {
  return session.closed_at !== null || Date.parse(session.expires_at) <= now;
}

/** Without regard to case, accents, the kind of apostrophe, and the spaces and dashes in a code; every word must be found. */
export function finds(session: ShownSession, search: string): boolean {
  const words = plain(search).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = plain(`${session.title} ${session.trainee_name ?? ""}`);
  const code = (session.code ?? "").toLowerCase();
  const asCode = plain(search).replace(/[\s-]/g, "");
  if (code !== "" && asCode.length > 1 && code.includes(asCode)) return true;
  return words.every((word) => text.includes(word));
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
