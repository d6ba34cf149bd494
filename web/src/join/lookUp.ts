import { ask, PATIENCE, waitOf } from "./ask";
import { knownCode } from "../wire/refusals";
import type { Kept, PublicSession, KnownCode } from "../wire/types";

/** Every way in which looking a code up may end. */
export type LookUp =
  | { kind: "found"; session: PublicSession; kept: Kept }
  | { kind: "not_found" | "session_closed" | "session_expired" | "storage_unavailable" | "unreachable" | "refused" }
  | { kind: "rate_limited"; seconds: number }
  | { kind: "not_home"; hall: string };

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
  full: "refused",
  version_mismatch: "refused",
  too_large: "refused",
  unsupported_media_type: "refused",
  invalid_fields: "refused",
  device_full: "refused",
  device_storage: "refused",
} as const satisfies Record<KnownCode, LookUp["kind"]>;

/** A session that went on in another one may have gone on again meanwhile. */
const SENT_ON_AT_MOST = 3;

/** The code of a session that went on in another one finds that one: `session.code` is the code to join by. */
export async function lookUp(code: string, patience = PATIENCE, sentOn = 0): Promise<LookUp> {
  const answered = await ask("/join", { code }, patience);
  if (answered === null) return { kind: "unreachable" };
  const { response, body } = answered;
  const moved = body?.["moved_to"];
  if (!response.ok && typeof moved === "string" && moved !== "" && sentOn < SENT_ON_AT_MOST)
    return lookUp(moved, patience, sentOn + 1);
  return read(response, body);
}

function read(response: Response, body: { session?: PublicSession; kept?: Kept; code?: string; hall?: string } | null): LookUp {
  if (response.ok && body?.session !== undefined) return { kind: "found", session: body.session, kept: body.kept ?? null };
  const refusal = knownCode(body?.code);
  // A code of a newer server's is a refusal all the same.
  if (refusal === "strange_answer" && body !== null && response.status < 500) return { kind: "refused" };
  const kind = KINDS[refusal];
  if (kind === "not_home") return { kind, hall: body?.hall ?? "" };
  if (kind !== "rate_limited") return { kind };
  return { kind, seconds: waitOf(response) };
}
