import type { PublicSession } from "../wire/types";

/** Every way in which looking a code up may end. */
export type LookUp =
  | { kind: "found"; session: PublicSession }
  | { kind: "not_found" | "session_closed" | "session_expired" | "storage_unavailable" | "unreachable" | "refused" }
  | { kind: "rate_limited"; seconds: number };

const PATIENCE = 10_000;

export async function lookUp(code: string): Promise<LookUp> {
  let response: Response;
  try {
    response = await fetch("/api/v1/join", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return { kind: "unreachable" };
  }
  const body = (await response.json().catch(() => null)) as { session?: PublicSession; code?: string } | null;
  if (response.ok && body?.session !== undefined) return { kind: "found", session: body.session };
  switch (body?.code) {
    case "not_found":
    case "session_closed":
    case "session_expired":
    case "storage_unavailable":
      return { kind: body.code };
    case "rate_limited":
      return { kind: "rate_limited", seconds: Math.max(1, Number(response.headers.get("Retry-After")) || 1) };
    default:
      // Something between us and the server answered in its place (a proxy's 502, a hotel's login page).
      return { kind: response.status >= 500 || body === null ? "unreachable" : "refused" };
  }
}
