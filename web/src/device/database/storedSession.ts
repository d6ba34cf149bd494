import { ADULT_LIMITS } from "../../patient/signs";
import type { StoredSession } from "./schema";

/** What a session that an earlier version of the app has stored does not say; the server's next word on it does. */
const BEFORE = {
  public_title: "",
  co_trainer_ids: [],
  limits: ADULT_LIMITS,
  shows_conditions: false,
  paused_at: null,
  forked_from: null,
  lock: null,
  names_out_at: null,
  logged: 0,
  hall: null,
  clock_offset_ms: null,
  attendance: null,
  annotations: [],
  scores: null,
  reflections: null,
  figures: null,
} as const satisfies Partial<StoredSession>;

export function wholeSession(stored: StoredSession): StoredSession {
  return { ...BEFORE, ...stored };
}
