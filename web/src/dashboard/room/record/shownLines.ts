import { shownAt } from "../../../monitor/shown";
import type { Readings } from "../../../monitor/readings";
import { SIGN_NAMES } from "../../../patient/signs";
import type { RecordCourse } from "./course";
import { inOrderMade, type RecordLine } from "./record";
import { changesSigns, recordCourseOf, shownThen } from "./track";

export interface ShownLine {
  line: RecordLine;
  shown: Readings;
}

const drawn = new WeakMap<RecordLine, Readings>();

/** The same object for the same values, so that only new rows are drawn. */
function sameAsDrawn(line: RecordLine, shown: Readings): Readings {
  const before = drawn.get(line);
  if (before !== undefined && SIGN_NAMES.every((name) => before[name] === shown[name])) return before;
  drawn.set(line, shown);
  return shown;
}

/** In the order in which it was made, with what the monitors showed then. */
export function shownLines(lines: readonly RecordLine[], openedAt: number): ShownLine[] {
  const course = recordCourseOf(lines, openedAt);
  const places = placesOf(lines);
  return inOrderMade(lines).map((line) => ({ line, shown: sameAsDrawn(line, shownWith(line, course, places)) }));
}

/** After how many changes of the signs each line that changes them holds. */
export function placesOf(lines: readonly RecordLine[]): ReadonlyMap<RecordLine, number> {
  return new Map(lines.filter(changesSigns).map((line, place) => [line, place + 1]));
}

/** A push or a pause is read when it came to the monitors, with its own change. */
export function shownWith(line: RecordLine, course: RecordCourse, places: ReadonlyMap<RecordLine, number>): Readings {
  const place = places.get(line);
  if (place === undefined || line.kind === "action") return shownThen(course, line.at);
  const own = course.after(place);
  return shownAt(own.memory, own.at);
}
