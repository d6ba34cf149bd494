import { effect, useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../../i18n";
import { SIGN_NAMES, START_VALUES } from "../../../patient/signs";
import type { LastValues } from "../../../wire/types";
import { clockTime } from "../../fmt";
import { number } from "../../words";
import type { CaseTime } from "../case/caseTime";
import { useRoom } from "../room";
import { clockWords, LateMark, lineWords } from "./Notes";
import { inOrderMade, type RecordLine } from "./record";
import { signChangesOf, statesAfter } from "./track";

const BEHIND = 500;

/** The chart in words, for whoever cannot see it and for whoever wants the numbers. Built when it is opened. */
export function RecordTable(props: { lines: ReadonlySignal<RecordLine[]>; time: ReadonlySignal<CaseTime> }) {
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

interface Row {
  line: RecordLine;
  values: LastValues;
}

function Table(props: { lines: ReadonlySignal<RecordLine[]>; time: ReadonlySignal<CaseTime> }) {
  const texts = t.value.dashboard.timeline;
  const { short, pressure } = t.value.dashboard.signs;
  const lines = useCalm(props.lines);
  const rows = useComputed(() => rowsOf(lines.value)).value;
  return (
    <div class="db-table-frame" tabIndex={0} role="region" aria-label={texts.table}>
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
          {rows.map(({ line, values }) => (
            <TableRow key={line.id} line={line} values={values} time={props.time} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TableRow({ line, values, time }: Row & { time: ReadonlySignal<CaseTime> }) {
  const room = useRoom();
  return (
    <tr>
      <th scope="row">
        {clockTime(line.at)} <LateMark line={line} />
      </th>
      <td>{clockWords(time.value, line.at)}</td>
      <td>{values.heart_rate}</td>
      <td>
        {values.systolic}/{values.diastolic}
      </td>
      <td>{values.spo2}</td>
      <td>{values.respiratory_rate}</td>
      <td>{values.etco2}</td>
      <td>{number("temperature", values.temperature)}</td>
      <td class="db-table-words">{lineWords(line, room.steps.value)}</td>
      <td>{line.who}</td>
    </tr>
  );
}

const drawn = new WeakMap<RecordLine, LastValues>();

/** The same object for the same values, so that only new rows are drawn. */
function sameAsDrawn(line: RecordLine, values: LastValues): LastValues {
  const before = drawn.get(line);
  if (before !== undefined && SIGN_NAMES.every((name) => before[name] === values[name])) return before;
  drawn.set(line, values);
  return values;
}

/** In the order in which it was made, with the targets that the monitors had then; after a push its own. */
function rowsOf(lines: readonly RecordLine[]): Row[] {
  const changes = signChangesOf(lines);
  const states = statesAfter(changes);
  const ownOf = new Map<RecordLine, LastValues>();
  let pushed = 0;
  for (const line of lines) {
    if (line.patch === null && line.control !== "paused" && line.control !== "resumed") continue;
    ownOf.set(line, states[pushed++] ?? START_VALUES);
  }
  let next = 0;
  return inOrderMade(lines).map((line) => {
    while ((changes[next]?.at ?? Number.POSITIVE_INFINITY) <= line.at) next++;
    return { line, values: sameAsDrawn(line, ownOf.get(line) ?? states[next - 1] ?? START_VALUES) };
  });
}
