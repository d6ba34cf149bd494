import type { FlagValue, LastValues } from "../wire/types";
import type { KnownFlag } from "./signs";

/** What NEWS2 asks for beside the signs: no monitor measures it, it is recorded by whoever steers. */
export const SCORE_FLAGS = ["consciousness", "oxygen", "spo2_scale_2"] as const satisfies readonly KnownFlag[];
export type ScoreFlag = (typeof SCORE_FLAGS)[number];

/** Alert, confused of late, answers to voice, to pain, not at all. */
export const LEVELS = ["A", "C", "V", "P", "U"] as const;
export type Level = (typeof LEVELS)[number];

export function isScoreFlag(key: string): key is ScoreFlag {
  return (SCORE_FLAGS as readonly string[]).includes(key);
}

/** As the score reads it; null for what it does not know. */
export function levelOf(value: FlagValue | null): Level | null {
  const letter = typeof value === "string" ? value.toUpperCase() : null;
  return LEVELS.find((level) => level === letter) ?? null;
}

/** What is set; null is the same as absent. Off is absent as well, but of oxygen it says something: on room air. */
export function flagOf(values: LastValues, key: string): FlagValue | null {
  const value = values.flags[key];
  return value === undefined || (value === false && key !== "oxygen") ? null : value;
}
