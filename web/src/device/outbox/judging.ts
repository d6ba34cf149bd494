import type { Refusal } from "../../wire/types";

/**
 * What a refusal means for the entry that was refused.
 * - `offline`: it was not heard. No attempt.
 * - `busy`: the server asks for patience. No attempt.
 * - `login`: nothing is sent until somebody logs in.
 * - `final`: the answer will never be another one.
 * - `failure`: the fault of the server or of something on the way, while it could be reached (`timeout`: it was asked
 *   afterwards); some of them in a row are enough.
 */
export type Verdict = "offline" | "busy" | "login" | "final" | "failure";

export const FAILURES_BEFORE_REJECTION = 3;

/** The codes of 400, 403, 404, 405, 409, 410, 412, 413, 415 and 422. */
const FINAL = new Set([
  "invalid_body",
  "forbidden",
  "not_found",
  "method_not_allowed",
  "conflict",
  "session_closed",
  "session_expired",
  "removed",
  "version_mismatch",
  "too_large",
  "unsupported_media_type",
  "invalid_fields",
]);

export function verdictOf(refusal: Refusal): Verdict {
  if (refusal.code === "network") return "offline";
  if (refusal.code === "storage_unavailable" || refusal.code === "rate_limited") return "busy";
  if (refusal.code === "unauthenticated") return "login";
  return FINAL.has(refusal.code) ? "final" : "failure";
}
