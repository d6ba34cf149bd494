import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { TemplateStep } from "../../../wire/types";
import { clockTime, counting } from "../../fmt";
import { controlledWords, eventWords, noteWords, patchWords, pushWords, stepTitle } from "../../words";
import { clockAt, type CaseTime } from "../case/caseTime";
import type { RecordLine } from "./record";

/** What a line of the record says, on the screen and on paper. */

export function lateWords(line: RecordLine): string {
  return fill(t.value.dashboard.notes.late, { when: clockTime(line.stored_at) });
}

/** `+1:05` on the clock of the case; nothing before its start. */
export function clockWords(time: CaseTime, at: number): string {
  const seconds = clockAt(time, at);
  return seconds >= 0 ? `+${counting(seconds)}` : "";
}

export function lineWords(line: RecordLine, steps: readonly TemplateStep[]): string {
  if (line.undone !== null) return undoWords(line, line.undone, steps);
  if (line.event !== null) return eventWords(line.event, steps);
  if (line.control !== null) return controlledWords(line.control);
  return line.patch === null ? noteWords(line.marker, line.text) : pushWords(line.step, line.patch, steps);
}

function undoWords(line: RecordLine, undone: RecordLine, steps: readonly TemplateStep[]): string {
  const { notes } = t.value.dashboard;
  const what = patchWords(line.patch ?? {});
  return undone.step === null
    ? fill(notes.undone, { what })
    : fill(notes.undone_step, { what, title: stepTitle(undone.step, steps) });
}
