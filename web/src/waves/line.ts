import { isPaused } from "../patient/ramps";
import { SIGNS } from "../patient/signs";
import type { LastValues, SignName } from "../wire/types";

/**
 * One vital sign as a function of the server's time: the straight line that patient/ramps.ts reads, but not
 * rounded (a wave must not move in steps) and with the texts parsed once, not at every sample.
 */
export interface Line {
  from: number;
  to: number;
  /** Milliseconds of the server's clock; both are minus infinity where nothing moves. */
  start: number;
  end: number;
}

/** While the session is paused nothing moves. A ramp that has ended by `at` is none: it may or may not still be told, and both must draw the same. */
export function lineOf(last: LastValues, name: SignName, at: number): Line {
  const to = finite(last[name], SIGNS[name].start);
  const ramp = last.ramps[name];
  if (ramp !== undefined && isPaused(last)) return standing(finite(ramp.from, to));
  if (ramp !== undefined) {
    const start = Date.parse(ramp.started_at);
    const end = start + ramp.seconds * 1000;
    if (end > at && end > start && ramp.from !== to) return { from: ramp.from, to, start, end };
  }
  return standing(to);
}

function standing(value: number): Line {
  return { from: value, to: value, start: Number.NEGATIVE_INFINITY, end: Number.NEGATIVE_INFINITY };
}

export function valueOn(line: Line, now: number): number {
  if (now >= line.end) return line.to;
  if (now <= line.start) return line.from;
  return line.from + (line.to - line.from) * ((now - line.start) / (line.end - line.start));
}

export function sameLine(a: Line, b: Line): boolean {
  return a.from === b.from && a.to === b.to && a.start === b.start && a.end === b.end;
}

/** A bad number must not blank the screen for ever: NaN would stay in every sum. */
function finite(value: number, otherwise: number): number {
  return Number.isFinite(value) ? Math.max(0, value) : otherwise;
}
