import { effect, useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../../i18n";
import type { Readings } from "../../../monitor/readings";
import { shownAt } from "../../../monitor/shown";
import { SIGN_NAMES } from "../../../patient/signs";
import { clockTime } from "../../fmt";
import type { CaseTime } from "../case/caseTime";
import { useRoom } from "../room";
import { BesideMark, clockWords, LateMark, lateWords, lineWords } from "./Notes";
import { inOrderMade, isLate, type RecordLine } from "./record";
import { pressureShown, signShown } from "./shownWords";
import type { RecordCourse } from "./course";
import { changesSigns, recordCourseOf, shownThen } from "./track";

const BEHIND = 500;

/** The chart in words, for whoever cannot see it and for whoever wants the numbers. Built when it is opened. */
export function RecordTable(props: { lines: ReadonlySignal<readonly RecordLine[]>; time: ReadonlySignal<CaseTime> }) {
  const isOpen = useSignal(false);
  return (
    <details
      class="db-record-table"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{t.value.dashboard.timeline.table}</summary>
      {isOpen.value ? <Table {...props} /> : null}
    </details>
  );
}

/** Half a second behind: hundreds of rows are laid out when nobody waits for a number. */
function useCalm<T>(source: ReadonlySignal<T>): ReadonlySignal<T> {
  const calm = useSignal(source.peek());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = effect(() => {
      void source.value;
      timer ??= setTimeout(() => {
        timer = undefined;
        calm.value = source.peek();
      }, BEHIND);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [source]);
  return calm;
}

export interface ShownLine {
  line: RecordLine;
  shown: Readings;
}

function Table(props: { lines: ReadonlySignal<readonly RecordLine[]>; time: ReadonlySignal<CaseTime> }) {
  const { table, table_help } = t.value.dashboard.timeline;
  const lines = useCalm(props.lines);
  const room = useRoom();
  const rows = useComputed(() => shownLines(lines.value, Date.parse(room.session.value?.created_at ?? ""))).value;
  return (
    <>
      <p class="db-hint">{table_help}</p>
      <div class="db-table-frame" tabIndex={0} role="region" aria-label={table}>
        <LinesTable rows={rows} time={props.time.value} />
      </div>
    </>
  );
}

/** On the screen and on paper. */
export function LinesTable(props: { rows: readonly ShownLine[]; time: CaseTime; isOnPaper?: boolean }) {
  const texts = t.value.dashboard.timeline;
  const { short, pressure } = t.value.dashboard.signs;
  return (
    <table class="db-table">
      <thead>
        <tr>
          <th scope="col">{texts.time}</th>
          <th scope="col">{texts.clock}</th>
          <th scope="col">{short.heart_rate}</th>
          <th scope="col">{pressure}</th>
          <th scope="col">{short.spo2}</th>
          <th scope="col">{short.respiratory_rate}</th>
          <th scope="col">{short.etco2}</th>
          <th scope="col">{short.temperature}</th>
          <th scope="col">{texts.what}</th>
          <th scope="col">{texts.who}</th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map(({ line, shown }) => (
          <TableRow key={line.id} line={line} shown={shown} time={props.time} isOnPaper={props.isOnPaper === true} />
        ))}
      </tbody>
    </table>
  );
}

function TableRow({ line, shown, time, isOnPaper }: ShownLine & { time: CaseTime; isOnPaper: boolean }) {
  const room = useRoom();
  return (
    <tr>
      <th scope="row">
        {clockTime(line.at)} {isOnPaper ? null : <LateMark line={line} />}
      </th>
      <td>{clockWords(time, line.at)}</td>
      <td>{signShown("heart_rate", shown)}</td>
      <td>{pressureShown(shown)}</td>
      <td>{signShown("spo2", shown)}</td>
      <td>{signShown("respiratory_rate", shown)}</td>
      <td>{signShown("etco2", shown)}</td>
      <td>{signShown("temperature", shown)}</td>
      <td class="db-table-words">
        {lineWords(line, room.steps.value)} <BesideMark line={line} />
        {isOnPaper && isLate(line) ? ` (${lateWords(line)})` : null}
      </td>
      <td>{line.who}</td>
    </tr>
  );
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
