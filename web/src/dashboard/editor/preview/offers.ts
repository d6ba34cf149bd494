import type { Tried } from "../../../patient/dryRun";
import type { TemplateStep } from "../../../wire/types";
import { markersFor } from "../../room/happened/markers";
import type { CaseDraft } from "../draft";

export type CaseOffer = Pick<Tried, "kind" | "key">;

const USUAL_ACTIONS = ["nibp_start", "alarm_silence"];

/** What can be tried: first what this case waits for. */
export function offersOf(draft: Pick<CaseDraft, "steps" | "checklist" | "targets">): { markers: CaseOffer[]; actions: CaseOffer[] } {
  const triggers = draft.steps.flatMap(({ transitions }: TemplateStep) => transitions.map(({ on }) => on));
  const awaited = triggers.flatMap((on) => ("marker" in on ? [on.marker] : []));
  const { near, further } = markersFor(draft, { compressions: null, isDesk: false });
  const actions = [...triggers.flatMap((on) => ("action" in on ? [on.action] : [])), ...USUAL_ACTIONS];
  return {
    markers: [...new Set([...awaited, ...near, ...further])].map((key) => ({ kind: "marker", key })),
    actions: [...new Set(actions)].map((key) => ({ kind: "action", key })),
  };
}
