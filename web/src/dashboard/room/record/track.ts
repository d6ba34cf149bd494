import { fold } from "../../../patient/fold";
import { valueAt } from "../../../patient/ramps";
import { SIGN_NAMES, START_VALUES } from "../../../patient/signs";
import type { LastValues, SignName, VitalsPatch } from "../../../wire/types";

/** A push in the record, at its moment (milliseconds of the server's clock). */
export interface Push {
  at: number;
  patch: VitalsPatch;
}

/** The signs over time, ready for a chart: `xs` in seconds, ascending, with one value of every sign at each. */
export interface Track {
  xs: number[];
  values: Record<SignName, number[]>;
}

/**
 * Replays `pushes` (in order) and reads every sign where something happens: on both sides of each push, at
 * the end of each ramp, and at `samples` even steps so that a pointer finds a value everywhere.
 */
export function trackOf(pushes: readonly Push[], from: number, until: number, samples = 240): Track {
  const times = momentsOf(pushes, from, until, samples);
  const values = Object.fromEntries(SIGN_NAMES.map((name) => [name, [] as number[]])) as Record<SignName, number[]>;
  let last = START_VALUES;
  let next = 0;
  for (const time of times) {
    for (let push = pushes[next]; push !== undefined && push.at <= time; push = pushes[++next])
      last = fold(last, push.patch, push.at);
    for (const name of SIGN_NAMES) values[name].push(valueAt(last, name, time));
  }
  return { xs: times.map((time) => time / 1000), values };
}

/** The targets after each push: a row of the table. */
export function targetsAfter(pushes: readonly Push[]): LastValues[] {
  const after: LastValues[] = [];
  let last = START_VALUES;
  for (const push of pushes) {
    last = fold(last, push.patch, push.at);
    after.push(last);
  }
  return after;
}

function momentsOf(pushes: readonly Push[], from: number, until: number, samples: number): number[] {
  const moments = new Set<number>([from, until]);
  const add = (time: number) => {
    if (time > from && time < until) moments.add(time);
  };
  for (const { at, patch } of pushes) {
    // Just before and at the push: a jump is drawn as a jump, not as a slope.
    add(at - 1);
    add(at);
    if (patch.ramp_seconds !== undefined) add(at + patch.ramp_seconds * 1000);
  }
  for (let step = 1; step < samples; step++) add(Math.round(from + ((until - from) * step) / samples));
  return [...moments].sort((a, b) => a - b);
}
