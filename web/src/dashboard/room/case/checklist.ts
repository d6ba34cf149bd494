import type { RecordLine } from "../record/record";
import { markerOfItem, type ChecklistItem } from "./itemMarkers";

/** Of every item when it was first done, by the record: on this device or on another, before a reload or after it. */
export function doneAt(items: readonly ChecklistItem[], lines: readonly RecordLine[]): (number | null)[] {
  const first = new Map<string, number>();
  for (const { marker, at } of lines) {
    if (marker !== null && at < (first.get(marker) ?? Number.POSITIVE_INFINITY)) first.set(marker, at);
  }
  return items.map((item, place) => first.get(markerOfItem(item, place)) ?? null);
}
