import type { Case } from "../../../wire/types";

export type ChecklistItem = Case["checklist"][number];

/** A marker's key has at most 32 characters, a key of an item too. */
const LONGEST = 32;
const DONE = "done_";

/**
 * The key under which it stands in the record that an item was done: its marker, or one of its own. A key that is too
 * long goes by the item's place, which no other item can have for a key: those begin with a letter.
 */
export function markerOfItem(item: ChecklistItem, place: number): string {
  if (item.marker !== null) return item.marker;
  const own = `${DONE}${item.key}`;
  return own.length <= LONGEST ? own : `${DONE}${place + 1}`;
}

export function isMarkerOfItem(marker: string): boolean {
  return marker.startsWith(DONE);
}
