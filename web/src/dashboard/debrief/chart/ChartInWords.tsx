import { useComputed } from "@preact/signals";
import type { DebriefModel } from "../model";
import { chartSentence } from "./sentence";

/** For whoever does not see the chart, and for a team that hears its case in one breath. */
export function ChartInWords({ model }: { model: DebriefModel }) {
  return <>{useChartSentence(model)}</>;
}

export function useChartSentence(model: DebriefModel): string {
  return useComputed(() =>
    chartSentence({
      span: model.span.value,
      time: model.time.value,
      course: model.course.value,
      limits: model.limits.value,
      bands: model.bands.value,
      lines: model.lines.value,
    }),
  ).value;
}
