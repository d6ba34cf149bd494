import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { DryRun, Tried } from "../../../patient/dryRun";
import { MOVES_LIMIT, type Trigger } from "../../../patient/moves";
import type { CaseWarning, DryMove, DrySuggestion, TemplateStep } from "../../../wire/types";
import { isOne, lasting, wholeNumber } from "../../fmt";
import { triggerWords } from "../../room/case/transitionWords";
import { actionWords, markerName, stepTitle } from "../../words";

/** What a dry run finds, in whole sentences. */

export function causeWords(because: Trigger, from: string, steps: readonly TemplateStep[]): string {
  const texts = t.value.preview.dry.because;
  if ("after" in because) return fill(texts.after, { step: stepTitle(from, steps), time: lasting(because.after) });
  if ("marker" in because) return often(texts.marker, texts.markers, because.count ?? 1, { marker: markerName(because.marker) });
  if ("action" in because) return often(texts.action, texts.actions, because.count ?? 1, { did: actionWords(because.action, {}) });
  if ("manual" in because) return texts.by_hand;
  return fill(texts.when, { what: triggerWords(because) });
}

export function moveWords({ from, step, because }: DryMove, steps: readonly TemplateStep[]): string {
  const { dry } = t.value.preview;
  const title = step === null ? "" : stepTitle(step, steps);
  if (because === null || from === null) return fill(dry.starts, { step: title });
  const why = causeWords(because, from, steps);
  return step === null ? fill(dry.ends, { why }) : fill(dry.moves, { step: title, why });
}

export function suggestionWords({ step, to, label, because }: DrySuggestion, steps: readonly TemplateStep[]): string {
  const { dry, end } = t.value.preview;
  const button = label ?? (to === null ? end : stepTitle(to, steps));
  return fill(dry.lights, { button, why: causeWords(because, step, steps) });
}

export function warningWords({ code, step }: CaseWarning, steps: readonly TemplateStep[]): string {
  return fill(t.value.preview.dry.warnings[code], { step: stepTitle(step, steps), count: wholeNumber(MOVES_LIMIT) });
}

/** What is tried, as it is chosen from a list. */
export function triedWords({ kind, key }: Pick<Tried, "kind" | "key">): string {
  if (kind === "marker") return markerName(key);
  const own: Record<string, string> = t.value.preview.dry.own;
  return own[key] ?? actionWords(key, {});
}

export interface OutcomeLine {
  at_seconds: number;
  kind: "move" | "suggestion" | "tried";
  words: string;
  /** That it is about; null: the end of the case, and what was tried. */
  step: string | null;
}

/** Everything that happens, in the order of its seconds; what was tried stands before what it brings about. */
export function outcomeLines(run: DryRun, tried: readonly Tried[], steps: readonly TemplateStep[]): OutcomeLine[] {
  const lines: OutcomeLine[] = [
    ...tried
      .filter(({ at_seconds }) => at_seconds <= run.seconds)
      .map((each) => {
        const words = fill(t.value.preview.dry.tried, { what: triedWords(each) });
        return { at_seconds: each.at_seconds, kind: "tried" as const, words, step: null };
      }),
    ...run.moves.map((move) => {
      return { at_seconds: move.at_seconds, kind: "move" as const, words: moveWords(move, steps), step: move.step };
    }),
    ...run.suggestions.map((each) => {
      return { at_seconds: each.at_seconds, kind: "suggestion" as const, words: suggestionWords(each, steps), step: each.step };
    }),
  ];
  // Sorting keeps the order of what comes at the same second; but nothing is tried before the case has started.
  const rank = ({ at_seconds, kind }: OutcomeLine) => (kind === "move" && at_seconds === 0 ? -1 : at_seconds);
  return lines.sort((one, other) => rank(one) - rank(other));
}

function often(once: string, more: string, count: number, values: Record<string, string>): string {
  return isOne(count) ? fill(once, values) : fill(more, { ...values, count: wholeNumber(count) });
}
