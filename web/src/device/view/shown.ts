import { fold, pause, resume } from "../../patient/fold";
import { act } from "../../patient/nibp";
import { patchOfPush, patchOfStep } from "../../patient/patches";
import type { CaseControl, LastValues, TemplateStep, VitalsPatch, VitalsPushed } from "../../wire/types";
import type { StoredSession } from "../database/schema";
import { wholeSession } from "../database/storedSession";
import type { OutboxEntry } from "../outbox/entry";
import type { SessionEdit } from "../sync/edit";
import { foldEvent } from "../sync/merge";
import { hasRecord } from "../sync/records";
import { withEdits } from "../sync/shownSessions";
import type { ShownSession } from "./device";

/**
 * What the trainer sees of a session: the server's word with everything that waits here on top, in the
 * order in which it was done. Rolling back is leaving an entry out.
 *
 * `entries`, `edits`: those of this session. `provisional`: what the server has relayed and not yet stored. `steps`: of its
 * case, which an entry only names.
 */
export function shownSession(
  stored: StoredSession,
  entries: readonly OutboxEntry[],
  provisional: VitalsPushed | null,
  steps: readonly TemplateStep[] = [],
  edits: readonly SessionEdit[] = [],
): ShownSession {
  const { recorded_to, ahead, watched_at: _, logged: __, ...session } = wholeSession(stored);
  const has_record = hasRecord({ recorded_to, last_seq: session.last_seq });
  const shown_values = valuesBelow(session.last_values, ahead, provisional);
  const shown: ShownSession = withEdits({ ...session, has_record, shown_values }, edits);
  for (const entry of entries) {
    if (!isShown(entry)) continue;
    shown.shown_values = valuesAfter(shown.shown_values, entry, steps);
    if (entry.kind === "session:close" && shown.closed_at === null)
      Object.assign(shown, { closed_at: entry.made_at, close_reason: "closed" });
  }
  shown.paused_at = shown.shown_values.paused_at ?? null;
  return shown;
}

/** As the server will fold it. */
export function valuesAfter(values: LastValues, entry: OutboxEntry, steps: readonly TemplateStep[]): LastValues {
  const at = Date.parse(entry.made_at);
  if (entry.kind === "vitals:push") return fold(values, patchOfPush(entry.body as VitalsPatch, steps), at);
  if (entry.kind === "action:take") return actedOn(values, entry, at);
  if (entry.kind !== "case:control") return values;
  switch (entry.body["action"] as CaseControl) {
    case "start":
      return steps[0] === undefined ? values : fold(values, patchOfStep(steps[0]), at);
    case "pause":
      return pause(values, at);
    case "resume":
      return resume(values, at);
    case "automation_off":
    case "automation_on":
      return values;
  }
}

function actedOn(values: LastValues, { body }: OutboxEntry, at: number): LastValues {
  return act(values, String(body["action"]), (body["details"] ?? {}) as Record<string, unknown>, at);
}

/** Whether the screen counts on it. Refused and put aside: it was rolled back. */
export function isShown(entry: OutboxEntry): boolean {
  return entry.state === "waiting" || entry.state === "sending";
}

function valuesBelow(
  last: LastValues,
  ahead: StoredSession["ahead"],
  provisional: VitalsPushed | null,
): LastValues {
  return provisional?.last_values ?? ahead.reduce(foldEvent, last);
}
