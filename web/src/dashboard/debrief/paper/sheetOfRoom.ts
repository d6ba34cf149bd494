import { t } from "../../../i18n";
import type { Readings } from "../../../monitor/readings";
import { lasting, clockTime, wholeTime } from "../../fmt";
import { annotationLines } from "../../room/beside/annotationLines";
import type { CaseTime } from "../../room/case/caseTime";
import { doneAt } from "../../room/case/checklist";
import { endOf } from "../../room/record/endOf";
import { clockWords, lateWords, lineWords } from "../../room/record/lineWords";
import { isLate, type RecordLine } from "../../room/record/record";
import { shownLines } from "../../room/record/shownLines";
import { pressureShown, signShown } from "../../room/record/shownWords";
import { courseOf, trackOf } from "../../room/record/track";
import type { Room } from "../../room/room";
import { takeaways } from "../annotations/takeaways";
import type { PaperMark, PaperRow, SheetData } from "./sheetData";
import type { TemplateStep } from "../../../wire/types";

/** As many as a chart of a page's width can hold. */
const SAMPLES = 400;

/** The sheet of a session as this device knows it, with what waits here to be sent. */
export function sheetOfRoom(room: Room, lines: readonly RecordLine[], time: CaseTime): SheetData | null {
  const session = room.session.peek();
  if (session === null) return null;
  const from = Date.parse(session.created_at);
  const until = endOf(session, room.time.second.peek());
  const checklist = room.itsCase.peek()?.checklist ?? [];
  const done = doneAt(checklist, lines);
  const written = annotationLines(session.annotations, room.entries.peek(), room.device.me.peek()).reverse();
  const said = (kind: "plus" | "delta") => written.filter((line) => line.kind === kind).map((line) => line.text);
  const isHere = !room.lacksRecord.peek();
  const rows = isHere ? paperRows(lines, from, time, room.steps.peek()) : null;
  return {
    title: session.title,
    from,
    until,
    isOver: room.isOver.peek(),
    facts: factsOf(room, from, until),
    goal: room.itsCase.peek()?.description ?? "",
    takeaways: takeaways(written).map((line) => line.text),
    plus: said("plus"),
    delta: said("delta"),
    figures: session.figures,
    checklist: checklist.map((item, place) => ({ item, at: done[place] ?? null })),
    sheets: session.scores?.sheets ?? [],
    differences: session.scores?.differences ?? [],
    course: isHere ? { track: trackOf(courseOf(lines, from), from, until, SAMPLES), marks: paperMarks(lines, rows ?? []) } : null,
    rows,
    printedBy: room.device.me.peek()?.name ?? null,
  };
}

function factsOf(room: Room, from: number, until: number): [string, string][] {
  const texts = t.value.marks.sheet;
  const session = room.session.peek();
  const names = [...new Set((session?.attendance ?? []).map((one) => one.name))];
  const all: [string, string | null | undefined][] = [
    [texts.began, wholeTime(from)],
    [room.isOver.peek() ? texts.ended : texts.so_far, wholeTime(until)],
    [texts.lasted, lasting((until - from) / 1000)],
    [texts.code, session?.code],
    [texts.trainee, session?.trainee_name],
    [texts.team, names.join(", ")],
  ];
  return all.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []));
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

export function paperMarks(lines: readonly RecordLine[], rows: readonly PaperRow[]): PaperMark[] {
  const numbers = new Map(rows.map(({ id, number }) => [id, number]));
  return lines.flatMap(({ id, at, kind }) => (kind === "vitals" ? [] : [{ at, kind, number: numbers.get(id) ?? null }]));
}
