import { trainerTexts as t } from "../../../i18n/trainers";
import type { Readings } from "../../../monitor/readings";
import type { TemplateStep } from "../../../wire/types";
import { clockTime } from "../../fmt";
import type { CaseTime } from "../../room/case/caseTime";
import { clockWords, lateWords, lineWords } from "../../room/record/lineWords";
import { isLate, type RecordLine } from "../../room/record/record";
import { shownLines } from "../../room/record/shownLines";
import { pressureShown, signShown } from "../../room/record/shownWords";
import { recordCourseOf } from "../../room/record/track";
import { chartOf } from "../chart/lanes";
import { knownOf, news2Steps, warningsOf } from "../chart/news2Steps";
import { bandsOf } from "../chart/spans";
import type { LimitsCourse } from "../limitsCourse";
import { PAPER_WIDTH, type PaperCourse, type PaperMark, type PaperRow } from "./sheetData";

/** `rows`: of the same lines; a flag has the number of its row. */
export function paperCourse(
  lines: readonly RecordLine[],
  rows: readonly PaperRow[],
  { from, until, limits }: { from: number; until: number; limits: LimitsCourse },
): PaperCourse {
  const course = recordCourseOf(lines, from);
  return {
    chart: chartOf(course, { from, until }, limits, PAPER_WIDTH),
    marks: paperMarks(lines, rows),
    arrests: bandsOf(course, until).pulseless,
    news2: news2Steps(warningsOf(course, until).scores, until),
    news2Known: news2Steps(knownOf(course, until), until),
  };
}

/** Numbered is what happened and has a flag on the chart. */
export function paperRows(lines: readonly RecordLine[], from: number, time: CaseTime, steps: readonly TemplateStep[]): PaperRow[] {
  let count = 0;
  return shownLines(lines, from).map(({ line, shown }) => ({
    id: line.id,
    number: line.marker !== null || line.action !== null ? ++count : null,
    time: clockTime(line.at),
    clock: clockWords(time, line.at),
    ...signsOf(shown),
    words: wordsOf(line, steps),
    who: line.who,
  }));
}

function signsOf(shown: Readings): Omit<PaperRow, "id" | "number" | "time" | "clock" | "words" | "who"> {
  return {
    heart_rate: signShown("heart_rate", shown),
    pressure: pressureShown(shown),
    spo2: signShown("spo2", shown),
    respiratory_rate: signShown("respiratory_rate", shown),
    etco2: signShown("etco2", shown),
    temperature: signShown("temperature", shown),
  };
}

function wordsOf(line: RecordLine, steps: readonly TemplateStep[]): string {
  const beside = line.isBeside ? ` ${t.value.dashboard.notes.beside}` : "";
  const late = isLate(line) ? ` (${lateWords(line)})` : "";
  return `${lineWords(line, steps)}${beside}${late}`;
}

function paperMarks(lines: readonly RecordLine[], rows: readonly PaperRow[]): PaperMark[] {
  const numbers = new Map(rows.map(({ id, number }) => [id, number]));
  return lines.flatMap(({ id, at, kind }) => (kind === "vitals" ? [] : [{ at, kind, number: numbers.get(id) ?? null }]));
}
