import { ADULT_LIMITS, SIGN_NAMES } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";
import type { TemplateContent } from "../../../device/sync/edit";
import type { Work } from "../slices";
import { cleaned } from "./cleaning";
import { GRID_SECONDS, courseGrid, SECTION_SECONDS_LIMIT, type CourseGrid } from "./grid";
import { played, type PlayedSign } from "./played";
import { recordedCase, type RecordedCase } from "./pushes";
import type { ReadCourse, Series } from "./series";

/** A case that was made of a recording, and what became of the recording on the way. */
export interface Made {
  itsCase: RecordedCase;
  grid: CourseGrid;
  signs: readonly PlayedSign[];
  /** What of the section is not shown, by why. */
  leftOut: { outOfRange: number; jumps: number; crossed: number };
  /** Moments with a value of some sign, and those that were kept: a step begins, or the course ends. */
  points: number;
  kept: number;
  seconds: number;
  /** Seconds of the recording at which it begins. */
  from: number;
}

/** Seconds of the recording that become the case. */
export type Section = readonly [from: number, to: number];

/** As much of it as a case may hold. */
export function wholeSection({ seconds }: ReadCourse): Section {
  return [0, Math.min(seconds, SECTION_SECONDS_LIMIT)];
}

/** Null: nothing of what was mapped was measured there. */
export function* madeOf(read: ReadCourse, section: Section, isCuff: boolean): Work<Made | null> {
  const leftOut = { outOfRange: 0, jumps: 0, crossed: 0 };
  const series: Partial<Record<SignName, Series>> = {};
  for (const name of SIGN_NAMES) {
    const one = read.series[name];
    if (one === undefined) continue;
    const isHeld = isCuff && (name === "systolic" || name === "diastolic");
    const { kept, outOfRange, jumps } = yield* cleaned(name, within(one, section), isHeld);
    series[name] = kept;
    leftOut.outOfRange += outOfRange;
    leftOut.jumps += jumps;
  }
  const grid = yield* courseGrid(series, section, isCuff);
  if (grid.signs.length === 0) return null;
  leftOut.crossed = grid.crossed;
  const itsCase = yield* recordedCase(grid);
  const signs = yield* played(grid, itsCase);
  yield;
  let points = 0;
  for (let cell = 0; cell < grid.cells; cell += 1)
    if (grid.signs.some(({ measured }) => !Number.isNaN(measured[cell]!))) points += 1;
  const moments = new Set(itsCase.steps.map(({ at_seconds }) => Math.floor(at_seconds! / GRID_SECONDS)));
  const kept = Math.min(points, moments.add(grid.cells - 1).size);
  return { itsCase, grid, signs, leftOut, points, kept, seconds: (grid.cells - 1) * GRID_SECONDS, from: section[0] };
}

function within({ at, values }: Series, [from, to]: Section): Series {
  const [begin, end] = [firstAtLeast(at, from), firstAtLeast(at, to + GRID_SECONDS / 2)];
  return { at: at.subarray(begin, end), values: values.subarray(begin, end) };
}

function firstAtLeast(at: Float64Array, moment: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at[middle]! < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A session should outlast what is played in it, and leave time to talk. */
const AFTERWARDS_MINUTES = 30;
const SHORTEST_MINUTES = 60;

/** Everything of a new case. Nothing of the file goes into it but the course itself. */
export function contentOfMade(made: Made, said: Pick<TemplateContent, "title" | "description" | "language">): TemplateContent {
  const { start, steps } = made.itsCase;
  return {
    ...said,
    public_title: "",
    duration_minutes: Math.max(SHORTEST_MINUTES, Math.ceil(made.seconds / 60) + AFTERWARDS_MINUTES),
    vitals: start.vitals,
    rhythm: null,
    flags: start.flags,
    steps,
    checklist: [],
    pass_percent: null,
    targets: [],
    limits: ADULT_LIMITS,
  };
}
