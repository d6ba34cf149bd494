import { isSame } from "../../device/sync/edit";
import type { Template } from "../../wire/types";
import type { CaseDraft } from "./draft";

/** The languages in which one case can stand twice. */
export const CASE_LANGUAGES = ["en", "fr"] as const;
export type CaseLanguage = (typeof CASE_LANGUAGES)[number];

// The bits that say that an id is a random UUID stay as they are.
const BETWEEN = [0x5a17c3e9, 0x0f42_0b6d, 0x1c35_a8e1, 0x7d90_24f3] as const;

/**
 * The id of the same case in the other language. It follows from the id itself, and back again: who writes the French
 * version on two devices writes one case, and each version knows the other without a field for it.
 */
export function twinId(id: string): string {
  const digits = id.replaceAll("-", "");
  const words = BETWEEN.map(
    (mask, place) => (Number.parseInt(digits.slice(place * 8, place * 8 + 8), 16) ^ mask) >>> 0,
  );
  const all = words.map((word) => word.toString(16).padStart(8, "0")).join("");
  return [all.slice(0, 8), all.slice(8, 12), all.slice(12, 16), all.slice(16, 20), all.slice(20)].join("-");
}

export function isPaired(language: string | null): language is CaseLanguage {
  return CASE_LANGUAGES.some((one) => one === language);
}

export function otherLanguage(language: CaseLanguage): CaseLanguage {
  return language === "en" ? "fr" : "en";
}

/** The same case in the other language: under its twin id, or, of cases that were supplied, with the same keys of steps. */
export function twinOf(
  id: string,
  draft: Pick<CaseDraft, "language" | "steps">,
  all: readonly Template[],
): Template | null {
  const twin = all.find((one) => one.id === twinId(id));
  if (twin !== undefined) return twin;
  const keys = ownKeys(draft);
  if (!isPaired(draft.language) || keys === null) return null;
  const language = otherLanguage(draft.language);
  return all.find((one) => one.language === language && one.id !== id && ownKeys(one) === keys) ?? null;
}

/** Null where they are but counted, and say nothing of the case. */
function ownKeys({ steps }: Pick<CaseDraft, "steps">): string | null {
  const keys = steps.map(({ key }) => key);
  return keys.some((key) => !/^step_\d+$/.test(key)) ? keys.join(" ") : null;
}

/** What a copy in the other language begins with: everything, to be said in other words. */
export function inLanguage(draft: CaseDraft, language: CaseLanguage): CaseDraft {
  return { ...structuredClone(draft), language };
}

/** Where two versions of a case differ in more than their words: the parts that differ. */
export function unlike(one: CaseDraft, other: CaseDraft): ("start" | "steps" | "checklist" | "targets" | "limits")[] {
  const bones = {
    start: ({ vitals, rhythm, flags }: CaseDraft) => [vitals, rhythm, flags],
    steps: ({ steps }: CaseDraft) =>
      steps.map((step) => ({
        ...step,
        title: "",
        note: null,
        transitions: step.transitions.map((way) => ({ ...way, label: null })),
      })),
    checklist: ({ checklist, pass_percent }: CaseDraft) => [
      pass_percent,
      ...checklist.map((item) => ({ ...item, text: "" })),
    ],
    targets: ({ targets }: CaseDraft) => targets,
    limits: ({ limits }: CaseDraft) => limits,
  };
  return (Object.keys(bones) as (keyof typeof bones)[]).filter((part) => !isSame(bones[part](one), bones[part](other)));
}
