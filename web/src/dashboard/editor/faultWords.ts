import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { CaseDraft } from "./draft";
import type { Fault } from "./faults";

/** What is wrong, as it stands at the field. */
export function faultWords({ code, values = {}, steps = [] }: Fault, draft: CaseDraft): string {
  const named = steps.map((key) => titleOfStep(draft, key)).join(", ");
  return fill(t.value.editor.faults[code], { ...values, steps: named });
}

/** By its title, or its number while it has none; a key that no step has says nothing to a person. */
export function titleOfStep(draft: Pick<CaseDraft, "steps">, key: string): string {
  const place = draft.steps.findIndex((step) => step.key === key);
  const title = draft.steps[place]?.title.trim() ?? "";
  if (title !== "") return title;
  return place < 0 ? t.value.editor.ways.lost : fill(t.value.editor.steps.no, { number: place + 1 });
}
