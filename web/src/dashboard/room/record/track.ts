import { shownAt } from "../../../monitor/shown";
import type { Readings, Shown } from "../../../monitor/readings";
import { cuffOf, downAt } from "../../../patient/cuff";
import { isCuffAction } from "../../../patient/nibp";
import { isPaused } from "../../../patient/ramps";
import { SIGN_NAMES } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";
import { RecordCourse, type Remembered, type SignChange } from "./course";
import type { RecordLine } from "./record";

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

export function recordCourseOf(lines: readonly RecordLine[], openedAt: number): RecordCourse {
  return new RecordCourse(signChangesOf(lines), openedAt);
}

/** What the monitors showed at `at`; before the opening, what they showed then. */
export function shownThen(course: RecordCourse, at: number): Readings {
  const state = course.at(at);
  return shownAt(state.memory, Math.max(at, state.at));
}

/**
 * Reads every sign where something happens: on both sides of each change, at the end of each ramp, when a monitor has
 * seen it, and at `samples` even steps so that a pointer finds a value everywhere.
 */
export function trackOf(course: RecordCourse, from: number, until: number, samples = 240): Track {
  const times = momentsOf(course.states(from - LONGEST_SIGHT, until), from, until, samples);
  const values = Object.fromEntries(SIGN_NAMES.map((name) => [name, []])) as unknown as Track["values"];
  for (const time of times) {
    const shown = shownThen(course, time);
    for (const name of SIGN_NAMES) values[name].push(numberOf(shown[name]));
  }
  return { xs: times.map((time) => time / 1000), values };
}

function numberOf(shown: Shown): number | null {
  return typeof shown === "number" ? shown : null;
}

/** ms after which a monitor has seen that something has ceased, or holds it no more. */
const SEEN_AFTER = [4_000, 10_000, 20_000] as const;
const LONGEST_SIGHT = 20_000;
/** A change is drawn by the moment before it and its own. */
const MOST_IN_PIECE = 4;
/** So many are drawn one by one, and read within a moment. */
const MOST_MOMENTS = 2_000;

function momentsOf(states: Iterable<Remembered>, from: number, until: number, samples: number): number[] {
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
  const sorted = [...moments].sort((a, b) => a - b);
  return sorted.length > MOST_MOMENTS ? thinned(sorted, (until - from) / samples) : sorted;
}

/** Where more happens than can be drawn, of every piece of the time the first moments and the last. */
function thinned(moments: readonly number[], piece: number): number[] {
  const [begin = 0] = moments;
  const pieceOf = (at: number) => Math.floor((at - begin) / piece);
  return moments.filter((at, place) => {
    const [two, next] = [moments[place - MOST_IN_PIECE], moments[place + 1]];
    const isLate = two !== undefined && pieceOf(two) === pieceOf(at);
    return !isLate || next === undefined || pieceOf(next) !== pieceOf(at);
  });
}
