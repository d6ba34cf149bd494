import { cuffOf, downAt } from "../../../patient/cuff";
import type { Crossing } from "../../../patient/earlyWarning";
import { HIGH_FROM } from "../../../patient/news2";
import { isCuffAction } from "../../../patient/nibp";
import type { RecordCourse } from "../../room/record/course";
import type { RecordLine } from "../../room/record/record";
import type { RecordBands } from "../chart/spans";
import type { FoundMoment } from "./moments";
import { sensorsOff } from "./sensorsOff";
import { pressedAt, silencesAfter, type Critical, type Done } from "./silences";

/** What this device finds by itself in a record where the server cannot be asked; `crossings` are those of NEWS2. */
export function ownMoments(
  lines: readonly RecordLine[],
  course: RecordCourse,
  bands: RecordBands,
  crossings: readonly Crossing[],
  until: number,
): FoundMoment[] {
  const pushAt = seqsOf(lines.filter(({ kind }) => kind === "vitals"));
  const found: FoundMoment[] = [moment("opened", course.openedAt, 0)];
  for (const line of lines) found.push(...ofLine(line));
  for (const [place, { from, is }] of bands.rhythms.entries()) {
    if (place > 0) found.push(moment("rhythm", from, pushAt(from), { rhythm: is }));
  }
  for (const { from, until: end } of bands.pulseless) {
    const { rhythm } = course.at(from).last;
    found.push(moment("arrest", from, pushAt(from), { rhythm }));
    if (end < until) found.push(moment("arrest_end", end, pushAt(end)));
  }
  for (const { at, limit, total, missing } of crossings)
    found.push(moment(limit === HIGH_FROM ? "news2_7" : "news2_5", at, pushAt(at), { total, missing }));
  const criticals = [
    ...bands.pulseless.map(({ from, until: end }): Critical => ({ at: from, seq: pushAt(from), what: "arrest", until: end })),
    ...crossings.filter(({ limit }) => limit === HIGH_FROM).map(({ at }): Critical => ({ at, seq: pushAt(at), what: "news2_7", until: null })),
  ];
  for (const { after, seconds } of silencesAfter(criticals, doneAt(lines, bands), bands, until)) {
    found.push(moment("silence", after.at, after.seq, { after: after.what, seconds }));
  }
  const cuff = firstCuff(course, until);
  const cuffActionAt = seqsOf(lines.filter(({ action }) => action !== null && isCuffAction(action)));
  if (cuff !== null) found.push(moment("cuff", cuff.at, cuffActionAt(cuff.at), cuff.found));
  for (const [at, sensors] of sensorsOff(course, bands.paused, until)) found.push(moment("sensor_off", at, pushAt(at), { sensors }));
  return found;
}

/** When something was done to the patient, as far as the record can tell, in order. */
function doneAt(lines: readonly RecordLine[], bands: RecordBands): Done[] {
  const marked = lines.filter((line) => (line.kind === "note" && line.marker !== null) || isDoneToPatient(line));
  const made = marked.map(({ at, event }) => ({ at, seq: event?.seq ?? Infinity }));
  const pressed = pressedAt(bands).map((at) => ({ at, seq: Infinity }));
  return [...made, ...pressed].sort((a, b) => a.at - b.at || a.seq - b.seq);
}

/** A monitor has keys of its own for its cuff and its sound; everything else is done to the patient. */
function isDoneToPatient({ action }: RecordLine): boolean {
  return action !== null && !isCuffAction(action) && action !== "alarm_silence";
}

function moment(kind: FoundMoment["kind"], at: number, seq: number, details: FoundMoment["details"] = {}): FoundMoment {
  return { key: `${seq} ${kind}`, at, seq, kind, details, title: null, isHidden: false };
}

function ofLine(line: RecordLine): FoundMoment[] {
  const { at, stored_at, step, marker, text, action, control, details, kind, event, isBeside } = line;
  const seq = event?.seq ?? 0;
  if (step !== null) return [moment("step", stored_at, seq, { step })];
  if (isBeside) return [];
  if (kind === "note") return [moment("bookmark", at, seq, { marker, text })];
  if (control === "ended") return [moment("step", stored_at, seq)];
  if (action === "marker") return [moment("bookmark", at, seq, { marker: details["marker"] ?? null, text: details["text"] ?? null })];
  if (isDoneToPatient(line)) return [moment("bookmark", at, seq, { marker: action, text: null })];
  return kind === "lifecycle" ? [moment("end", stored_at, seq, event?.details ?? {})] : [];
}

/** The event that the signs have had since `at`, as the monitors had it. */
function seqsOf(lines: readonly RecordLine[]): (at: number) => number {
  const stored = lines.filter(({ event }) => event !== null);
  return (at) => stored.findLast((line) => line.stored_at <= at)?.event?.seq ?? 0;
}

/** Read off the state that holds when the cuff is down: a pulse that goes meanwhile leaves it nothing to find. */
function firstCuff(course: RecordCourse, until: number): { at: number; found: Record<string, unknown> } | null {
  for (const { last } of course.states(course.openedAt, until)) {
    const cuff = cuffOf(last);
    if (cuff === null || cuff.found === null || downAt(cuff) > until) continue;
    const found = cuffOf(course.at(downAt(cuff)).last)?.found ?? null;
    if (found !== null) return { at: downAt(cuff), found: { ...found } };
  }
  return null;
}
