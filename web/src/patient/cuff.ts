import { CUFF } from "../generated/catalogue";
import type { LastValues } from "../wire/types";

/**
 * The cuff as it stands in the last values: its newest measurement, what it found before, and what is due. The same as
 * the server's `domain/cuff.py`; all of it is data, and whoever reads it knows what the cuff does at any moment.
 */

/** Milliseconds. Up, held, down: the number stands there when the cuff is down. */
export const MEASURING = CUFF.measuring_seconds * 1000;
/** Who finds nothing pumps once more, higher, before giving up. */
export const FAILING = CUFF.failing_seconds * 1000;

type Nibp = NonNullable<LastValues["nibp"]>;
export type CycleMinutes = NonNullable<Nibp["cycle_minutes"]>;

/** mmHg. */
export interface Pressures {
  systolic: number;
  diastolic: number;
  mean: number;
}

/** What the measurement that began at `started_at` found. Moments are milliseconds of the server's clock. */
export interface CuffResult extends Pressures {
  started_at: number;
}

export interface Cuff {
  started_at: number;
  /** What the newest measurement finds, known from its beginning; null: it fails, or was stopped. */
  found: Pressures | null;
  cycle_minutes: CycleMinutes | null;
  /** When the cycle measures next. */
  next_at: number | null;
  stat_until: number | null;
  /** When somebody let the air out of the newest measurement. */
  stopped_at: number | null;
  /** The last result before the newest measurement: it stands until there is a newer one. */
  before: CuffResult | null;
}

/** Null before the first measurement; a state of an earlier version names none. */
export function cuffOf(last: LastValues): Cuff | null {
  const { nibp = null, cuff } = last as Partial<LastValues>;
  if (nibp === null) return null;
  return {
    started_at: Date.parse(nibp.started_at),
    found: nibp.failed ? null : pressuresOf(nibp),
    cycle_minutes: nibp.cycle_minutes,
    next_at: momentOf(cuff?.next_at),
    stat_until: momentOf(cuff?.stat_until),
    stopped_at: momentOf(cuff?.stopped_at),
    before: cuff?.before ? { ...pressuresOf(cuff.before), started_at: Date.parse(cuff.before.started_at) } : null,
  };
}

/** As the server writes it: what has nothing to say is not there. */
export function withCuff(last: LastValues, cuff: Cuff | null): LastValues {
  const { cuff: _, ...rest } = last;
  if (cuff === null) return { ...rest, nibp: null };
  const { before, found } = cuff;
  const nibp: Nibp = {
    started_at: written(cuff.started_at),
    ...(found ?? { systolic: null, diastolic: null, mean: null }),
    failed: found === null,
    cycle_minutes: cuff.cycle_minutes,
  };
  const also = {
    next_at: writtenOrNull(cuff.next_at),
    stat_until: writtenOrNull(cuff.stat_until),
    stopped_at: writtenOrNull(cuff.stopped_at),
    before: before && { ...before, started_at: written(before.started_at) },
  };
  return { ...rest, nibp, ...(Object.values(also).some((value) => value !== null) && { cuff: also }) };
}

/** When the newest measurement is over; a result is shown from then on. */
export function downAt(cuff: Cuff): number {
  return cuff.stopped_at ?? cuff.started_at + (cuff.found === null ? FAILING : MEASURING);
}

/** The newest, shown already or not yet. */
export function resultOf({ found, started_at, before }: Cuff): CuffResult | null {
  return found === null ? before : { ...found, started_at };
}

/** The first moment of the cycle after this one: what was missed is not caught up. */
export function cycleAfter({ next_at, cycle_minutes }: Cuff, moment: number): number | null {
  if (next_at === null || cycle_minutes === null || next_at > moment) return next_at;
  const period = cycle_minutes * 60_000;
  return next_at + (Math.floor((moment - next_at) / period) + 1) * period;
}

/** As it goes on at `at`: whatever had not come at `pausedAt` comes later by as long as the session stood. */
export function movedOn(cuff: Cuff, pausedAt: number, at: number): Cuff {
  const by = at - pausedAt;
  const later = (moment: number | null) => (moment !== null && moment > pausedAt ? moment + by : moment);
  return {
    ...cuff,
    started_at: downAt(cuff) > pausedAt ? cuff.started_at + by : cuff.started_at,
    next_at: later(cuff.next_at),
    stat_until: later(cuff.stat_until),
  };
}

function pressuresOf({ systolic, diastolic, mean }: Pressures | Nibp): Pressures {
  return { systolic: systolic ?? 0, diastolic: diastolic ?? 0, mean: mean ?? 0 };
}

function momentOf(text: string | null | undefined): number | null {
  return text ? Date.parse(text) : null;
}

function written(moment: number): string {
  return new Date(moment).toISOString();
}

function writtenOrNull(moment: number | null): string | null {
  return moment === null ? null : written(moment);
}
