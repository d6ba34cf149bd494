import { useComputed } from "@preact/signals";
import { placeAt } from "../../room/record/placeAt";
import type { DebriefModel } from "../model";
import { AgainFromHere } from "./AgainFromHere";

/** From the moment that the replayed monitor shows: that of the last event before it. */
export function AgainAtReplay({ model }: { model: DebriefModel }) {
  const session = model.room.session.value;
  // Looked for with each step of the scrubber, in records of thousands of events.
  const stored = useComputed(() => model.lines.value.flatMap(({ event, stored_at }) => (event === null ? [] : [{ event, stored_at }])));
  const newest = useComputed(() => {
    const place = placeAt(stored.value, model.replay.at.value, (one) => one.stored_at);
    return stored.value[place - 1]?.event ?? null;
  }).value;
  if (session === null || newest === null) return null;
  return <AgainFromHere session={session} seq={newest.seq} at={Date.parse(newest.created_at)} />;
}
