import { shownAt } from "../../../monitor/shown";
import type { Readings, Shown } from "../../../monitor/readings";
import { cuffOf, downAt } from "../../../patient/cuff";
import { fold, pause, resume } from "../../../patient/fold";
import { NO_MEMORY, withState, type Memory } from "../../../patient/memory";
import { act, isCuffAction, type CuffAction } from "../../../patient/nibp";
import { isPaused } from "../../../patient/ramps";
import { SIGN_NAMES, START_VALUES } from "../../../patient/signs";
import type { LastValues, SignName, VitalsPatch } from "../../../wire/types";
import type { RecordLine } from "./record";

/** What moved the signs, or let them stand, at the moment from which the monitors showed it (the server's clock). */
export type SignChange = { at: number } & (
  | { patch: VitalsPatch }
  | { control: "paused" | "resumed" }
  | { action: CuffAction; details: Readonly<Record<string, unknown>> }
);

/** From `at` on: the whole state, and what a monitor remembers of those before it. */
export interface Remembered {
  at: number;
  last: LastValues;
  memory: Memory;
}

/** The signs over time, ready for a chart: `xs` in seconds, ascending, with what was shown at each; null: no number. */
export interface Track {
  xs: number[];
  values: Record<SignName, (number | null)[]>;
}

/** In the order of storing, and never back in time: what waits here was made on top of what is stored. */
export function signChangesOf(lines: readonly RecordLine[]): SignChange[] {
  let latest = Number.NEGATIVE_INFINITY;
  return lines.flatMap((line): SignChange[] => {
    if (!changesSigns(line)) return [];
    const at = (latest = Math.max(latest, line.stored_at));
    if (line.patch !== null) return [{ at, patch: line.patch }];
    if (line.action !== null && isCuffAction(line.action)) return [{ at, action: line.action, details: line.details }];
    return line.control === "paused" || line.control === "resumed" ? [{ at, control: line.control }] : [];
  });
}

export function changesSigns(line: RecordLine): boolean {
  if (line.action !== null && isCuffAction(line.action)) return true;
  return line.patch !== null || line.control === "paused" || line.control === "resumed";
}

/** The first is the beginning, at `openedAt`; then one for each change. */
export function remembered(changes: readonly SignChange[], openedAt: number): Remembered[] {
  let last = START_VALUES;
  let memory = withState(NO_MEMORY, last, openedAt);
  const all = [{ at: openedAt, last, memory }];
  for (const change of changes) {
    last = changed(last, change);
    // What a session opens with has always been so: nobody has seen it otherwise.
    memory = withState(change.at > openedAt ? memory : NO_MEMORY, last, change.at);
    all.push({ at: change.at, last, memory });
  }
  return all;
}

/** What the monitors showed at `at`; before the opening, what they showed then. */
export function shownThen(states: readonly Remembered[], at: number): Readings {
  const state = states[indexAt(states, at)] as Remembered;
  return shownAt(state.memory, Math.max(at, state.at));
}

/**
 * Reads every sign where something happens: on both sides of each change, at the end of each ramp, when a monitor has
 * seen it, and at `samples` even steps so that a pointer finds a value everywhere.
 */
export function trackOf(states: readonly Remembered[], from: number, until: number, samples = 240): Track {
  const times = momentsOf(states, from, until, samples);
  const values = Object.fromEntries(SIGN_NAMES.map((name) => [name, []])) as unknown as Track["values"];
  let place = indexAt(states, from);
  for (const time of times) {
    while ((states[place + 1]?.at ?? Number.POSITIVE_INFINITY) <= time) place++;
    const state = states[place] as Remembered;
    const shown = shownAt(state.memory, Math.max(time, state.at));
    for (const name of SIGN_NAMES) values[name].push(numberOf(shown[name]));
  }
  return { xs: times.map((time) => time / 1000), values };
}

function numberOf(shown: Shown): number | null {
  return typeof shown === "number" ? shown : null;
}

function indexAt(states: readonly Remembered[], at: number): number {
  let [low, high] = [0, states.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((states[middle] as Remembered).at <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

function changed(last: LastValues, change: SignChange): LastValues {
  if ("patch" in change) return fold(last, change.patch, change.at);
  if ("action" in change) return act(last, change.action, change.details, change.at);
  return change.control === "paused" ? pause(last, change.at) : resume(last, change.at);
}

/** ms after which a monitor has seen that something has ceased, or holds it no more. */
const SEEN_AFTER = [4_000, 10_000, 20_000] as const;

function momentsOf(states: readonly Remembered[], from: number, until: number, samples: number): number[] {
  const moments = new Set<number>([from, until]);
  const add = (time: number) => {
    if (time > from && time < until) moments.add(time);
  };
  // Just before and at it: a jump is drawn as a jump, not as a slope.
  const addJump = (time: number) => {
    add(time - 1);
    add(time);
  };
  for (const { at, last, memory } of states) {
    if (at >= until) break;
    addJump(at);
    const ends = isPaused(last)
      ? []
      : Object.values(last.ramps).map(({ started_at, seconds }) => Date.parse(started_at) + seconds * 1000);
    for (const end of ends) add(end);
    const cuff = cuffOf(last);
    if (cuff !== null && !isPaused(last)) addJump(downAt(cuff));
    const isSlow = memory.history.stretches.at(-1)?.since === at || last.heart_rate === 0 || last.respiratory_rate === 0;
    if (isSlow) for (const begin of [at, ...ends]) for (const after of SEEN_AFTER) addJump(begin + after);
  }
  for (let step = 1; step < samples; step++) add(Math.round(from + ((until - from) * step) / samples));
  return [...moments].sort((a, b) => a - b);
}
