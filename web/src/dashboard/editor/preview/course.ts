import { hasPulse } from "../../../patient/circulation";
import { cuffOf, MEASURING } from "../../../patient/cuff";
import { type DryRun, type DryState, type RunningTemplate, type Tried, dryRun, isPossible, openedWith } from "../../../patient/dryRun";
import { fold } from "../../../patient/fold";
import { rampEnd } from "../../../patient/history";
import { act } from "../../../patient/nibp";
import { patchOfStep } from "../../../patient/patches";
import { SIGN_NAMES } from "../../../patient/signs";
import type { LastValues, TemplateStep } from "../../../wire/types";

/** How a case goes, from its start: what the patient has at each second, and which step it is. */

/** From `begin` to `end` (seconds) the case is in that step; one that comes again has a band for each time. */
export interface Band {
  key: string;
  begin: number;
  end: number;
}

export interface Course {
  run: DryRun;
  /** Of the case, or of its plan: in ascending order; the first is the start state. */
  states: readonly DryState[];
  bands: readonly Band[];
  /** From when to when (seconds) there is no pulse. */
  pulseless: readonly { begin: number; end: number }[];
  /** So far it is drawn: a bit behind the last thing that happens. */
  until: number;
  /** The case is moved by hand: its steps stand where their author means them to. */
  isPlan: boolean;
}

/** Between two steps of a plan that say nothing of their time. */
const APART = 60;
/** What is drawn behind the last thing that happens, in a case that goes on. */
const TAIL = 60;
const SHORTEST = 120;

export function courseOf(template: RunningTemplate, tried: readonly Tried[]): Course {
  const run = dryRun(template, tried);
  const isPlan = template.steps.every(({ transitions }) => transitions.length === 0);
  const states = isPlan ? planned(template) : run.states;
  const until = Math.min(isPlan ? Number.POSITIVE_INFINITY : run.seconds, lastSecond(run, states, tried));
  return { run, states, until, isPlan, bands: bandsOf(states, until), pulseless: pulselessOf(states, until) };
}

/** Each step at the second that its author wrote down, or a minute behind the one before. */
function planned(template: RunningTemplate): DryState[] {
  const states: DryState[] = [{ at_seconds: 0, step: null, last: openedWith(template) }];
  let at = 0;
  for (const [place, step] of template.steps.entries()) {
    const [before] = states.slice(-1) as [DryState];
    at = Math.max(at, step.at_seconds ?? (place === 0 ? 0 : at + APART));
    const last = fold(before.last, patchOfStep(step), at * 1000);
    states.push({ at_seconds: at, step: step.key, last: isPossible(last) ? last : before.last });
  }
  return states;
}

function lastSecond(run: DryRun, states: readonly DryState[], tried: readonly Tried[]): number {
  const [newest] = states.slice(-1) as [DryState];
  const ends = SIGN_NAMES.map((name) => rampEnd(newest.last, name) / 1000);
  const moments = [newest.at_seconds, ...ends, ...run.suggestions.map((each) => each.at_seconds)];
  const known = Math.max(0, ...moments, ...tried.map((each) => each.at_seconds));
  // Nothing moves in a case that has ended, but for what was on its way.
  const isOver = newest.step === null && states.length > 1;
  return Math.max(SHORTEST, Math.ceil((known + (isOver ? TAIL / 4 : TAIL)) / 30) * 30);
}

function bandsOf(states: readonly DryState[], until: number): Band[] {
  return states.flatMap(({ at_seconds, step }, place) => {
    const end = Math.min(until, states[place + 1]?.at_seconds ?? until);
    return step === null || end <= at_seconds ? [] : [{ key: step, begin: at_seconds, end }];
  });
}

function pulselessOf(states: readonly DryState[], until: number): { begin: number; end: number }[] {
  const parts: { begin: number; end: number }[] = [];
  for (const [place, { at_seconds, last }] of states.entries()) {
    const end = Math.min(until, states[place + 1]?.at_seconds ?? until);
    const begin = lostAt(last, at_seconds);
    if (begin >= end) continue;
    const newest = parts.at(-1);
    if (newest !== undefined && newest.end >= begin) newest.end = end;
    else parts.push({ begin, end });
  }
  return parts;
}

/** The second from which on there is no pulse in this state; never: infinity. */
function lostAt(last: LastValues, begin: number): number {
  if (!hasPulse(last, begin * 1000 + 1)) return begin;
  return hasPulse(last) ? Number.POSITIVE_INFINITY : rampEnd(last, "heart_rate") / 1000;
}

/** What the patient has in this step once everything that it changes has arrived. */
export function arrivedIn(template: RunningTemplate, course: Course, key: string): LastValues {
  const found = course.states.find(({ step }) => step === key)?.last ?? afterAllBefore(template, key);
  return { ...found, ramps: {} };
}

/**
 * With a measurement of the cuff that was finished before `at` (ms): whoever writes a shock sees its pressure. Without a
 * pulse there is none.
 */
export function measured(last: LastValues, at: number): LastValues {
  const { cuff: _, ...never } = { ...last, nibp: null };
  const after = act(never, "nibp_start", {}, at - 2 * MEASURING);
  return cuffOf(after)?.found == null ? never : after;
}

/** Nothing leads there by itself: as if the steps had been sent in their order. */
function afterAllBefore(template: RunningTemplate, key: string): LastValues {
  const place = template.steps.findIndex((step) => step.key === key);
  return template.steps.slice(0, place + 1).reduce(sent, openedWith(template));
}

function sent(last: LastValues, step: TemplateStep): LastValues {
  const after = fold(last, patchOfStep(step), 0);
  return isPossible(after) ? after : last;
}
