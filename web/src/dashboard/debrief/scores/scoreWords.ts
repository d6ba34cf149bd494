import { fill, language, t } from "../../../i18n";
import { writeShort } from "../../../i18n/numbers";
import type { ItemScore, ScoreSheet } from "../../../wire/beside";

export function percentWords(percent: number | null): string {
  const texts = t.value.marks.scores;
  return percent === null ? texts.no_percent : fill(texts.percent, { percent: writeShort(percent, 1, language.value) });
}

export function scoreWords({ score }: Pick<ItemScore, "score">): string {
  return score === "na" ? t.value.marks.scores.na : String(score);
}

/** The percentage, and in quiet words what the case's rule says of it. */
export function resultWords({ percent, is_passed }: Pick<ScoreSheet, "percent" | "is_passed">): string {
  const texts = t.value.marks.scores;
  if (is_passed === null) return percentWords(percent);
  return `${percentWords(percent)}, ${is_passed ? texts.passed : texts.not_passed}`;
}
