import { useComputed } from "@preact/signals";
import { CasePanel } from "../room/case/CasePanel";
import { Steps } from "../room/case/Steps";
import { lastPlayed } from "../room/case/steps";
import { playedSteps } from "../room/record/record";
import type { DebriefModel } from "./model";

/** Which of the case's steps were played, and when. */
export function PlayedCase({ model }: { model: DebriefModel }) {
  const sent = useComputed(() => lastPlayed(model.room.steps.value, playedSteps(model.lines.value)));
  const hasCase = useComputed(() => model.room.steps.value.length > 0).value;
  if (!hasCase) return null;
  return (
    <div class="db-played">
      <CasePanel sent={sent} time={model.time} />
      <Steps sent={sent} time={model.time} />
    </div>
  );
}
