import type { OutboxEntry } from "../outbox/entry";
import type { Edit } from "../sync/edit";
import type { Status } from "./device";

export interface DeviceCondition {
  entries: readonly OutboxEntry[];
  /** Of cases and of sessions' own fields. */
  edits: readonly Pick<Edit, "state">[];
  /** The server has told of changes that are not here yet. */
  isBehind: boolean;
  isOnline: boolean;
  /** The login has run out, or this device's own storage fails. */
  isTroubled: boolean;
}

/** The one word. What needs a person comes before what needs time. */
export function statusOf({ entries, edits, isBehind, isOnline, isTroubled }: DeviceCondition): Status {
  const waiting = [...entries, ...edits].filter(({ state }) => state === "waiting" || state === "sending").length;
  const isRefused = entries.some(({ state }) => state === "rejected") || edits.some(({ state }) => state !== "waiting");
  if (isTroubled || isRefused) return { word: "problem", waiting };
  if (!isOnline) return { word: "offline", waiting };
  return { word: waiting > 0 || isBehind ? "saving" : "saved", waiting };
}
