import { useComputed, useSignal, type Signal } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { clockTime, wholeNumber } from "../../fmt";
import { lineWords } from "../../room/record/lineWords";
import { BesideMark, LateMark } from "../../room/record/Notes";
import { inOrderMade, isLate, type RecordLine } from "../../room/record/record";
import { placesOf, shownWith } from "../../room/record/shownLines";
import { pressureShown, signShown } from "../../room/record/shownWords";
import { rhythmName } from "../../words";
import { numberedFlags } from "../chart/flags";
import type { DebriefModel } from "../model";
import { caseClock } from "../times";

/** Rows of one page: laid out in a moment, however long the record is. */
const ROWS = 100;
const KINDS = ["vitals", "note", "action", "case", "lifecycle"] as const satisfies readonly RecordLine["kind"][];

interface Filter {
  kind: Signal<RecordLine["kind"] | "">;
  person: Signal<string>;
  page: Signal<number>;
}

/** Everything of the record, a page at a time, with what the monitors showed at each moment of it. */
export function RecordPages({ model }: { model: DebriefModel }) {
  const texts = t.value.debrief.table;
  const filter: Filter = { kind: useSignal(""), person: useSignal(""), page: useSignal(0) };
  const ordered = useComputed(() => inOrderMade(model.lines.value));
  const people = useComputed(() => [...new Set(ordered.value.map((line) => line.who))].sort()).value;
  const chosen = useComputed(() =>
    ordered.value.filter(
      (line) => (filter.kind.value === "" || line.kind === filter.kind.value) && (filter.person.value === "" || line.who === filter.person.value),
    ),
  ).value;
  const pages = Math.max(1, Math.ceil(chosen.length / ROWS));
  const page = Math.min(filter.page.value, pages - 1);
  return (
    <section class="db-panel db-record-pages" id="part-record" aria-labelledby="part-record-title" tabIndex={-1}>
      <div class="db-panel-head">
        <h2 id="part-record-title">{texts.title}</h2>
        <Choices filter={filter} people={people} />
      </div>
      <p class="db-hint">{texts.help}</p>
      <div class="db-table-frame" tabIndex={0} role="group" aria-label={texts.title}>
        {chosen.length === 0 ? <p class="db-hint">{texts.nothing}</p> : <Rows model={model} lines={chosen.slice(page * ROWS, (page + 1) * ROWS)} />}
      </div>
      {pages > 1 ? <Turn page={page} pages={pages} all={chosen.length} turn={(to) => (filter.page.value = to)} /> : null}
    </section>
  );
}

function Choices({ filter, people }: { filter: Filter; people: readonly string[] }) {
  const texts = t.value.debrief.table;
  const change = (apply: () => void) => {
    apply();
    filter.page.value = 0;
  };
  return (
    <div class="db-record-filters">
      <label>
        <span>{texts.kind}</span>
        <select value={filter.kind.value} onChange={(event) => change(() => (filter.kind.value = event.currentTarget.value as RecordLine["kind"] | ""))}>
          <option value="">{texts.everything}</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {texts.kinds[kind]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{texts.person}</span>
        <select value={filter.person.value} onChange={(event) => change(() => (filter.person.value = event.currentTarget.value))}>
          <option value="">{texts.everybody}</option>
          {people.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Turn(props: { page: number; pages: number; all: number; turn: (to: number) => void }) {
  const texts = t.value.debrief.table;
  const { page, pages, all } = props;
  const words = fill(texts.page, {
    from: wholeNumber(page * ROWS + 1),
    until: wholeNumber(Math.min(all, (page + 1) * ROWS)),
    all: wholeNumber(all),
  });
  return (
    <div class="db-record-turn">
      <button type="button" class="db-button" disabled={page === 0} onClick={() => props.turn(page - 1)}>
        {texts.earlier}
      </button>
      <span role="status">{words}</span>
      <button type="button" class="db-button" disabled={page >= pages - 1} onClick={() => props.turn(page + 1)}>
        {texts.later}
      </button>
    </div>
  );
}

function Rows({ model, lines }: { model: DebriefModel; lines: readonly RecordLine[] }) {
  const texts = t.value.debrief.table;
  const { short, pressure } = t.value.dashboard.signs;
  const places = useComputed(() => placesOf(model.lines.value)).value;
  const numbers = useComputed(() => new Map(numberedFlags(model.lines.value).map(({ line, number }) => [line, number]))).value;
  const course = model.course.value;
  return (
    <table class="db-table">
      <thead>
        <tr>
          <th scope="col">{texts.number}</th>
          <th scope="col">{texts.since}</th>
          <th scope="col">{texts.time}</th>
          <th scope="col">{short.heart_rate}</th>
          <th scope="col">{pressure}</th>
          <th scope="col">{short.spo2}</th>
          <th scope="col">{short.respiratory_rate}</th>
          <th scope="col">{short.etco2}</th>
          <th scope="col">{short.temperature}</th>
          <th scope="col">{texts.rhythm}</th>
          <th scope="col">{texts.what}</th>
          <th scope="col">{texts.who}</th>
          <th scope="col">{texts.made}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => {
          const shown = shownWith(line, course, places);
          const place = places.get(line);
          const { last } = place === undefined ? course.at(line.at) : course.after(place);
          const time = caseClock(model.time.value, line.at);
          return (
            <tr key={line.id}>
              <td>{numbers.get(line) ?? ""}</td>
              <th scope="row">
                <button
                  type="button"
                  class="db-record-go"
                  aria-label={fill(texts.go, { time })}
                  onClick={() => model.replay.seek(line.kind === "vitals" ? line.stored_at : line.at)}
                >
                  {time}
                </button>
              </th>
              <td>{clockTime(line.at)}</td>
              <td>{signShown("heart_rate", shown)}</td>
              <td>{pressureShown(shown)}</td>
              <td>{signShown("spo2", shown)}</td>
              <td>{signShown("respiratory_rate", shown)}</td>
              <td>{signShown("etco2", shown)}</td>
              <td>{signShown("temperature", shown)}</td>
              <td>{rhythmName(last.rhythm)}</td>
              <td class="db-table-words">
                {lineWords(line, model.room.steps.value)} <BesideMark line={line} />
              </td>
              <td>{line.who}</td>
              <td>
                {isLate(line) ? clockTime(line.stored_at) : ""} <LateMark line={line} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
