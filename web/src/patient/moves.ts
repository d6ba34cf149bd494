import type { LastValues, SessionEvent, TemplateStep } from "../wire/types";
import { carriedBy, type CarriedCase } from "./carried";
import { isOn } from "./circulation";
import { isPaused, valueAt } from "./ramps";
import { turns } from "./turns";

/**
 * When a case leaves a step by itself, and when a button of it lights up: computed from the record and the ramps.
 * The same rule as the server's (`server/domain/moves.py`); tests/vectors/moves.json holds both to it.
 * Moments are milliseconds of the server's clock.
 */

export type Transition = TemplateStep["transitions"][number];
export type Trigger = Transition["on"];
type When = Extract<Trigger, { when: unknown }>;
export type CaseCondition = When["when"][number];

export interface Progress {
  last: LastValues;
  seenAt: number;
  /** Null before the first step, and after the end of the case. */
  step: string | null;
  enteredAt: number;
  /** For each transition of the step: from when on it has been true without a break; null if it is not. */
  since: readonly (number | null)[];
  /** How often each marker and each action came since the step began. */
  counts: Readonly<Record<string, number>>;
  /** Since when the case may move by itself; null while its automation is off. */
  runsSince: number | null;
  moves: number;
}

/** How a case may go on; `at` is null while its moment cannot be told. */
export interface Way {
  transition: Transition;
  at: number | null;
}

export interface Move {
  at: number;
  transition: Transition;
}

/** What of an event says something to a case. */
export type CaseEvent = Pick<SessionEvent, "kind" | "step" | "marker" | "details" | "by"> & { createdAt: number };

export const MOVES_LIMIT = 300;
const SHORTEST_STAY = 1000;

export function progressOf(last: LastValues, seenAt: number): Progress {
  return { last, seenAt, step: null, enteredAt: 0, since: [], counts: {}, runsSince: 0, moves: 0 };
}

/** With the next event of the record; `last` is what the session shows after it. */
export function advance(steps: readonly TemplateStep[], progress: Progress, event: CaseEvent, last: LastValues): Progress {
  const at = event.createdAt;
  const before = broughtUpTo(steps, progress, at);
  let after: Progress = { ...before, last, seenAt: at };
  const carried = carriedBy(event);
  if (carried !== null) return carried.case === null ? after : takenUp(steps, after, event.step, carried.case);
  if (event.kind === "vitals" && event.step !== null) return entered(steps, after, event, event.step);
  const action = event.kind === "case" || event.kind === "action" ? String(event.details?.action) : null;
  if (event.kind === "lifecycle" || (event.kind === "case" && action === "ended")) return { ...after, step: null, since: [] };
  if (event.kind === "case") {
    if (action === "automation_off") after = { ...after, runsSince: null };
    else if (action === "automation_on") after = { ...after, runsSince: at };
    else if (action === "resumed" && isPaused(before.last)) after = movedOn(after, Date.parse(before.last.paused_at ?? ""), at);
  } else if (event.kind === "action" && action !== null) after = counted(after, `action ${action}`);
  else if (event.kind === "note" && event.marker !== null) after = counted(after, `marker ${event.marker}`);
  return { ...after, since: sinceAt(steps, after, at) };
}

/** What the case does next by itself, if nothing else happens; the moment may have passed already. */
export function nextMove(steps: readonly TemplateStep[], progress: Progress): Move | null {
  if (progress.runsSince === null || progress.moves >= MOVES_LIMIT) return null;
  const earliest = Math.max(progress.enteredAt + SHORTEST_STAY, progress.runsSince);
  let next: Move | null = null;
  for (const { at, transition } of dues(steps, progress, earliest)) {
    const dueAt = Math.max(at, earliest);
    // Of those that are due at the same moment the first in the list.
    if (transition.automatic && (next === null || dueAt < next.at)) next = { at: dueAt, transition };
  }
  return next;
}

/** The transitions that the case does not take by itself, each with the moment at which its button lights up. */
export function suggested(steps: readonly TemplateStep[], progress: Progress): Move[] {
  return dues(steps, progress).filter(({ transition }) => !transition.automatic || progress.runsSince === null);
}

/** Every way out of the step, in the order of its list. */
export function waysOut(steps: readonly TemplateStep[], progress: Progress): Way[] {
  return transitionsOf(steps, progress.step).map((transition, place) => ({
    transition,
    at: isPaused(progress.last) ? null : due(transition.on, progress.since[place] ?? null, progress),
  }));
}

function transitionsOf(steps: readonly TemplateStep[], key: string | null): readonly Transition[] {
  return steps.find((step) => step.key === key)?.transitions ?? [];
}

/**
 * When each becomes true, if nothing else happens; nothing does while the session is paused. What is no longer so at
 * `earliest` had passed before it could lead anywhere.
 */
function dues(steps: readonly TemplateStep[], progress: Progress, earliest = Number.NEGATIVE_INFINITY): Move[] {
  if (isPaused(progress.last)) return [];
  return transitionsOf(steps, progress.step).flatMap((transition, place) => {
    const at = due(transition.on, progress.since[place] ?? null, progress, earliest);
    return at === null ? [] : [{ at, transition }];
  });
}

function due(on: Trigger, since: number | null, progress: Progress, earliest = Number.NEGATIVE_INFINITY): number | null {
  if ("after" in on) return progress.enteredAt + on.after * 1000;
  if ("manual" in on) return progress.enteredAt;
  if (!("when" in on)) return since;
  const hold = (on.hold ?? 0) * 1000;
  const run = trueFor(on, progress.last, since, progress.seenAt).find(({ begin, end }) => Math.max(begin + hold, earliest) <= end);
  return run === undefined ? null : run.begin + hold;
}

/** It begins when it was stored, however long it had been due: only then did a monitor show it. */
function entered(steps: readonly TemplateStep[], after: Progress, event: CaseEvent, key: string): Progress {
  const byItself = event.details?.because !== undefined;
  const into: Progress = {
    ...after,
    step: key,
    enteredAt: event.createdAt,
    counts: {},
    since: transitionsOf(steps, key).map(() => null),
    moves: after.moves + (byItself ? 1 : 0),
  };
  return { ...into, since: sinceAt(steps, into, event.createdAt) };
}

/** In a session that goes on from another one: the step has lasted as long, and what was true still is. */
function takenUp(steps: readonly TemplateStep[], after: Progress, key: string | null, stood: CarriedCase): Progress {
  const at = after.seenAt;
  const ways = transitionsOf(steps, key);
  const counts: Record<string, number> = {};
  for (const [kind, keys] of Object.entries(stood.counts))
    for (const [name, count] of Object.entries(keys)) counts[`${kind} ${name}`] = count;
  const into: Progress = {
    ...after,
    step: key,
    enteredAt: at - stood.seconds * 1000,
    counts,
    since: ways.map((_, place) => {
      const ago = stood.since.length === ways.length ? (stood.since[place] ?? null) : null;
      return ago === null ? null : at - ago * 1000;
    }),
    moves: stood.moves,
  };
  return { ...into, since: sinceAt(steps, into, at) };
}

function counted(progress: Progress, what: string): Progress {
  return { ...progress, counts: { ...progress.counts, [what]: (progress.counts[what] ?? 0) + 1 } };
}

/** What happened within the pause counts from its end. */
function movedOn(progress: Progress, begin: number, end: number): Progress {
  const moved = (moment: number): number => Math.min(moment + end - begin, end);
  const movedIfAny = (moment: number | null): number | null => (moment === null ? null : moved(moment));
  return {
    ...progress,
    enteredAt: moved(progress.enteredAt),
    since: progress.since.map(movedIfAny),
    runsSince: movedIfAny(progress.runsSince),
  };
}

/** For each transition: it was true before and still is, or is from now on. */
function sinceAt(steps: readonly TemplateStep[], progress: Progress, at: number): (number | null)[] {
  return transitionsOf(steps, progress.step).map(({ on }, place) =>
    isTrue(on, progress, at) ? (progress.since[place] ?? at) : null,
  );
}

function isTrue(on: Trigger, progress: Progress, at: number): boolean {
  if ("marker" in on) return (progress.counts[`marker ${on.marker}`] ?? 0) >= (on.count ?? 1);
  if ("action" in on) return (progress.counts[`action ${on.action}`] ?? 0) >= (on.count ?? 1);
  return !("when" in on) || areTrue(on.when, progress.last, at);
}

/** Along the ramps: which conditions have been true, and since when, right before the event at that moment. */
function broughtUpTo(steps: readonly TemplateStep[], progress: Progress, at: number): Progress {
  if (isPaused(progress.last) || Object.keys(progress.last.ramps).length === 0) return progress;
  const since = transitionsOf(steps, progress.step).map(({ on }, place) => {
    const begun = progress.since[place] ?? null;
    if (!("when" in on)) return begun;
    const runs = trueFor(on, progress.last, begun, progress.seenAt);
    return runs.find(({ begin, end }) => begin <= at && end > at)?.begin ?? null;
  });
  return { ...progress, since };
}

interface Run {
  begin: number;
  end: number;
}

/** From when to when all conditions are true, if nothing but the ramps changes anything. */
function trueFor(on: When, last: LastValues, since: number | null, seenAt: number): Run[] {
  const runs: Run[] = [];
  let begin = since;
  const moments = new Set(on.when.flatMap((condition) => flips(condition, last, seenAt)));
  for (const at of [...moments].sort((one, other) => one - other)) {
    const holds = areTrue(on.when, last, at);
    if (holds && begin === null) begin = at;
    else if (!holds && begin !== null) {
      runs.push({ begin, end: at });
      begin = null;
    }
  }
  if (begin !== null) runs.push({ begin, end: Number.POSITIVE_INFINITY });
  return runs;
}

function areTrue(conditions: readonly CaseCondition[], last: LastValues, at: number): boolean {
  return conditions.every((condition) => isSo(condition, last, at));
}

export function isSo(condition: CaseCondition, last: LastValues, at: number): boolean {
  if ("flag" in condition)
    return typeof condition.is === "boolean"
      ? isOn(last, condition.flag) === condition.is
      : last.flags[condition.flag] === condition.is;
  if ("rhythm" in condition) return last.rhythm === condition.rhythm;
  const shown = condition.sign === "mean" ? shownMean(last, at) : valueAt(last, condition.sign, at);
  switch (condition.op) {
    case "lt":
      return shown < condition.value;
    case "le":
      return shown <= condition.value;
    case "gt":
      return shown > condition.value;
    case "ge":
      return shown >= condition.value;
  }
}

function shownMean(last: LastValues, at: number): number {
  return Math.floor((valueAt(last, "systolic", at) + 2 * valueAt(last, "diastolic", at)) / 3 + 0.5);
}

/** Moments after `seenAt`, to the millisecond: all at which the condition may become true or false. */
function flips(condition: CaseCondition, last: LastValues, seenAt: number): number[] {
  if (!("sign" in condition)) return [];
  const { sign } = condition;
  if (sign !== "mean") return turns(last, sign, seenAt, (at) => isSo(condition, last, at));
  // The two pressures may go different ways, and their mean up and down between two ends.
  return (["systolic", "diastolic"] as const).flatMap((name) => turns(last, name, seenAt, (at) => valueAt(last, name, at)));
}
