import { knownCode } from "../wire/refusals";
import type { KnownCode, Offer } from "../wire/types";
import { ask, waitOf, type Answered } from "./ask";

/** Why a homework does not open. */
export type Shut =
  | {
      kind:
        | "not_found"
        | "session_closed"
        | "session_expired"
        | "conflict"
        | "storage_unavailable"
        | "unreachable"
        | "refused";
    }
  | { kind: "rate_limited"; seconds: number };

const KINDS = {
  not_found: "not_found",
  session_closed: "session_closed",
  session_expired: "session_expired",
  conflict: "conflict",
  storage_unavailable: "storage_unavailable",
  rate_limited: "rate_limited",
  internal_error: "unreachable",
  network: "unreachable",
  timeout: "unreachable",
  strange_answer: "unreachable",
  not_home: "refused",
  invalid_body: "refused",
  unauthenticated: "refused",
  hall_revoked: "refused",
  forbidden: "refused",
  method_not_allowed: "refused",
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
} as const satisfies Record<KnownCode, Shut["kind"]>;

export async function lookAtHomework(token: string): Promise<{ kind: "open"; offer: Offer } | Shut> {
  const answered = await ask(pathOf(token), null);
  if (answered?.response.ok === true && answered.body !== null)
    return { kind: "open", offer: answered.body as unknown as Offer };
  return shut(answered);
}

/** Begin a try: the code of its session. With the same `id` again, because an answer was lost: of the same one. */
export async function openHomework(
  token: string,
  id: string,
  name: string,
): Promise<{ kind: "begun"; code: string } | Shut> {
  const answered = await ask(pathOf(token), { id, name });
  const code = answered?.response.ok === true ? answered.body?.["code"] : undefined;
  return typeof code === "string" ? { kind: "begun", code } : shut(answered);
}

function pathOf(token: string): string {
  return `/assignments/${encodeURIComponent(token)}/open`;
}

function shut(answered: Answered): Shut {
  if (answered === null) return { kind: "unreachable" };
  const code = answered.body?.["code"];
  const kind = KINDS[knownCode(typeof code === "string" ? code : undefined)];
  return kind === "rate_limited" ? { kind, seconds: waitOf(answered.response) } : { kind };
}
