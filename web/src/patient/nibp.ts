import { CUFF } from "../generated/catalogue";
import type { LastValues } from "../wire/types";
import { hasPulse, isOn } from "./circulation";
import {
  cuffOf,
  cycleAfter,
  downAt,
  MEASURING,
  movedOn,
  resultOf,
  withCuff,
  type Cuff,
  type CycleMinutes,
  type Pressures,
} from "./cuff";
import { valueAt } from "./ramps";
import { meanPressure } from "./signs";

/**
 * How the cuff measures: what the actions at the bedside do to it, and what it finds of the patient. The same as the
 * server's `domain/nibp.py`; tests/vectors/nibp.json holds both to it. Moments are milliseconds of the server's clock.
 */

export const CUFF_ACTIONS = ["nibp_start", "nibp_stop", "nibp_cycle", "nibp_stat"] as const;
export type CuffAction = (typeof CUFF_ACTIONS)[number];

/** After an action at `at`; those that are not the cuff's change nothing, nor does what says nothing to it. */
export function act(last: LastValues, action: string, details: Readonly<Record<string, unknown>>, at: number): LastValues {
  if (!isCuffAction(action)) return last;
  const before = cuffOf(last);
  const cuff = after(last, before, action, details, momentOf(last, at));
  return cuff === before ? last : withCuff(last, cuff);
}

/** After a push at `at`: a measurement under way finds nothing if the pulse or the cuff itself goes meanwhile. */
export function felt(last: LastValues, at: number): LastValues {
  const cuff = cuffOf(last);
  if (cuff === null || cuff.found === null) return last;
  const now = momentOf(last, at);
  if (now >= downAt(cuff) || canMeasure(last, now, downAt(cuff))) return last;
  return withCuff(last, { ...cuff, found: null });
}

/** After a pause that ends at `at`. */
export function cuffResumed(last: LastValues, pausedAt: number, at: number): LastValues {
  const cuff = cuffOf(last);
  return cuff === null ? last : withCuff(last, movedOn(cuff, pausedAt, at));
}

/** The clock of the cuff, which stands while the session is paused. */
export function momentOf(last: LastValues, at: number): number {
  return last.paused_at === undefined ? at : Date.parse(last.paused_at);
}

export function isCuffAction(action: string): action is CuffAction {
  return (CUFF_ACTIONS as readonly string[]).includes(action);
}

function after(
  last: LastValues,
  cuff: Cuff | null,
  action: CuffAction,
  details: Readonly<Record<string, unknown>>,
  now: number,
): Cuff | null {
  switch (action) {
    case "nibp_start":
      return begun(last, cuff, now);
    case "nibp_stat":
      return { ...begun(last, cuff, now), stat_until: now + CUFF.stat_seconds * 1000 };
    case "nibp_stop":
      return cuff === null ? null : stopped(cuff, now);
    case "nibp_cycle": {
      if (details["minutes"] === null) return cuff === null ? null : { ...cuff, cycle_minutes: null, next_at: null };
      const minutes = CUFF.cycle_minutes.find((each) => each === details["minutes"]);
      return minutes === undefined ? cuff : cycling(begun(last, cuff, now), minutes);
    }
  }
}

function cycling(cuff: Cuff, minutes: CycleMinutes): Cuff {
  return { ...cuff, cycle_minutes: minutes, next_at: cuff.started_at + minutes * 60_000 };
}

/** With a measurement that begins now, unless one is under way. */
function begun(last: LastValues, cuff: Cuff | null, now: number): Cuff {
  if (cuff !== null && now < downAt(cuff)) return cuff;
  const until = cuff?.stat_until ?? null;
  return {
    started_at: now,
    found: find(last, now),
    cycle_minutes: cuff?.cycle_minutes ?? null,
    next_at: cuff === null ? null : cycleAfter(cuff, now),
    stat_until: until !== null && until > now ? until : null,
    stopped_at: null,
    before: cuff === null ? null : resultOf(cuff),
  };
}

/** The air is let out, and STAT is over; a cycle goes on. */
function stopped(cuff: Cuff, now: number): Cuff {
  const isUnderWay = now < downAt(cuff);
  return { ...cuff, ...(isUnderWay && { found: null, stopped_at: now }), stat_until: null };
}

/** What the cuff makes of the pressures of now; null if it finds nothing, or will not by what is known now. */
function find(last: LastValues, now: number): Pressures | null {
  const systolic = valueAt(last, "systolic", now);
  if (systolic < CUFF.lowest_systolic || !canMeasure(last, now, now + MEASURING)) return null;
  // Two ramps may cross on their way.
  const diastolic = Math.min(valueAt(last, "diastolic", now), systolic);
  return { systolic, diastolic, mean: meanPressure({ systolic, diastolic }) };
}

/** A pulse comes or goes within that time only where a ramp of the heart rate begins at 0 or ends there. */
function canMeasure(last: LastValues, since: number, until: number): boolean {
  return !isOn(last, "nibp_off") && hasPulse(last, since) && hasPulse(last, until - 1);
}
