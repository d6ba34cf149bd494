import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { isMarkerOfItem } from "../../room/case/itemMarkers";
import type { DebriefModel } from "../model";
import { ArrestsTable } from "./ArrestsTable";
import { KeyTimesTable } from "./KeyTimesTable";
import { timeRows } from "./timeRows";
import "./figures.css";

/** Times to what mattered, and what is said of a resuscitation: as the server told them, or as they were last read here. */
export function Reckoned({ model }: { model: DebriefModel }) {
  const figures = useComputed(() => model.answer.value ?? model.room.session.value?.figures ?? null).value;
  const rows = timeRows(figures?.times ?? [], isMarkerOfItem);
  if (figures === null || rows.length + figures.resuscitation.length === 0) return null;
  return (
    <div class="db-panel db-reckoned">
      <KeyTimesTable title={t.value.marks.sheet.times} rows={rows} />
      <ArrestsTable arrests={figures.resuscitation} />
    </div>
  );
}
