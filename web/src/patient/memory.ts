import type { LastValues, SignName } from "../wire/types";
import { hasBeats, hasPulse, isOn } from "./circulation";
import { NO_HISTORY, rampEnd, withStretch, type History, type Stretch } from "./history";
import { rawValueAt } from "./ramps";

/**
 * What a monitor that has been there from the beginning remembers, as much as a record needs to tell what it showed.
 * A pure fold; the server's is server/domain/history.py.
 */
export interface Memory {
  readonly history: History;
  /** Every state of the last seconds, oldest first. */
  readonly states: readonly Stretch[];
}

/** ms. So far back the breaths are asked for: apnoea is told after so long. */
const LOOKED_BACK = 20_000;
const ETCO2_HELD = 10_000;
/** mmHg: what good compressions bring at the most. */
const BEST_COMPRESSIONS = 20;

export const NO_MEMORY: Memory = { history: NO_HISTORY, states: [] };

/** From `at` on, which is never before an earlier one, `last` holds; the first state has always held. */
export function withState(memory: Memory, last: LastValues, at: number): Memory {
  const since = memory.states.length === 0 ? Number.NEGATIVE_INFINITY : at;
  const states = [...memory.states, { since, last }];
  const isNear = (_: Stretch, place: number) => (states[place + 1]?.since ?? at) > at - LOOKED_BACK;
  return { history: withStretch(memory.history, last, at), states: states.filter(isNear) };
}

/** What a monitor reads off its curves, told without any: right within one beat and one breath. */
export function countedOn(states: readonly Stretch[]) {
  return {
    /** The early beat of a bigeminy sends no wave to the finger that can be counted. */
    pulsesPerBeatAt(now: number): number {
      const state = states.findLast(({ since }) => since < now) ?? states[0];
      return state?.last.rhythm === "pvc_bigeminy" ? 0.5 : 1;
    },
    lastBreathAt(now: number): { time: number; rate: number } {
      const [part] = breathing(states, now, LOOKED_BACK, 1);
      if (part === undefined) return { time: Number.NEGATIVE_INFINITY, rate: 0 };
      return { time: part.end, rate: rawValueAt(part.last, "respiratory_rate", part.end) };
    },
    /** The highest of the last 10 s, or since the breath before the last, where breaths come that slowly. */
    endTidalAt(now: number): number {
      const last = states.at(-1)?.last;
      if (last === undefined) return 0;
      const rate = hasPulse(last, now) || isOn(last, "cpr") ? rawValueAt(last, "respiratory_rate", now) : 0;
      const held = rate > 0 ? Math.max(ETCO2_HELD, Math.min(LOOKED_BACK, 90_000 / rate)) : ETCO2_HELD;
      let highest = 0;
      for (const part of breathing(states, now, held)) {
        const ceiling = circulates(part.last) ? Number.POSITIVE_INFINITY : BEST_COMPRESSIONS;
        for (const at of [part.begin, part.end])
          highest = Math.max(highest, Math.min(ceiling, rawValueAt(part.last, "etco2", at)));
      }
      return highest;
    },
  };
}

/** As the lungs see it: a heart on its way to standing still brings blood to the end. */
function circulates(last: LastValues): boolean {
  return !isOn(last, "pulseless") && (hasBeats(last) || hasBeats(last, rampEnd(last, "heart_rate") - 1));
}

/** A time in which breaths come, in one state. */
interface Part {
  begin: number;
  end: number;
  last: LastValues;
}

/** The parts of the last `span` in which breaths come, the newest first; `most` of them. */
function breathing(states: readonly Stretch[], now: number, span: number, most = Number.POSITIVE_INFINITY): Part[] {
  const parts: Part[] = [];
  const first = now - span;
  let end = now;
  for (let place = states.length - 1; place >= 0; place--) {
    const { since, last } = states[place] as Stretch;
    const begin = Math.max(since, first);
    const until = breathesUntil(last, begin, end);
    if (until !== null && until > first) parts.push({ begin, end: until, last });
    if (since <= first || parts.length >= most) break;
    end = since;
  }
  return parts;
}

/** When breathing that goes on at the beginning ceases, or the end; null if there is none. */
function breathesUntil(last: LastValues, begin: number, end: number): number | null {
  let until = end;
  if (!isOn(last, "cpr")) {
    if (!hasPulse(last, begin + 1)) return null;
    until = Math.min(until, zeroReached(last, "heart_rate"));
  }
  if (last.respiratory_rate > 0) return until;
  if (rawValueAt(last, "respiratory_rate", begin) === 0) return null;
  return Math.min(until, zeroReached(last, "respiratory_rate"));
}

function zeroReached(last: LastValues, name: SignName): number {
  return last[name] > 0 || last.ramps[name] === undefined ? Number.POSITIVE_INFINITY : rampEnd(last, name);
}
