import type { Brought } from "../../patient/rhythms";
import type { FlagValue, Rhythm, Signs, VitalsPatch } from "../../wire/types";

/** What the trainer has changed and not yet sent. */
export interface Staged {
  readonly signs: Partial<Signs>;
  readonly rhythm: Rhythm | null;
  /** Null takes the flag away. */
  readonly flags: Record<string, FlagValue | null>;
  /** What of it the rhythm or the preset has brought along: it goes with it, unless it has been changed since. */
  readonly brought?: Brought;
  /** What of it the compressions have brought along, likewise. */
  readonly bagged?: Partial<Signs>;
}

/** What a trainer has in hand in one session. It is of this device alone, and never sent. */
export interface Preparation {
  staged: Staged;
  /** How the next push is to be sent. */
  ramp_seconds: number;
  is_at_once: boolean;
  /** The pushes that bring back what stood before each of the last ones, the newest last. */
  undo: readonly Undo[];
  /** Which page wrote it, so that it knows its own. */
  by: string;
}

export interface StoredPreparation extends Preparation {
  session_id: string;
  /** Milliseconds since the epoch, by this device. */
  kept_at: number;
}

/** A push that brings back what stood before another; `undoes`: that one's id. */
export type Undo = VitalsPatch & { undoes: string };
