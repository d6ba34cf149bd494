import type { KnownCode, Trainer } from "../../wire/types";
import { may, mayMake, type Steered } from "../permissions";
import type { OutboxEntry } from "./entry";

/**
 * What can be made of a refused change, besides letting it go.
 * - `retry`: the same again may be taken now.
 * - `edit`: with other values or words.
 * - `annotate`: its text goes beside the record.
 */
export type Remedy = "retry" | "edit" | "annotate";

export interface Circumstances {
  me: Trainer;
  /** As this device knows it; undefined: not at all. */
  session: (Steered & { closed_at: string | null }) | undefined;
  /** Whether a push would pass with what the patient has now: the two pressures are judged together. */
  isPlausible: boolean;
}

/** What a code leaves open. */
type Outlook = "again" | "if_allowed" | "if_plausible" | "with_other_words" | "beside" | "never";

const OUTLOOKS = {
  network: "again",
  timeout: "again",
  storage_unavailable: "again",
  rate_limited: "again",
  unauthenticated: "again",
  internal_error: "again",
  strange_answer: "again",
  device_full: "again",
  device_storage: "again",
  version_mismatch: "again",
  forbidden: "if_allowed",
  invalid_fields: "if_plausible",
  conflict: "with_other_words",
  resync_required: "with_other_words",
  device_revoked: "with_other_words",
  too_large: "with_other_words",
  session_closed: "beside",
  session_expired: "beside",
  not_home: "beside",
  hall_revoked: "never",
  not_found: "never",
  removed: "never",
  full: "never",
  invalid_body: "never",
  method_not_allowed: "never",
  unsupported_media_type: "never",
} as const satisfies Record<KnownCode, Outlook>;

/** The best first; none: it can only be copied, put aside or discarded. */
export function remediesOf(entry: OutboxEntry, circumstances: Circumstances): readonly Remedy[] {
  const { me, session, isPlausible } = circumstances;
  const isAllowed = mayMake(entry.kind, session, me);
  const edit: readonly Remedy[] = isAllowed && isEditable(entry, session) ? ["edit"] : [];
  switch (entry.refusal === null ? "again" : OUTLOOKS[entry.refusal.code]) {
    case "again":
      return ["retry"];
    case "if_allowed":
      return isAllowed ? ["retry"] : beside(entry, circumstances);
    case "if_plausible":
      return entry.kind === "vitals:push" && isPlausible && isAllowed ? ["retry", ...edit] : edit;
    case "with_other_words":
      return edit;
    case "beside":
      return beside(entry, circumstances);
    case "never":
      return [];
  }
}

function isEditable(entry: OutboxEntry, session: Circumstances["session"]): boolean {
  if (entry.kind === "vitals:push") return session !== undefined && session.closed_at === null;
  return (entry.kind === "note:add" || entry.kind === "annotation:add") && typeof entry.body["text"] === "string";
}

function beside(entry: OutboxEntry, { me, session }: Circumstances): readonly Remedy[] {
  return entry.kind === "note:add" && session !== undefined && may("annotate", session, me) ? ["annotate"] : [];
}
