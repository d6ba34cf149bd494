/** The pages under /dashboard. Templates, the wall, debriefs and trainers get their names here when they come. */
export type Page = { name: "sessions" } | { name: "room"; sessionId: string } | { name: "outbox" };

export const SESSIONS_PATH = "/dashboard";
export const OUTBOX_PATH = "/dashboard/outbox";

export function roomPath(sessionId: string): string {
  return `/dashboard/sessions/${sessionId}`;
}

/** Anything unknown is the list of sessions. */
export function pageAt(path: string): Page {
  const plain = (path.split(/[?#]/)[0] ?? "").replace(/\/+$/, "");
  const sessionId = /^\/dashboard\/sessions\/([^/]+)$/.exec(plain)?.[1];
  if (sessionId !== undefined) return { name: "room", sessionId };
  return plain === OUTBOX_PATH ? { name: "outbox" } : { name: "sessions" };
}

/** What the QR code says and the trainee opens. */
export function joinUrl(code: string, origin: string = location.origin): string {
  return `${origin}/j/${code}`;
}
