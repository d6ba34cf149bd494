import { ADULT_LIMITS } from "../../patient/signs";
import type { CaseDraft } from "./draft";

export type DraftStep = CaseDraft["steps"][number];
export type DraftItem = CaseDraft["checklist"][number];
export type DraftTarget = CaseDraft["targets"][number];

/** What a case begins with: the patient as every session has them, and nothing else. */
export function blankCase(language: string): CaseDraft {
  return {
    title: "",
    public_title: "",
    description: "",
    language,
    duration_minutes: null,
    vitals: {},
    rhythm: null,
    flags: {},
    steps: [],
    limits: structuredClone(ADULT_LIMITS),
    checklist: [],
    pass_percent: null,
    targets: [],
  };
}

export function blankStep(key: string): DraftStep {
  return {
    key,
    title: "",
    at_seconds: null,
    ramp_seconds: 0,
    vitals: {},
    rhythm: null,
    flags: {},
    note: null,
    transitions: [],
  };
}

export function blankItem(key: string): DraftItem {
  return { key, text: "", critical: false, marker: null, target_seconds: null, from: null };
}

const USED = /^[a-z][a-z0-9_]*$/;

/**
 * A key that nothing has: one more than the highest of its kind. It stays when a title is changed or the step is moved,
 * and is not given again while anything still names it.
 */
export function freshKey(stem: "step" | "item", used: Iterable<string>): string {
  let highest = 0;
  for (const key of used) {
    const number = USED.test(key) && key.startsWith(`${stem}_`) ? Number(key.slice(stem.length + 1)) : 0;
    if (Number.isSafeInteger(number)) highest = Math.max(highest, number);
  }
  return `${stem}_${highest + 1}`;
}

/** Those of the steps, and those that a transition still names though their step is gone. */
export function stepKeys(draft: Pick<CaseDraft, "steps">): string[] {
  return draft.steps.flatMap(({ key, transitions }) => [key, ...transitions.flatMap(({ to }) => to ?? [])]);
}
