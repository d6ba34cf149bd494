import { fill, t } from "../../../i18n";
import { clockTime, lasting, wholeTime } from "../../fmt";
import type { CaseTime } from "../case/caseTime";
import type { Room } from "../room";
import { markersOf } from "./markersOf";
import { PaperChart } from "./PaperChart";
import { LinesTable, shownLines } from "./RecordTable";
import type { RecordLine } from "./record";
import { recordCourseOf, trackOf } from "./track";
import "./sheet.css";

/** The whole record on paper: nothing of it is folded, scrolled or hidden. */
export function Sheet(props: { room: Room; lines: readonly RecordLine[]; time: CaseTime }) {
  const { room, lines } = props;
  const session = room.session.value;
  if (session === null) return null;
  const { sheet, timeline, room: texts, notes } = t.value.dashboard;
  const from = Date.parse(session.created_at);
  const until = endOf(session, room.time.second.value);
  const track = trackOf(recordCourseOf(lines, from), from, until, 400);
  const label = fill(timeline.summary, { from: clockTime(from), until: clockTime(until) });
  return (
    <article class="db-sheet-page">
      <header>
        <h1>{session.title || texts.untitled}</h1>
        <dl>
          {facts(room, from, until).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </header>
      <h2>{timeline.title}</h2>
      <PaperChart track={track} markers={markersOf(lines, from, room.steps.value)} label={label} />
      <p>{sheet.shapes}</p>
      <h2>{notes.record}</h2>
      <LinesTable rows={shownLines(lines, from)} time={props.time} isOnPaper />
      <p>{timeline.table_help}</p>
    </article>
  );
}

/** An ended session ends where it ended; one that runs, now. */
export function endOf(session: { created_at: string; closed_at: string | null; expires_at: string }, now: number): number {
  const ended = session.closed_at === null ? Math.min(now, Date.parse(session.expires_at)) : Date.parse(session.closed_at);
  return Math.max(Date.parse(session.created_at) + 1000, ended);
}

function facts(room: Room, from: number, until: number): [string, string][] {
  const { sheet, room: texts } = t.value.dashboard;
  const session = room.session.value;
  const names = [...new Set((session?.attendance ?? []).map((one) => one.name))];
  const all: [string, string | null | undefined][] = [
    [sheet.began, wholeTime(from)],
    [room.isOver.value ? sheet.ended : sheet.so_far, wholeTime(until)],
    [sheet.lasted, lasting((until - from) / 1000)],
    [texts.code, session?.code],
    [sheet.trainee, session?.trainee_name],
    [t.value.dashboard.people.title, names.join(", ")],
  ];
  return all.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []));
}
