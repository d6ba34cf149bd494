import type { LastValues, SignName } from "../wire/types";
import { hasBeats, hasPulse, isOn } from "./circulation";
import { isPaused } from "./ramps";
import { SIGN_NAMES } from "./signs";

/**
 * What a screen remembers of the states that it was told, as much as a monitor needs to see something: how long a
 * rhythm has lasted, since when the finger has no pulse. A pure fold of (state, server's time), so that all screens
 * that heard the same say the same; for whoever has just come the present state has lasted for ever, which is what
 * the others say, too, some seconds after the last change.
 */
export interface History {
  readonly stretches: readonly Stretch[];
  /** Since when the sign has stood still (milliseconds of the server's clock); the future while a ramp runs. */
  readonly steadySince: Readonly<Record<SignName, number>>;
}

/** A time in which nothing changed that a monitor takes time to see. */
export interface Stretch {
  readonly since: number;
  /** The newest state in it. */
  readonly last: LastValues;
}

/** What a monitor needs longer to see than it takes to push it. */
const SLOW_FLAGS = ["pulseless", "cpr", "ecg_off", "spo2_off"] as const;
/** More changes than that lie far behind whatever is asked. */
const MOST_STRETCHES = 60;

const ALWAYS = Object.fromEntries(SIGN_NAMES.map((name) => [name, Number.NEGATIVE_INFINITY])) as History["steadySince"];
export const NO_HISTORY: History = { stretches: [], steadySince: ALWAYS };

/** From `at` on `last` holds. An `at` before an earlier one replaces that. */
export function withStretch(history: History, last: LastValues, at: number): History {
  const kept = history.stretches.filter((stretch, place) => place === 0 || stretch.since < at);
  const newest = kept.at(-1);
  if (newest === undefined) return { stretches: [{ since: Number.NEGATIVE_INFINITY, last }], steadySince: ALWAYS };
  if (newest.last === last) return history;
  const stretches = alike(newest.last, last)
    ? [...kept.slice(0, -1), { since: newest.since, last }]
    : [...kept, { since: at, last }].slice(-MOST_STRETCHES);
  return { stretches, steadySince: steadier(history.steadySince, newest.last, last, at) };
}

function alike(a: LastValues, b: LastValues): boolean {
  if (a.rhythm !== b.rhythm || hasBeats(a) !== hasBeats(b)) return false;
  return SLOW_FLAGS.every((flag) => isOn(a, flag) === isOn(b, flag));
}

function steadier(
  since: History["steadySince"],
  before: LastValues,
  last: LastValues,
  at: number,
): History["steadySince"] {
  const changed = SIGN_NAMES.filter(
    (name) => before[name] !== last[name] || before.ramps[name]?.started_at !== last.ramps[name]?.started_at,
  );
  if (changed.length === 0) return since;
  return { ...since, ...Object.fromEntries(changed.map((name) => [name, Math.max(at, rampEnd(last, name))])) };
}

/** When the ramp of a sign ends; minus infinity where there is none, and never while the session is paused. */
export function rampEnd(last: LastValues, name: SignName): number {
  const ramp = last.ramps[name];
  if (ramp === undefined) return Number.NEGATIVE_INFINITY;
  return isPaused(last) ? Number.POSITIVE_INFINITY : Date.parse(ramp.started_at) + ramp.seconds * 1000;
}

/** A stretch, cut in two where its last beat is in the middle of it; oldest first, none in the future. */
export function piecesUntil(history: History, now: number): readonly Stretch[] {
  const pieces: Stretch[] = [];
  for (const [place, stretch] of history.stretches.entries()) {
    if (stretch.since > now) break;
    pieces.push(stretch);
    const end = Math.min(now, history.stretches[place + 1]?.since ?? now);
    const last = rampEnd(stretch.last, "heart_rate");
    if (stretch.last.heart_rate === 0 && last > stretch.since && last <= end)
      pieces.push({ since: last, last: stretch.last });
  }
  return pieces;
}

/** The newest state of the history. There must be one. */
export function present(history: History): LastValues {
  return (history.stretches.at(-1) as Stretch).last;
}

/** Since when the pulse is as it is now, there or not, and what was before. */
export interface PulseRun {
  readonly has: boolean;
  readonly since: number;
  /** The state in which it was the other way round, and since when; null when it has never been. */
  readonly before: Stretch | null;
}

export function pulseRun(history: History, now: number): PulseRun {
  const runs: { has: boolean; since: number; last: LastValues }[] = [];
  for (const piece of piecesUntil(history, now)) {
    const has = hasPulse(piece.last, insideOf(piece));
    const newest = runs.at(-1);
    if (newest?.has === has) newest.last = piece.last;
    else runs.push({ has, since: piece.since, last: piece.last });
  }
  const [before, run] = [runs.at(-2) ?? null, runs.at(-1)];
  return { has: run?.has ?? false, since: run?.since ?? Number.NEGATIVE_INFINITY, before };
}

/** A moment just behind its beginning; the first has none, and a ramp in it began some time. */
function insideOf(piece: Stretch): number {
  return piece.since === Number.NEGATIVE_INFINITY ? rampEnd(piece.last, "heart_rate") - 1 : piece.since + 1;
}
