import { fold, pause, resume } from "../../../patient/fold";
import { isPaused, valueAt } from "../../../patient/ramps";
import { SIGN_NAMES, START_VALUES } from "../../../patient/signs";
import type { LastValues, SignName, VitalsPatch } from "../../../wire/types";
import type { RecordLine } from "./record";

/** What moved the signs, or let them stand, at the moment from which the monitors showed it (the server's clock). */
export type SignChange = { at: number } & ({ patch: VitalsPatch } | { control: "paused" | "resumed" });

/** The signs over time, ready for a chart: `xs` in seconds, ascending, with one value of every sign at each. */
export interface Track {
  xs: number[];
  values: Record<SignName, number[]>;
}

/** In the order of storing, and never back in time: what waits here was made on top of what is stored. */
export function signChangesOf(lines: readonly RecordLine[]): SignChange[] {
  let latest = Number.NEGATIVE_INFINITY;
  return lines.flatMap((line): SignChange[] => {
    const at = (latest = Math.max(latest, line.stored_at));
    if (line.patch !== null) return [{ at, patch: line.patch }];
    return line.control === "paused" || line.control === "resumed" ? [{ at, control: line.control }] : [];
  });
}

/** The whole state from each change on. */
export function statesAfter(changes: readonly SignChange[]): LastValues[] {
  let last = START_VALUES;
  return changes.map((change) => (last = changed(last, change)));
}

/**
 * Replays `changes` (in order) and reads every sign where something happens: on both sides of each change, at
 * the end of each ramp, and at `samples` even steps so that a pointer finds a value everywhere.
 */
export function trackOf(changes: readonly SignChange[], from: number, until: number, samples = 240): Track {
  const states = statesAfter(changes);
  const times = momentsOf(changes, states, from, until, samples);
  const values = Object.fromEntries(SIGN_NAMES.map((name) => [name, [] as number[]])) as Record<SignName, number[]>;
  let last = START_VALUES;
  let next = 0;
  for (const time of times) {
    for (; (changes[next]?.at ?? Number.POSITIVE_INFINITY) <= time; next++) last = states[next] ?? last;
    for (const name of SIGN_NAMES) values[name].push(valueAt(last, name, time));
  }
  return { xs: times.map((time) => time / 1000), values };
}

function changed(last: LastValues, change: SignChange): LastValues {
  if ("patch" in change) return fold(last, change.patch, change.at);
  return change.control === "paused" ? pause(last, change.at) : resume(last, change.at);
}

function momentsOf(
  changes: readonly SignChange[],
  states: readonly LastValues[],
  from: number,
  until: number,
  samples: number,
): number[] {
  const moments = new Set<number>([from, until]);
  const add = (time: number) => {
    if (time > from && time < until) moments.add(time);
  };
  for (const [place, { at }] of changes.entries()) {
    // Just before and at the change: a jump is drawn as a jump, not as a slope.
    add(at - 1);
    add(at);
    const state = states[place];
    if (state === undefined || isPaused(state)) continue;
    for (const { started_at, seconds } of Object.values(state.ramps)) add(Date.parse(started_at) + seconds * 1000);
  }
  for (let step = 1; step < samples; step++) add(Math.round(from + ((until - from) * step) / samples));
  return [...moments].sort((a, b) => a - b);
}
