import { fill } from "../i18n";
import { trainerTexts as t } from "../i18n/trainers";
import { LEVELS, levelOf, type ScoreFlag } from "../patient/score";
import type { FlagValue } from "../wire/types";

/** One of the values that such a flag has here; null takes it away. */
export interface FlagChoice<Value = FlagValue | null> {
  value: Value;
  text: string;
}

/** Those that have more than on and off. */
export type PickedFlag = Exclude<ScoreFlag, "spo2_scale_2">;

export function isPickedFlag(key: string): key is PickedFlag {
  return key === "consciousness" || key === "oxygen";
}

/** `current` is offered too where somebody has written what nobody chooses here: "15 L mask". */
export function scoreChoices(flag: ScoreFlag, current: FlagValue | null): FlagChoice[] {
  return withOwn(VALUES[flag], current).map((value) => ({ value, text: scoreText(flag, value) }));
}

/** What a case may wait for. True and false ask whether something is set that is not off; a text, for just this. */
export function scoreConditions(flag: PickedFlag, current: FlagValue): FlagChoice<FlagValue>[] {
  const values = flag === "consciousness" ? [...LEVELS, true, false] : [true, false];
  return withOwn(values, current).map((value) => ({ value, text: scoreConditionText(flag, value) }));
}

export function scoreConditionText(flag: PickedFlag, is: FlagValue): string {
  const texts = t.value.dashboard.flags;
  if (flag === "consciousness" && is === true) return texts.recorded;
  return flag === "oxygen" && is === false ? texts.oxygen_no : scoreText(flag, is === false ? null : is);
}

/** "Responds to voice", "On room air": of which flag is said beside it. */
export function scoreText(flag: ScoreFlag, value: FlagValue | null): string {
  const texts = t.value.dashboard.flags;
  switch (flag) {
    case "consciousness": {
      const level = levelOf(value);
      return level === null ? noLevel(value) : texts.levels[level];
    }
    case "oxygen":
      if (typeof value === "string" && value !== "") return fill(texts.oxygen_by, { how: value });
      return value === null ? texts.not_recorded : value ? texts.oxygen_on : texts.oxygen_air;
    case "spo2_scale_2":
      return value === null || value === false ? texts.scale_1 : texts.scale_2;
  }
}

const VALUES: Record<ScoreFlag, readonly (FlagValue | null)[]> = {
  consciousness: [null, ...LEVELS],
  oxygen: [null, false, true],
  spo2_scale_2: [null, true],
};

function withOwn<Value extends FlagValue | null>(values: readonly Value[], current: Value): Value[] {
  return current === null || values.includes(current) ? [...values] : [...values, current];
}

/** What the score does not know counts as nothing recorded. */
function noLevel(value: FlagValue | null): string {
  const { not_recorded } = t.value.dashboard.flags;
  return typeof value === "string" ? `${not_recorded} (${value})` : not_recorded;
}
