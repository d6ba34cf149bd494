import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { announce } from "../shell/announce";

/** This device could not keep what was done: said at once, wherever it was done. */
export function tellNotWritten(error: unknown): void {
  const detail = error instanceof Error ? error.message : String(error);
  announce(fill(t.value.dashboard.send.not_written, { detail }), { urgent: true });
}
