import { knownCode } from "../wire/refusals";
import type { PublicSession, KnownCode } from "../wire/types";

/** Every way in which looking a code up may end. */
export type LookUp =
  | { kind: "found"; session: PublicSession }
  | { kind: "not_found" | "session_closed" | "session_expired" | "storage_unavailable" | "unreachable" | "refused" }
  | { kind: "rate_limited"; seconds: number }
  | { kind: "not_home"; hall: string };

const PATIENCE = 10_000;

const KINDS = {
  not_found: "not_found",
  session_closed: "session_closed",
  session_expired: "session_expired",
  storage_unavailable: "storage_unavailable",
  rate_limited: "rate_limited",
  not_home: "not_home",
  internal_error: "unreachable",
  network: "unreachable",
  timeout: "unreachable",
  // Something between us and the server answered in its place (a proxy's 502, a hotel's login page).
  strange_answer: "unreachable",
  invalid_body: "refused",
  unauthenticated: "refused",
  hall_revoked: "refused",
  forbidden: "refused",
  method_not_allowed: "refused",
  conflict: "refused",
  resync_required: "refused",
  device_revoked: "refused",
  removed: "refused",
  version_mismatch: "refused",
  too_large: "refused",
  unsupported_media_type: "refused",
  invalid_fields: "refused",
  device_full: "refused",
  device_storage: "refused",
} as const satisfies Record<KnownCode, LookUp["kind"]>;

/** `patience` in milliseconds, for the whole answer: what never comes, or never ends, is no server. */
export async function lookUp(code: string, patience = PATIENCE): Promise<LookUp> {
  // Of its own: browsers of a few years ago have no `AbortSignal.timeout`.
  const giveUp = new AbortController();
  const alarm = setTimeout(() => giveUp.abort(), patience);
  try {
    const response = await fetch("/api/v1/join", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
      credentials: "same-origin",
      cache: "no-store",
      // This API redirects nowhere: what does is a hotspot's login page.
      redirect: "error",
      signal: giveUp.signal,
    });
    return read(response, await response.json().catch(() => null));
  } catch {
    return { kind: "unreachable" };
  } finally {
    clearTimeout(alarm);
  }
}

function read(response: Response, body: { session?: PublicSession; code?: string; hall?: string } | null): LookUp {
  if (response.ok && body?.session !== undefined) return { kind: "found", session: body.session };
  const refusal = knownCode(body?.code);
  // A code of a newer server's is a refusal all the same.
  if (refusal === "strange_answer" && body !== null && response.status < 500) return { kind: "refused" };
  const kind = KINDS[refusal];
  if (kind === "not_home") return { kind, hall: body?.hall ?? "" };
  if (kind !== "rate_limited") return { kind };
  return { kind, seconds: Math.max(1, Number(response.headers.get("Retry-After")) || 1) };
}
