import { useComputed } from "@preact/signals";
import { trackOf } from "../../room/record/track";
import type { DebriefModel } from "../model";
import { chartSentence } from "./sentence";

const PIECES = 300;

/** For whoever does not see the chart, and for a team that hears its case in one breath. */
export function ChartInWords({ model }: { model: DebriefModel }) {
  return <>{useChartSentence(model)}</>;
}

export function useChartSentence(model: DebriefModel): string {
  const track = useComputed(() => trackOf(model.course.value, model.span.value.from, model.span.value.until, PIECES));
  return useComputed(() =>
    chartSentence({
      span: model.span.value,
      time: model.time.value,
      track: track.value,
      limits: model.limits.value,
      bands: model.bands.value,
      lines: model.lines.value,
    }),
  ).value;
}
