import type { OutboxEntry } from "../outbox/entry";
import type { Status } from "./device";

export interface DeviceCondition {
  entries: readonly OutboxEntry[];
  isOnline: boolean;
  /** The login has run out, or this device's own storage fails. */
  isTroubled: boolean;
}

/** The one word. What needs a person comes before what needs time. */
export function statusOf({ entries, isOnline, isTroubled }: DeviceCondition): Status {
  const waiting = entries.filter((entry) => entry.state === "waiting" || entry.state === "sending").length;
  if (isTroubled || entries.some((entry) => entry.state === "rejected")) return { word: "problem", waiting };
  if (!isOnline) return { word: "offline", waiting };
  return { word: waiting > 0 ? "saving" : "saved", waiting };
}
