import type { Addresses } from "../../wire/types";

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

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Only this machine can open it: no use to a trainee's tablet. */
export function isOfThisMachine(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}

/**
 * What the QR code says and the trainee opens: the address that the server was told to say; else the one by
 * which the trainer came, unless nobody else can use that and the server knows a better one.
 */
export function joinUrl(code: string, addresses: Addresses, origin: string = location.origin): string {
  const better = isOfThisMachine(origin) ? addresses.network_urls[0] : undefined;
  return `${addresses.public_url ?? better ?? origin}/j/${code}`;
}
