import { isEmptyPatch, patchOfStep } from "../../../patient/patches";
import type { TemplateStep, VitalsPatch } from "../../../wire/types";

/** A push or a note as it stands in the record or still waits: what steps are recognised by. */
export interface Done {
  id: string;
  at: number;
  patch: VitalsPatch | null;
  text: string | null;
  isConfirmed: boolean;
}

/**
 * Which steps have been sent, and by which push. The record says it, not this tab: a reload, a second
 * device and `shiller demo` agree. A push belongs to the first step of the same content that none has taken.
 */
export function sentSteps(steps: readonly TemplateStep[], done: readonly Done[]): (Done | null)[] {
  const taken = new Set<string>();
  return steps.map((step) => {
    const patch = patchOfStep(step);
    const found = done.find(
      (one) =>
        !taken.has(one.id) &&
        (isEmptyPatch(patch)
          ? one.text !== null && one.text === noteOf(step)
          : one.patch !== null && isSame(patch, one.patch)),
    );
    if (found === undefined) return null;
    taken.add(found.id);
    return found;
  });
}

/** A step without any change is a cue: sending it writes it into the record. */
export function noteOf(step: TemplateStep): string {
  return step.note ?? step.title;
}

/** The one after the last that was sent; null when the case is through. */
export function nextStep(sent: readonly (Done | null)[]): number | null {
  const next = sent.findLastIndex((one) => one !== null) + 1;
  return next < sent.length ? next : null;
}

/** The same change, however fast: `shiller demo --speed` shortens the ramps. */
function isSame(one: VitalsPatch, other: VitalsPatch): boolean {
  return (
    sameEntries(one.vitals, other.vitals) &&
    sameEntries(one.flags, other.flags) &&
    (one.rhythm ?? null) === (other.rhythm ?? null)
  );
}

function sameEntries(one: object = {}, other: object = {}): boolean {
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => (one as Record<string, unknown>)[key] === (other as Record<string, unknown>)[key]);
}
