import { useComputed } from "@preact/signals";
import type { DebriefModel } from "../model";
import { AgainFromHere } from "./AgainFromHere";

/** From the moment that the replayed monitor shows: that of the last event before it. */
export function AgainAtReplay({ model }: { model: DebriefModel }) {
  const session = model.room.session.value;
  const newest = useComputed(() => {
    const at = model.replay.at.value;
    return model.lines.value.findLast((line) => line.event !== null && line.stored_at <= at)?.event ?? null;
  }).value;
  if (session === null || newest === null) return null;
  return <AgainFromHere session={session} seq={newest.seq} at={Date.parse(newest.created_at)} />;
}
