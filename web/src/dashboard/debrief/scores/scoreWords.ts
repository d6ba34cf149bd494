import { fill, language } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { writeShort } from "../../../i18n/numbers";
import type { ItemScore, ScoreSheet } from "../../../wire/beside";

export function percentWords(percent: number | null): string {
  const texts = t.value.marks.scores;
  return percent === null ? texts.no_percent : fill(texts.percent, { percent: writeShort(percent, 1, language.value) });
}

export function scoreWords({ score }: Pick<ItemScore, "score">): string {
  return score === "na" ? t.value.marks.scores.na : String(score);
}

/** Of a case that names none of its own. */
const USUAL_PERCENT = 70;

/** From when on a sheet passes: `pass_percent` of the case. */
export function passRuleWords(pass_percent: number | null | undefined): string {
  return fill(t.value.marks.scores.rule, { percent: pass_percent ?? USUAL_PERCENT });
}

/** The percentage, and in quiet words what the case's rule says of it. */
export function resultWords({ percent, is_passed }: Pick<ScoreSheet, "percent" | "is_passed">): string {
  const texts = t.value.marks.scores;
  if (is_passed === null) return percentWords(percent);
  return `${percentWords(percent)}, ${is_passed ? texts.passed : texts.not_passed}`;
}
