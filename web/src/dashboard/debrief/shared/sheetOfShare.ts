import { figuresOf } from "../../../device/sync/readBeside";
import { highestOf } from "../../../patient/earlyWarning";
import type { SharedDebrief } from "../../../wire/beside";
import { annotationLines } from "../../room/beside/annotationLines";
import { caseTimeOf } from "../../room/case/caseTime";
import { doneAt } from "../../room/case/checklist";
import { lineOfEvent } from "../../room/record/record";
import { limitsCourse } from "../limitsCourse";
import { takeaways } from "../annotations/takeaways";
import { factLines } from "../paper/factLines";
import { paperCourse, paperRows } from "../paper/paperRecord";
import type { SheetData } from "../paper/sheetData";

/** The same sheet as the trainer's, from what its link gives. */
export function sheetOfShare(share: SharedDebrief): SheetData {
  const from = Date.parse(share.created_at);
  const lines = share.events.map(lineOfEvent);
  const until = Math.max(from + 1000, share.closed_at === null ? Date.now() : Date.parse(share.closed_at));
  const checklist = share.case?.checklist ?? [];
  const done = doneAt(checklist, lines);
  const written = annotationLines(share.annotations, [], null).reverse();
  const said = (kind: "plus" | "delta") => written.filter((line) => line.kind === kind).map((line) => line.text);
  const rows = paperRows(lines, from, caseTimeOf(lines, from), share.case?.steps ?? []);
  const course = paperCourse(lines, rows, { from, until, limits: limitsCourse(share.limits_since, share.limits) });
  const isOver = share.closed_at !== null;
  return {
    title: share.title,
    from,
    until,
    isOver,
    facts: factLines({
      from, until, isOver, code: null, traineeName: share.trainee_name, team: share.attendance.map((one) => one.name),
    }), // prettier-ignore
    goal: share.case?.description ?? "",
    takeaways: takeaways(written).map((line) => line.text),
    plus: said("plus"),
    delta: said("delta"),
    figures: figuresOf(share),
    highestNews2: highestOf(course.news2),
    checklist: checklist.map((item, place) => ({ item, at: done[place] ?? null })),
    passPercent: share.case?.pass_percent ?? null,
    sheets: share.scores.sheets,
    differences: share.scores.differences,
    course,
    rows,
    printedBy: null,
  };
}
