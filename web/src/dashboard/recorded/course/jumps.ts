import type { KnownFlag } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";
import { GRID_SECONDS, type CourseGrid, type SignGrid } from "./grid";
import { TOLERANCES } from "./tolerances";

/** What changes at one moment, and not along a ramp: a reading of the cuff, a sensor that goes off or comes back. */
export interface Jump {
  cell: number;
  vitals: Partial<Record<SignName, number>>;
  flags: Partial<Record<KnownFlag, boolean | null>>;
}

export interface Jumps {
  /** At the first moment: how the case begins. */
  start: Jump;
  rest: Jump[];
  /** There were more of them than a case has room for: small changes and short gaps are left out. */
  isCut: boolean;
}

/** The sensor whose absence hides the sign. Breaths are counted by either of two. */
export const SENSORS: Partial<Record<SignName, KnownFlag>> = {
  heart_rate: "ecg_off",
  systolic: "nibp_off",
  spo2: "spo2_off",
  etco2: "co2_off",
  temperature: "temp_off",
};

export function jumpsOf(grid: CourseGrid, most: number): Jumps {
  for (let coarseness = 1; ; coarseness *= 1.5) {
    const jumps = jumpsWith(grid, coarseness);
    if (jumps.length - 1 <= most) return { start: jumps[0]!, rest: jumps.slice(1), isCut: coarseness > 1 };
  }
}

function jumpsWith(grid: CourseGrid, coarseness: number): Jump[] {
  const byCell = new Map<number, Jump>();
  const at = (cell: number): Jump => {
    const known = byCell.get(cell) ?? { cell, vitals: {}, flags: {} };
    byCell.set(cell, known);
    return known;
  };
  at(0);
  for (const cell of readings(grid.signs.filter(({ isHeld }) => isHeld), grid.cells, coarseness))
    for (const { name, filled, isHeld } of grid.signs) if (isHeld) at(cell).vitals[name] = filled[cell]!;
  for (const sign of grid.signs) {
    const flag = SENSORS[sign.name];
    if (flag === undefined || sign.isHeld) continue;
    for (const [from, to] of gapsOf(sign, grid.cells, coarseness)) {
      at(from).flags[flag] = true;
      if (to < grid.cells) at(to).flags[flag] = null;
    }
  }
  for (const flag of neverMeasured(grid)) at(0).flags[flag] = true;
  return [...byCell.values()].sort((one, other) => one.cell - other.cell);
}

/** Moments at which a held sign is another than the one that was kept last. Both pressures of a cuff come together. */
function readings(held: readonly SignGrid[], cells: number, coarseness: number): number[] {
  if (held.length === 0) return [];
  const kept = [0];
  for (let cell = 1; cell < cells; cell += 1) {
    const before = kept.at(-1)!;
    const isOther = held.some(({ name, filled }) => Math.abs(filled[cell]! - filled[before]!) > TOLERANCES[name] * coarseness);
    if (isOther) kept.push(cell);
  }
  return kept;
}

/** From the moment after the last value to the next value. */
function gapsOf({ measured, gap }: SignGrid, cells: number, coarseness: number): [number, number][] {
  const longest = (gap * coarseness) / GRID_SECONDS;
  const gaps: [number, number][] = [];
  let before = -1;
  for (let cell = 0; cell <= cells; cell += 1) {
    if (cell < cells && Number.isNaN(measured[cell]!)) continue;
    if (cell - before > longest && before + 1 < cells) gaps.push([before + 1, cell]);
    before = cell;
  }
  return gaps;
}

/** A patient who was not measured so is not shown so. */
function neverMeasured({ signs }: CourseGrid): KnownFlag[] {
  const has = (name: SignName) => signs.some((sign) => sign.name === name);
  const lacking = (Object.keys(SENSORS) as SignName[]).filter((name) => !has(name));
  const isPressed = has("systolic") || has("diastolic");
  return lacking.filter((name) => name !== "systolic" || !isPressed).map((name) => SENSORS[name]!);
}
