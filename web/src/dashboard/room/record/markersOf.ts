import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { TemplateStep } from "../../../wire/types";
import { clockTime } from "../../fmt";
import type { Marker } from "./curves";
import { lineWords } from "./lineWords";
import { isLate, type RecordLine } from "./record";

/** What happened stands when it was made; a push where its curve moves, with the time at which it was made. */
export function markersOf(lines: readonly RecordLine[], from: number, steps: readonly TemplateStep[]): Marker[] {
  return lines
    .map((line) => ({
      at: line.kind === "vitals" ? line.stored_at : line.at,
      kind: line.kind === "vitals" ? ("push" as const) : line.kind,
      text: markerText(line, steps),
    }))
    .filter((marker) => marker.at >= from);
}

function markerText(line: RecordLine, steps: readonly TemplateStep[]): string {
  const words = lineWords(line, steps);
  if (line.kind === "action") return `${line.who} ${words}`;
  if (line.kind !== "vitals" || !isLate(line)) return words;
  return fill(t.value.dashboard.notes.made_at, { when: clockTime(line.at), what: words });
}
