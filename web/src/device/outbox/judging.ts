import type { Refusal, KnownCode } from "../../wire/types";

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

const VERDICTS = {
  network: "offline",
  storage_unavailable: "busy",
  rate_limited: "busy",
  unauthenticated: "login",
  invalid_body: "final",
  forbidden: "final",
  not_found: "final",
  method_not_allowed: "final",
  conflict: "final",
  not_home: "final",
  hall_revoked: "final",
  resync_required: "final",
  device_revoked: "final",
  session_closed: "final",
  session_expired: "final",
  removed: "final",
  full: "final",
  version_mismatch: "final",
  too_large: "final",
  unsupported_media_type: "final",
  invalid_fields: "final",
  internal_error: "failure",
  timeout: "failure",
  strange_answer: "failure",
  device_full: "failure",
  device_storage: "failure",
} satisfies Record<KnownCode, Verdict>;

export function verdictOf(refusal: Refusal): Verdict {
  return VERDICTS[refusal.code];
}
