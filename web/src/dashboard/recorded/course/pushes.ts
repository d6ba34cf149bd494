import { BOUNDS } from "../../../generated/catalogue";
import { START_VALUES } from "../../../patient/signs";
import type { Signs, TemplateStep } from "../../../wire/types";
import { counting } from "../../fmt";
import type { Work } from "../slices";
import { GRID_SECONDS, type CourseGrid, type SignGrid } from "./grid";
import { jumpsOf, type Jump } from "./jumps";
import { longestPiece, thinned } from "./thinning";

/** A course as a case has it: how it begins, and steps that follow each other by themselves. */
export interface RecordedCase {
  start: { vitals: Partial<Signs>; flags: Record<string, true> };
  steps: TemplateStep[];
  /** A case may hold only so many steps: the course was thinned further than its tolerances. */
  isCut: boolean;
}

interface Push {
  at: number;
  ramp: number;
  vitals: Partial<Signs>;
  flags: Jump["flags"];
}

/** So many steps at most go to readings of a cuff and to sensors, where other signs need steps, too. */
const JUMPS_LIMIT = 40;
/** The case begins with a step, whatever happens first. */
const FIRST = 1;

export function* recordedCase(grid: CourseGrid): Work<RecordedCase> {
  const moving = grid.signs.filter(({ isHeld }) => !isHeld);
  const room = BOUNDS.steps - FIRST;
  const jumps = jumpsOf(grid, moving.length === 0 ? room : JUMPS_LIMIT);
  yield;
  const longest = longestPiece(BOUNDS.ramp_seconds);
  const { knots, isCut } = yield* thinned(moving, grid.cells, longest, room - jumps.rest.length);
  const start = startOf(grid, jumps.start);
  const pushes = inTurn([...jumps.rest.map(jumpPush), ...rampPushes(moving, knots)]);
  if (pushes[0]?.at !== 0) pushes.unshift({ at: 0, ramp: 0, vitals: start.vitals, flags: {} });
  return { start, steps: pushes.map((push, place) => stepOf(push, place, pushes[place + 1] ?? null)), isCut: isCut || jumps.isCut };
}

function startOf({ signs }: CourseGrid, { flags }: Jump): RecordedCase["start"] {
  const vitals: Partial<Signs> = Object.fromEntries(signs.map(({ name, filled }) => [name, filled[0]!]));
  const systolic = signs.find(({ name }) => name === "systolic");
  const diastolic = signs.find(({ name }) => name === "diastolic");
  // Of a pressure without the other one, the other keeps out of its way.
  if (systolic !== undefined && diastolic === undefined)
    vitals.diastolic = Math.min(START_VALUES.diastolic, systolic.filled.reduce((one, other) => Math.min(one, other)));
  if (diastolic !== undefined && systolic === undefined)
    vitals.systolic = Math.max(START_VALUES.systolic, diastolic.filled.reduce((one, other) => Math.max(one, other)));
  const off = Object.entries(flags).filter(([, isOff]) => isOff === true);
  return { vitals, flags: Object.fromEntries(off.map(([flag]) => [flag, true as const])) };
}

function jumpPush({ cell, vitals, flags }: Jump): Push {
  return { at: cell * GRID_SECONDS, ramp: 0, vitals, flags };
}

/** From each moment that is kept to the next; a sign that stays where it is is not named. */
function rampPushes(signs: readonly SignGrid[], knots: readonly number[]): Push[] {
  return knots.slice(0, -1).flatMap((from, place) => {
    const to = knots[place + 1]!;
    const moved = signs.filter(({ filled }) => filled[from] !== filled[to]);
    if (moved.length === 0) return [];
    const vitals = Object.fromEntries(moved.map(({ name, filled }) => [name, filled[to]!]));
    return [{ at: from * GRID_SECONDS, ramp: (to - from) * GRID_SECONDS, vitals, flags: {} }];
  });
}

/** A case stays in a step for a second at least: what comes at the same moment comes one after the other. */
function inTurn(pushes: readonly Push[]): Push[] {
  const ordered = [...pushes].sort((one, other) => one.at - other.at || one.ramp - other.ramp);
  return ordered.map((push, place) =>
    ordered[place - 1]?.at === push.at ? { ...push, at: push.at + 1, ramp: Math.max(0, push.ramp - 1) } : push,
  );
}

function stepOf({ at, ramp, vitals, flags }: Push, place: number, next: Push | null): TemplateStep {
  const on = next === null ? null : { after: next.at - at };
  return {
    key: keyAt(place),
    title: counting(at),
    at_seconds: at,
    ramp_seconds: ramp,
    vitals,
    rhythm: null,
    flags,
    note: null,
    transitions: on === null ? [] : [{ to: keyAt(place + 1), label: null, automatic: true, on }],
  };
}

function keyAt(place: number): string {
  return `step_${place + 1}`;
}
