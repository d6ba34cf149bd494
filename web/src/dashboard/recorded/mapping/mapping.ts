import type { SignName } from "../../../wire/types";
import type { TimeKind } from "../file/moments";

/** Which column is what. */
export interface Mapping {
  time: TimeColumn;
  signs: Partial<Record<SignName, SignColumn>>;
  /** The pressures are readings of a cuff: each holds until the next. */
  isCuff: boolean;
}

export interface TimeColumn {
  /** Null of `rows`. */
  column: number | null;
  kind: TimeKind;
  /** Of `rows`: seconds from one to the next. */
  interval: number;
}

export interface SignColumn {
  column: number;
  unit: ReadUnit;
}

/** What the numbers of a column are; `own` is the sign's own unit. */
export const READ_UNITS = ["own", "kPa", "°F", "fraction"] as const;
export type ReadUnit = (typeof READ_UNITS)[number];

/** What a column of that sign may be written in. */
export function unitsOf(sign: SignName): readonly ReadUnit[] {
  if (sign === "temperature") return ["own", "°F"];
  if (sign === "spo2") return ["own", "fraction"];
  return sign === "systolic" || sign === "diastolic" || sign === "etco2" ? ["own", "kPa"] : ["own"];
}

const MMHG_IN_KPA = 7.500_62;

export function inOwnUnitOf(value: number, unit: ReadUnit): number {
  switch (unit) {
    case "own":
      return value;
    case "kPa":
      return value * MMHG_IN_KPA;
    case "°F":
      return ((value - 32) * 5) / 9;
    case "fraction":
      return value * 100;
  }
}
