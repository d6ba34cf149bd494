import type { Progress, Way } from "../../../patient/moves";
import type { TemplateStep } from "../../../wire/types";

/** A step that was played: it stands in the record, or waits on its way there. */
export interface PlayedStep {
  step: string;
  at: number;
  isConfirmed: boolean;
}

/**
 * Of every step when it was last played. The record says so, by the step's key, not this tab: a reload, a second
 * device, a rule of the case and `shiller demo` agree.
 */
export function lastPlayed(steps: readonly TemplateStep[], played: readonly PlayedStep[]): (PlayedStep | null)[] {
  return steps.map(({ key }) => played.findLast((one) => one.step === key) ?? null);
}

/** The one after the last that was played; null when the case is through. */
export function nextStep(played: readonly (PlayedStep | null)[]): number | null {
  const next = played.findLastIndex((one) => one !== null) + 1;
  return next < played.length ? next : null;
}

/**
 * Of a case that goes its own ways: the step to which the first of them leads, wherever that stands in the list. Of
 * any other, and of one whose step has no way out, the one after the last that was played. Null when it is through.
 */
export function nextOnItsWay(
  steps: readonly TemplateStep[],
  played: readonly (PlayedStep | null)[],
  { progress, ways }: { progress: Pick<Progress, "step" | "enteredAt"> | null; ways: readonly Way[] },
): number | null {
  const hasEnded = progress !== null && progress.step === null && progress.enteredAt > 0;
  if (hasEnded) return null;
  if (ways.length === 0) return nextStep(played);
  const to = ways.find(({ transition }) => transition.to !== null)?.transition.to;
  const place = steps.findIndex(({ key }) => key === to);
  return place === -1 ? null : place;
}

/** The places of the steps that were sent before the last one of the case that was. */
export function sentBefore(played: readonly (PlayedStep | null)[]): number[] {
  const last = played.findLastIndex((one) => one !== null);
  return played.flatMap((one, place) => (one !== null && place < last ? [place] : []));
}
