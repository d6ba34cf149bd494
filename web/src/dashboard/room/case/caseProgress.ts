import { computed, type ReadonlySignal } from "@preact/signals";
import { foldEvent } from "../../../device/sync/merge";
import { advance, progressOf, type Progress } from "../../../patient/moves";
import { START_VALUES } from "../../../patient/signs";
import type { SessionEvent, TemplateStep } from "../../../wire/types";

/** Where a case stands that has transitions, by the record as far as it is here; each event is looked at once. */
export function caseProgress(
  steps: ReadonlySignal<readonly TemplateStep[]>,
  events: ReadonlySignal<readonly SessionEvent[]>,
): ReadonlySignal<Progress | null> {
  let followed: { steps: readonly TemplateStep[]; count: number; lastId: string | null; progress: Progress } | null = null;
  return computed(() => {
    const [all, record] = [steps.value, events.value];
    // Cases that this device had before there were transitions have none.
    if (!all.some(({ transitions = [] }) => transitions.length > 0)) return null;
    const goesOn = followed?.steps === all && (record[followed.count - 1]?.id ?? null) === followed.lastId;
    if (followed === null || !goesOn) followed = { steps: all, count: 0, lastId: null, progress: progressOf(START_VALUES, 0) };
    let { progress } = followed;
    for (const event of record.slice(followed.count)) {
      const last = foldEvent(progress.last, event);
      progress = advance(all, progress, { ...event, createdAt: Date.parse(event.created_at) }, last);
    }
    followed = { steps: all, count: record.length, lastId: record.at(-1)?.id ?? null, progress };
    return progress;
  });
}
