import type { Annotation, Case, SeatAttendance, SessionEvent } from "./types";

/** What evaluators and trainees make of a session, beside its record. */

/** Not done, partly done, done; not applicable. */
export type GivenScore = 0 | 1 | 2 | "na";

export interface ItemScore {
  score: GivenScore;
  /** When it was done, or seen not to be. */
  at: string | null;
  comment: string;
}

/** By the keys of the checklist; what is not in it is not scored. */
export interface OwnSheet {
  items: Record<string, ItemScore>;
  comment: string;
}

/** Both are null where nothing was to be scored. */
export interface ScoreSheet extends OwnSheet {
  by: Annotation["by"];
  percent: number | null;
  is_passed: boolean | null;
}

export interface Scores {
  sheets: ScoreSheet[];
  /** Items that two evaluators scored apart. */
  differences: { key: string }[];
}

/** A trainee's own words right after the end; `seat_id` and `name` are null where they came without a name. */
export interface Reflection {
  seat_id: string | null;
  name: string | null;
  words: string;
  scores: Record<string, GivenScore>;
}

/** What the server reckons of a record, as far as a sheet says it. */
export interface Figures {
  times: KeyTime[];
  resuscitation: Arrest[];
  highest_news2: { at: string; total: number; missing: string[] } | null;
}

/** When it was first recorded, counted from the start or from the latest arrest before it; null: never. */
export interface KeyTime {
  marker: string;
  from: string;
  seconds: number | null;
  target_seconds: number | null;
  is_met: boolean | null;
}

export interface Arrest {
  onset_at: string;
  end_at: string | null;
  seconds: number;
  compressions_seconds: number;
  no_flow_seconds: number;
  compression_fraction: number | null;
  longest_pause_seconds: number | null;
  to_compressions_seconds: number | null;
  to_shock_seconds: number | null;
  to_adrenaline_seconds: number | null;
  to_rosc_seconds: number | null;
}

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
  times: KeyTime[];
  resuscitation: Arrest[];
  news2: { at: string; total: number | null; missing: string[] }[];
  scores: Scores;
}
