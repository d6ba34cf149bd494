import { patchOfEvent } from "../../patient/patches";
import type { Case, Limits, SessionEvent, VitalsPatch } from "../../wire/types";
import type { CaseDraft } from "./draft";
import { blankCase, blankStep, freshKey, stepKeys, type DraftStep } from "./parts";
import { BOUNDS } from "../../generated/catalogue";

/** What a session tells about the case that is to be made of it. */
export interface Lived {
  title: string;
  public_title: string;
  limits: Limits;
  created_at: string;
  itsCase: Case | null;
  events: readonly SessionEvent[];
}

/** Pushes so close to each other are one step; milliseconds. */
const TOGETHER = 5000;

/**
 * The case that a session was: its own steps as they were prepared, and what the trainer pushed besides them as steps at
 * their places, in the words of `named` and at the second at which they came. The team's compressions are no step.
 */
export function caseOfSession(lived: Lived, language: string, named: (patch: VitalsPatch) => string): CaseDraft {
  const { itsCase, events } = lived;
  const blank = blankCase(language);
  const draft: CaseDraft = {
    ...blank,
    title: lived.title,
    public_title: lived.public_title,
    description: itsCase?.description ?? "",
    limits: structuredClone(lived.limits),
    steps: structuredClone(itsCase?.steps ?? []),
    checklist: structuredClone(itsCase?.checklist ?? []),
    pass_percent: itsCase?.pass_percent ?? null,
    targets: structuredClone(itsCase?.targets ?? []),
  };
  const began = Date.parse(lived.created_at);
  let current: DraftStep | null = null;
  let opened: { step: DraftStep; at: number } | null = null;
  for (const event of events) {
    if (event.kind !== "vitals") continue;
    const prepared: DraftStep | undefined = draft.steps.find(({ key }) => key === event.step);
    const at = Date.parse(event.created_at);
    if (prepared !== undefined) {
      [current, opened] = [prepared, null];
      continue;
    }
    const patch = withoutCompressions(patchOfEvent(event));
    if (isNothing(patch)) continue;
    if (isOpening(event, lived.created_at)) {
      Object.assign(draft, startAfter(blank, patch));
    } else if (current === null && draft.steps.length > 0 && itsCase !== null) {
      // Before the first step of its case: it was another patient from the start, and the first step stays the first.
      Object.assign(draft, startAfter(draft, patch));
    } else if (opened !== null && at - opened.at <= TOGETHER) {
      merge(opened.step, patch, named);
    } else if (draft.steps.length < BOUNDS.steps) {
      const step = {
        ...blankStep(freshKey("step", stepKeys(draft))),
        at_seconds: Math.max(0, Math.round((at - began) / 1000)),
      };
      merge(step, patch, named);
      draft.steps.splice(current === null ? 0 : draft.steps.indexOf(current) + 1, 0, step);
      [current, opened] = [step, { step, at }];
    }
  }
  return draft;
}

function startAfter(
  { vitals, rhythm, flags }: CaseDraft,
  patch: VitalsPatch,
): Pick<CaseDraft, "vitals" | "rhythm" | "flags"> {
  return {
    vitals: { ...vitals, ...patch.vitals },
    rhythm: patch.rhythm ?? rhythm,
    flags: { ...flags, ...patch.flags },
  };
}

/** The first event of a session that begins with a template's values is the patient as it opened. */
function isOpening(event: SessionEvent, created_at: string): boolean {
  return event.seq === 1 && event.created_at === created_at;
}

function merge(step: DraftStep, patch: VitalsPatch, named: (patch: VitalsPatch) => string): void {
  step.vitals = { ...step.vitals, ...patch.vitals };
  step.rhythm = patch.rhythm ?? step.rhythm;
  step.flags = { ...step.flags, ...patch.flags };
  step.ramp_seconds = Math.max(step.ramp_seconds, patch.ramp_seconds ?? 0);
  const { vitals, rhythm, flags } = step;
  const words = named({ vitals, flags, ...(rhythm === null ? {} : { rhythm }) });
  step.title = [...words].slice(0, BOUNDS.title_characters).join("");
}

function withoutCompressions(patch: VitalsPatch): VitalsPatch {
  const { cpr: _, ...flags } = patch.flags ?? {};
  return { ...patch, flags };
}

function isNothing({ vitals = {}, rhythm, flags = {} }: VitalsPatch): boolean {
  return Object.keys(vitals).length === 0 && rhythm === undefined && Object.keys(flags).length === 0;
}
