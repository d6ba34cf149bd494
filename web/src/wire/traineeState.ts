import type { CloseReason, LastValues, PublicSession, KnownCode, Moved, SessionJoined, VitalsPushed } from "./types";

/** What a trainee's screen knows of its session, as a fold of what happened on its line. */

export type TraineeLink = "connecting" | "live" | "lost" | "over";
export type EndReason = "session_closed" | "session_expired" | "removed" | "full" | "not_found" | "refused";

export interface TraineeState {
  link: TraineeLink;
  session: PublicSession | null;
  last_values: LastValues | null;
  /** When they became so, milliseconds of the server's clock. */
  at: number;
  /** Of the newest state that is stored; a provisional one never moves it. */
  seq: number;
  /** When what is shown was pushed, if it is not known to be stored; else null. */
  provisionalAt: number | null;
  ended: EndReason | null;
  /** Its session is over and went on elsewhere: join there, under this name. Then `link` is `over`, and `ended` null. */
  movedTo: Moved | null;
  /** Why the server does not let us in just now, while we keep trying. */
  refusal: { code: KnownCode; until: number } | null;
}

export type TraineeHappening =
  | { kind: "joined"; message: SessionJoined }
  | { kind: "pushed"; message: VitalsPushed }
  | { kind: "updated"; session: PublicSession }
  | { kind: "closed"; reason: CloseReason }
  | { kind: "moved"; to: Moved }
  | { kind: "lost" }
  | { kind: "heard" }
  | { kind: "refused"; code: KnownCode; until: number };

export const BEFORE_JOINING: TraineeState = {
  link: "connecting",
  session: null,
  last_values: null,
  at: 0,
  seq: 0,
  provisionalAt: null,
  ended: null,
  movedTo: null,
  refusal: null,
};

/** What a refusal at the door ends; null: we keep trying. */
const ENDS = {
  session_closed: "session_closed",
  session_expired: "session_expired",
  removed: "removed",
  full: "full",
  not_found: "not_found",
  invalid_fields: "refused",
  invalid_body: "refused",
  not_home: "refused",
  hall_revoked: null,
  unauthenticated: null,
  forbidden: null,
  method_not_allowed: null,
  conflict: null,
  resync_required: null,
  device_revoked: null,
  version_mismatch: null,
  too_large: null,
  unsupported_media_type: null,
  rate_limited: null,
  internal_error: null,
  storage_unavailable: null,
  network: null,
  timeout: null,
  strange_answer: null,
  device_full: null,
  device_storage: null,
} satisfies Record<KnownCode, EndReason | null>;

export function reduceTrainee(state: TraineeState, happening: TraineeHappening): TraineeState {
  if (state.link === "over") return state;
  switch (happening.kind) {
    case "joined": {
      const { session, server_time } = happening.message;
      const live = { ...state, link: "live", refusal: null } as const;
      // Pushed between our entering and the server's reading: our values are newer, the rest of the session is not.
      const isSame = state.session === null || state.session.id === session.id;
      if (isSame && session.last_seq < state.seq) return { ...live, session };
      const { last_values, last_seq: seq } = session;
      // What did not change while we were away did not change now.
      const at = seq === state.seq && state.at > 0 ? state.at : Date.parse(server_time);
      return { ...live, session, last_values, at, seq, provisionalAt: null };
    }
    case "pushed": {
      const { session_id, seq, last_values } = happening.message;
      if (state.session !== null && state.session.id !== session_id) return state;
      const at = Date.parse(happening.message.at);
      const { provisionalAt } = state;
      if (seq === null) return at < (provisionalAt ?? 0) ? state : { ...state, last_values, at, provisionalAt: at };
      if (provisionalAt === null) return seq > state.seq ? { ...state, last_values, at, seq } : state;
      // Of several that waited, the stored ones come one by one: the screen does not run through them again. The
      // last word on what is shown may also be that it was not stored, and then seq has not moved.
      if (seq < state.seq) return state;
      return at < provisionalAt ? { ...state, seq } : { ...state, last_values, at, seq, provisionalAt: null };
    }
    case "updated":
      if (state.session?.id !== happening.session.id) return state;
      return { ...state, session: happening.session };
    case "closed":
      return over(state, happening.reason === "expired" ? "session_expired" : "session_closed");
    case "moved":
      return { ...state, link: "over", movedTo: happening.to, refusal: null };
    case "lost":
      return state.link === "live" ? { ...state, link: "lost" } : state;
    case "heard":
      return state.link === "lost" && state.refusal === null ? { ...state, link: "live" } : state;
    case "refused": {
      const reason = ENDS[happening.code];
      if (reason !== null) return over(state, reason);
      return { ...state, refusal: { code: happening.code, until: happening.until } };
    }
  }
}

function over(state: TraineeState, reason: EndReason): TraineeState {
  return { ...state, link: "over", ended: reason, refusal: null };
}
