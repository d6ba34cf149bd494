import { isOn } from "../../../patient/circulation";
import { fold } from "../../../patient/fold";
import { valueAt } from "../../../patient/ramps";
import { START_VALUES } from "../../../patient/signs";
import type { LastValues, SignName } from "../../../wire/types";
import type { Work } from "../slices";
import { GRID_SECONDS, type CourseGrid } from "./grid";
import { SENSORS } from "./jumps";
import type { RecordedCase } from "./pushes";

/** What a monitor shows while the case runs, beside what was measured. */
export interface PlayedSign {
  name: SignName;
  /** At each moment of the grid; NaN while its sensor is off. */
  shown: Float64Array;
  /** Of the moments with a value. */
  deviation: number;
  points: number;
  /** Of those points, the ones that the case goes through by name. */
  kept: number;
}

/** By the same rules as a session: what is told of a deviation is what a trainee sees. */
export function* played(grid: CourseGrid, { start, steps }: RecordedCase): Work<PlayedSign[]> {
  const shown = grid.signs.map(() => new Float64Array(grid.cells));
  let last: LastValues = fold(START_VALUES, start, 0);
  let next = 0;
  for (let cell = 0; cell < grid.cells; cell += 1) {
    const now = cell * GRID_SECONDS * 1000;
    for (; next < steps.length && steps[next]!.at_seconds! * 1000 <= now; next += 1) {
      const { vitals, flags, ramp_seconds, at_seconds } = steps[next]!;
      last = fold(last, { vitals, flags, ramp_seconds }, at_seconds! * 1000);
    }
    for (const [place, { name }] of grid.signs.entries()) {
      const sensor = SENSORS[name];
      shown[place]![cell] = sensor !== undefined && isOn(last, sensor) ? Number.NaN : valueAt(last, name, now);
    }
    if (cell % 20 === 0) yield;
  }
  return grid.signs.map(({ name, measured, points }, place) => {
    const kept = 1 + steps.filter(({ vitals }) => name in vitals).length;
    return { name, shown: shown[place]!, deviation: furthest(measured, shown[place]!), points, kept: Math.min(points, kept) };
  });
}

/** What was not measured is no number, and is not compared. */
function furthest(measured: Float64Array, shown: Float64Array): number {
  let most = 0;
  for (const [cell, value] of measured.entries()) {
    const off = Math.abs(shown[cell]! - value);
    if (off > most) most = off;
  }
  return Math.round(most * 10) / 10;
}
