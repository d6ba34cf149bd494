import type { LimitName, Limits, LimitsSince } from "../../wire/types";
import type { Span } from "./replay/replay";

/** Alarm limits one after the other, each from its moment on (ms); the first ones hold before it, too. Never empty. */
export type LimitsCourse = readonly { at: number; limits: Limits }[];

/** A limit from one moment to another, in ms. */
export interface LimitStretch extends Span {
  low: number | null;
  high: number | null;
}

/** Where nothing is told of when they changed (an earlier server), the `present` ones held all the time. */
export function limitsCourse(told: readonly LimitsSince[] | undefined, present: Limits): LimitsCourse {
  if (told === undefined || told.length === 0) return [{ at: Number.NEGATIVE_INFINITY, limits: present }];
  return told.map(({ at, limits }, place) => ({ at: place === 0 ? Number.NEGATIVE_INFINITY : Date.parse(at), limits }));
}

/** How many of them had come by `at`. */
export function limitsPlaceAt(course: LimitsCourse, at: number): number {
  return course.findLastIndex((one) => one.at <= at) + 1;
}

export function limitsAt(course: LimitsCourse, at: number): Limits {
  return (course[limitsPlaceAt(course, at) - 1] as LimitsCourse[number]).limits;
}

/** Those of one quantity, as far as they are in view; alike ones that follow each other are one. */
export function limitStretches(course: LimitsCourse, name: LimitName, view: Span): LimitStretch[] {
  const stretches: LimitStretch[] = [];
  course.forEach(({ at, limits }, place) => {
    const from = Math.max(view.from, at);
    const until = Math.min(view.until, course[place + 1]?.at ?? view.until);
    if (until <= from) return;
    const { low, high } = limits[name];
    const before = stretches.at(-1);
    if (before?.low === low && before.high === high) before.until = until;
    else stretches.push({ low, high, from, until });
  });
  return stretches;
}
