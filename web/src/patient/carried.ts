import type { LastValues, Ramp, SessionEvent, SignName } from "../wire/types";
import { SIGN_NAMES } from "./signs";

/**
 * What a session that goes on from another one brings along besides its signs, rhythm and flags: it stands in the first
 * event of its record. The same as the server's `domain/carried.py`; tests/vectors/forks.json holds both to it.
 */
export interface Carried extends Pick<LastValues, "nibp" | "cuff"> {
  /** The moment of the other session at which this one begins. */
  at: string;
  /** Where a sign on its way stands, and in how many seconds it is at its target. */
  ramps: Partial<Record<SignName, { from: number; seconds: number }>>;
  case: CarriedCase | null;
}

/** Where the case stood in its step, in seconds before the session began. */
export interface CarriedCase {
  seconds: number;
  since: readonly (number | null)[];
  counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  moves: number;
  has_ended: boolean;
}

export function carriedBy(event: Pick<SessionEvent, "kind" | "details">): Carried | null {
  if (event.kind !== "vitals") return null;
  return (event.details?.["carried"] as Carried | undefined) ?? null;
}

/** The state at the beginning of the session, at `at`; `last` has its targets, rhythm and flags. */
export function withCarried(last: LastValues, carried: Carried, at: number): LastValues {
  const ramps: Partial<Record<SignName, Ramp>> = {};
  for (const name of SIGN_NAMES) {
    const left = carried.ramps[name];
    if (left !== undefined) ramps[name] = { ...left, started_at: new Date(at).toISOString() };
  }
  const { cuff: _, ...rest } = last;
  return { ...rest, ramps, nibp: carried.nibp, ...(carried.cuff === undefined ? {} : { cuff: carried.cuff }) };
}
