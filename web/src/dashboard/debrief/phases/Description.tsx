import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { ChartInWords } from "../chart/ChartInWords";
import { News2Source } from "../figures/News2Source";
import { goTo } from "../keys";
import type { DebriefModel } from "../model";
import { MomentList } from "../moments/MomentList";
import type { Phases } from "./phases";

/** What happened, in one line and a handful of moments; a tap leads to the moment itself. */
export function Description({ model, phases }: { model: DebriefModel; phases: Phases }) {
  const texts = t.value.debrief.description;
  const about = useComputed(() => model.room.itsCase.value?.description ?? "").value;
  return (
    <section class="db-description">
      <h2>{texts.course}</h2>
      <p class="db-description-line">
        <ChartInWords model={model} />
      </p>
      <MomentList
        model={model}
        most={8}
        choose={(moment) => {
          goTo(model, moment);
          phases.show("analysis");
        }}
      />
      {about === "" ? null : (
        <details class="db-panel">
          <summary>{texts.about}</summary>
          <p>{about}</p>
        </details>
      )}
      <News2Source />
    </section>
  );
}
