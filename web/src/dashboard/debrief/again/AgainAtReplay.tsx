import { useComputed } from "@preact/signals";
import type { DebriefModel } from "../model";
import { AgainFromHere } from "./AgainFromHere";

/** From the moment that the replayed monitor shows: that of the last event before it. */
export function AgainAtReplay({ model }: { model: DebriefModel }) {
  const session = model.room.session.value;
  // Looked for with each step of the scrubber, in records of thousands of events.
  const stored = useComputed(() => model.lines.value.flatMap(({ event, stored_at }) => (event === null ? [] : [{ event, stored_at }])));
  const newest = useComputed(() => newestAt(stored.value, model.replay.at.value)).value;
  if (session === null || newest === null) return null;
  return <AgainFromHere session={session} seq={newest.seq} at={Date.parse(newest.created_at)} />;
}

/** Of events in the order of storing the last one that was stored by `at`. */
function newestAt<Event>(stored: readonly { event: Event; stored_at: number }[], at: number): Event | null {
  let [low, high] = [0, stored.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stored[middle]!.stored_at <= at) low = middle + 1;
    else high = middle;
  }
  return stored[low - 1]?.event ?? null;
}
