import type * as wire from "../generated/wire";

/** What evaluators and trainees make of a session, beside its record. */

/** Not done, partly done, done; not applicable. */
export type SheetScore = ItemScore["score"];
export type ItemScore = wire.ItemScoreAnswer;
export type ScoreSheet = wire.ScoreSheetAnswer;
/** By the keys of the checklist; what is not in it is not scored. */
export type OwnSheet = Pick<ScoreSheet, "items" | "comment">;
export type Scores = wire.ScoresAnswer;

/** A trainee's own words right after the end; `seat_id` and `name` are null where they came without a name. */
export type Reflection = wire.ToldReflectionAnswer;

/** What the server tells of a record, as far as a sheet says it. */
export interface Figures {
  times: wire.KeyTimeAnswer[];
  resuscitation: Arrest[];
  highest_news2: { at: string; total: number; missing: string[] } | null;
  /** Which alarm limits held when; not there: a server or an app of an earlier version has told the rest. */
  limits_since?: wire.LimitsSinceAnswer[] | undefined;
}

export type Arrest = wire.ResuscitationAnswer;

/** A link by which the debrief is read without a login: told once, to whoever makes it. */
export interface Share {
  url: string;
  expires_at: string;
}
/** One that may be opened now; where it leads only whoever has it knows. */
export type OpenShare = wire.OpenShareAnswer;
/** What a link shows: the debrief, and what its sheet is made of. */
export type SharedDebrief = wire.SharedDebriefAnswer;
