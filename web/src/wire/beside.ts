import type * as wire from "../generated/wire";
import type { Annotation, Case, SeatAttendance, SessionEvent } from "./types";

/** What evaluators and trainees make of a session, beside its record. */

/** Not done, partly done, done; not applicable. */
export type GivenScore = ItemScore["score"];
export type ItemScore = wire.ItemScoreAnswer;
export type ScoreSheet = wire.ScoreSheetAnswer;
/** By the keys of the checklist; what is not in it is not scored. */
export type OwnSheet = Pick<ScoreSheet, "items" | "comment">;
export type Scores = wire.ScoresAnswer;

/** A trainee's own words right after the end; `seat_id` and `name` are null where they came without a name. */
export interface Reflection {
  seat_id: string | null;
  name: string | null;
  words: string;
  scores: Record<string, GivenScore>;
}

/** What the server reckons of a record, as far as a sheet says it. */
export interface Figures {
  times: wire.KeyTimeAnswer[];
  resuscitation: Arrest[];
  highest_news2: { at: string; total: number; missing: string[] } | null;
}

export type Arrest = wire.ResuscitationAnswer;

/** A link by which the debrief is read without a login. */
export interface Share {
  url: string;
  expires_at: string;
}

/** What a link shows: the debrief, and what its sheet is made of. */
export interface SharedDebrief {
  title: string;
  trainee_name: string | null;
  created_at: string;
  closed_at: string | null;
  /** When the link ends. */
  expires_at: string;
  case: Case | null;
  annotations: Annotation[];
  events: SessionEvent[];
  attendance: SeatAttendance[];
  times: wire.KeyTimeAnswer[];
  resuscitation: Arrest[];
  news2: wire.News2Answer[];
  scores: Scores;
}
