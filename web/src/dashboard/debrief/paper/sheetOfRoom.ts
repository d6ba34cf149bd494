import { highestOf } from "../../../patient/earlyWarning";
import { ADULT_LIMITS } from "../../../patient/signs";
import { annotationLines } from "../../room/beside/annotationLines";
import type { CaseTime } from "../../room/case/caseTime";
import { doneAt } from "../../room/case/checklist";
import { endOf } from "../../room/record/endOf";
import type { RecordLine } from "../../room/record/record";
import type { Room } from "../../room/room";
import { takeaways } from "../annotations/takeaways";
import { limitsCourse } from "../limitsCourse";
import { factLines } from "./factLines";
import { paperCourse, paperRows } from "./paperRecord";
import type { SheetData } from "./sheetData";

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
  const takenHome = takeaways(written).map((line) => line.text);
  const isHere = !room.lacksRecord.peek();
  const rows = isHere ? paperRows(lines, from, time, room.steps.peek()) : null;
  const limits = limitsCourse(session.figures?.limits_since, session.limits ?? ADULT_LIMITS);
  const course = isHere ? paperCourse(lines, rows ?? [], { from, until, limits }) : null;
  return {
    title: session.title,
    from,
    until,
    isOver: room.isOver.peek(),
    facts: factLines({
      from, until, isOver: room.isOver.peek(), code: session.code, traineeName: session.trainee_name,
      team: (session.attendance ?? []).map((one) => one.name),
    }), // prettier-ignore
    goal: room.itsCase.peek()?.description ?? "",
    // The figures are read together with what is written beside the record.
    takeaways: takenHome.length === 0 && session.figures === null ? null : takenHome,
    plus: said("plus"),
    delta: said("delta"),
    figures: session.figures,
    highestNews2: course === null ? (session.figures?.highest_news2 ?? null) : highestOf(course.news2),
    checklist: checklist.map((item, place) => ({ item, at: done[place] ?? null })),
    passPercent: room.itsCase.peek()?.pass_percent ?? null,
    sheets: session.scores?.sheets ?? null,
    differences: session.scores?.differences ?? [],
    course,
    rows,
    printedBy: room.device.me.peek()?.name ?? null,
  };
}
