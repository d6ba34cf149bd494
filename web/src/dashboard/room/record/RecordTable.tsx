import { effect, useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { trainerTexts as t } from "../../../i18n/trainers";
import { AgainFromHere } from "../../debrief/again/AgainFromHere";
import { clockTime } from "../../fmt";
import { Roving } from "../../keys/Roving";
import type { CaseTime } from "../case/caseTime";
import { useRoom } from "../room";
import { clockWords, lineWords } from "./lineWords";
import { BesideMark, LateMark } from "./Notes";
import type { RecordLine } from "./record";
import { shownLines, type ShownLine } from "./shownLines";
import { pressureShown, signShown } from "./shownWords";

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

function Table(props: { lines: ReadonlySignal<readonly RecordLine[]>; time: ReadonlySignal<CaseTime> }) {
  const { table, table_help } = t.value.dashboard.timeline;
  const lines = useCalm(props.lines);
  const room = useRoom();
  const rows = useComputed(() => shownLines(lines.value, Date.parse(room.session.value?.created_at ?? ""))).value;
  return (
    <>
      <p class="db-hint">{table_help}</p>
      <div class="db-table-frame" tabIndex={0} role="region" aria-label={table}>
        <Roving class="db-table-rows" role="group" label={t.value.again.from_here}>
          <LinesTable rows={rows} time={props.time.value} />
        </Roving>
      </div>
    </>
  );
}

function LinesTable(props: { rows: readonly ShownLine[]; time: CaseTime }) {
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
          <TableRow key={line.id} line={line} shown={shown} time={props.time} />
        ))}
      </tbody>
    </table>
  );
}

function TableRow({ line, shown, time }: ShownLine & { time: CaseTime }) {
  const room = useRoom();
  return (
    <tr>
      <th scope="row">
        {clockTime(line.at)} <LateMark line={line} />
        <AgainFromLine line={line} />
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
      </td>
      <td>{line.who}</td>
    </tr>
  );
}

function AgainFromLine({ line }: { line: RecordLine }) {
  const room = useRoom();
  const session = room.session.value;
  if (session === null || line.event === null) return null;
  const words = lineWords(line, room.steps.value);
  return <AgainFromHere session={session} seq={line.event.seq} at={line.stored_at} words={words} isSmall />;
}
