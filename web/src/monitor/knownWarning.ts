import { hasPulse } from "../patient/circulation";
import { cuffOf, downAt } from "../patient/cuff";
import { momentsOfRamps, NOTHING_RECORDED, scored, ScoresAlong, stillMissing, unscored } from "../patient/earlyWarning";
import { rampEnd } from "../patient/history";
import type { Memory } from "../patient/memory";
import { isPaused } from "../patient/ramps";
import type { News2 } from "../wire/debrief";
import type { LastValues } from "../wire/types";
import { shownAt } from "./shown";

/**
 * NEWS2 as a team could know it along a record: by what the monitors showed, and what the cuff had found. The same rule
 * as the server's (`server/domain/debrief/known_warning.py`); tests/vectors/known_warning.json holds both to it.
 */

/** From `at` on (milliseconds of the server's clock): the state, and what a monitor remembers of those before it. */
interface State {
  at: number;
  last: LastValues;
  memory: Memory;
}

/** s after which a monitor has seen that something has ceased or has come, or holds it no more. */
const SEEN_AFTER = [4, 10, 20];
/** s. So long a saturation that comes back climbs, from one row of the table to the next. */
const CLIMBING = [11, 12, 13, 14, 15, 16, 17, 18, 19];

/** At one moment, which is not before the newest state of the memory; `missing`: what was never recorded. */
export function knownWarningAt({ last, memory }: Omit<State, "at">, at: number, missing: News2["missing"]): News2 {
  if (!hasPulse(last, at + 1)) return unscored(at, missing);
  const shown = shownAt(memory, at);
  return scored(
    (name) => {
      const value = shown[name];
      // Asystole that has only just gone: nobody has counted a rate.
      return typeof value === "number" && !(name === "heart_rate" && value === 0) ? value : null;
    },
    last,
    at,
    missing,
  );
}

/**
 * Returns the score from each moment at which it changes, and yields after each state: of a long record it takes a while.
 * `states`: the one at the opening, then each that a change leads to, in order and up to and with `until`.
 */
export function* knowingAlong(states: Iterable<State>, until: number): Generator<void, News2[]> {
  const along = new ScoresAlong();
  let missing = NOTHING_RECORDED;
  let before: State | null = null;
  let looks = new Set<number>();
  const passBy = (state: State, end: number) => {
    for (const at of momentsIn(state, looks, end)) along.note(knownWarningAt(state, at, missing));
  };
  for (const state of states) {
    if (before !== null) passBy(before, state.at);
    missing = stillMissing(missing, state.last);
    looks = looksAfter(state, before, looks);
    along.note(knownWarningAt(state, state.at, missing));
    before = state;
    yield;
  }
  if (before !== null) passBy(before, until);
  return along.scores;
}

/** When a monitor looks anew at what it takes its time to see. */
function looksAfter({ at, last, memory }: State, before: State | null, looks: Set<number>): Set<number> {
  const next = new Set([...looks].filter((look) => look > at));
  const add = (begun: number, seconds: readonly number[]) => {
    for (const each of seconds) next.add(begun + each * 1000);
  };
  if (memory.history.stretches.at(-1)?.since === at) add(at, SEEN_AFTER);
  if (last.respiratory_rate === 0) add(breathesUntil(last) ?? at, SEEN_AFTER);
  if (before !== null && !hasPulse(before.last, at) && hasPulse(last, at + 1)) add(at, CLIMBING);
  return next;
}

function breathesUntil(last: LastValues): number | null {
  return last.ramps.respiratory_rate === undefined || isPaused(last) ? null : rampEnd(last, "respiratory_rate");
}

function momentsIn({ at: since, last }: State, looks: Set<number>, until: number): number[] {
  const found = new Set([...momentsOfRamps(last, since, until), ...looks]);
  const cuff = cuffOf(last);
  if (cuff !== null && !isPaused(last)) found.add(downAt(cuff));
  return [...found].filter((at) => since < at && at <= until).sort((a, b) => a - b);
}
