import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { dotted, patchParts, reason } from "../words";
import { isEmptyPatch, patchOfStep } from "../../patient/patches";
import type { Deed, Reason } from "./commands";
import type { Fate } from "./sent";

/** What is done in one room. */
export function deedWords(deed: Deed): string {
  const { does } = t.value.wall;
  switch (deed.kind) {
    case "control":
      if (deed.action !== "start") return deed.action === "pause" ? does.pause : does.resume;
      return deed.step === null ? does.start_alone : fill(does.start, { step: deed.step.title });
    case "step": {
      const patch = patchOfStep(deed.step);
      const title = `${deed.place + 1}. ${deed.step.title}`;
      return isEmptyPatch(patch) ? title : fill(t.value.dashboard.steps.played, { title, changes: dotted(patchParts(patch)) });
    }
    case "push":
      return dotted(patchParts(deed.patch));
  }
}

export function reasonWords(why: Reason): string {
  return t.value.wall.reasons[why];
}

export function fateWords(fate: Fate): string {
  const { fates } = t.value.wall;
  switch (fate.kind) {
    case "waits":
    case "done":
    case "not_written":
      return fates[fate.kind];
    case "refused":
      return fill(fates.refused, { reason: fate.refusal === null ? "" : reason(fate.refusal) });
    case "left_out":
      return fill(fates.left_out, { reason: reasonWords(fate.reason) });
  }
}
