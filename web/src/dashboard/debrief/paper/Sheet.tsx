import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { ScoreSheet } from "../../../wire/beside";
import { clockTime } from "../../fmt";
import { isMarkerOfItem } from "../../room/case/itemMarkers";
import { number } from "../../words";
import { ArrestsTable } from "../figures/ArrestsTable";
import { KeyTimesTable } from "../figures/KeyTimesTable";
import { News2Source } from "../figures/News2Source";
import { timeRows } from "../figures/timeRows";
import { Wide } from "../figures/Wide";
import { percentWords, resultWords, passRuleWords, scoreWords } from "../scores/scoreWords";
import { printedWords } from "./footOfPages";
import { PaperChart } from "./PaperChart";
import { rangesOf, type DoneItem, type PaperRow, type SheetData } from "./sheetData";
import "./sheet.css";

/** With them the chart still fits on the first page. */
const TIMES_ON_FIRST = 8;

/** The debriefing sheet: on paper from page 1 what it comes to, from page 2 on what it comes from. */
export function Sheet({ data }: { data: SheetData }) {
  return (
    <article class="db-sheet-page">
      <div class="db-sheet-first">
        <Head data={data} />
        <Takeaways lines={data.takeaways} />
        <KeyTimes data={data} />
        <Results data={data} />
        <Course data={data} />
      </div>
      <Checklist data={data} />
      <PlusDelta data={data} />
      <FurtherTimes data={data} />
      <ArrestsTable arrests={data.figures?.resuscitation ?? []} />
      <Record rows={data.rows} />
      <Foot printedBy={data.printedBy} />
    </article>
  );
}

function Head({ data }: { data: SheetData }) {
  const texts = t.value.marks.sheet;
  return (
    <header>
      <p class="db-sheet-kind">{texts.title}</p>
      <h1>{data.title || t.value.dashboard.room.untitled}</h1>
      <dl>
        {data.facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {data.goal === "" ? null : (
        <>
          <h2>{texts.goal}</h2>
          <p class="db-sheet-goal">{data.goal}</p>
        </>
      )}
    </header>
  );
}

function Takeaways({ lines }: { lines: readonly string[] | null }) {
  const texts = t.value.marks.sheet;
  return (
    <section class="db-sheet-takeaways">
      <h2>{texts.takeaways}</h2>
      {lines === null ? <p>{t.value.device.unread.away}</p> : null}
      {lines?.length === 0 ? <p>{texts.takeaways_none}</p> : null}
      <ol>
        {lines?.map((line, place) => (
          <li key={place}>{line}</li>
        ))}
      </ol>
    </section>
  );
}

function KeyTimes({ data }: { data: SheetData }) {
  const texts = t.value.marks.sheet;
  const rows = timeRows(data.figures?.times ?? [], isMarkerOfItem);
  return (
    <>
      <KeyTimesTable title={texts.times} rows={rows.slice(0, TIMES_ON_FIRST)} />
      <News2 highest={data.highestNews2} />
    </>
  );
}

/** Those that the first page has no room for. */
function FurtherTimes({ data }: { data: SheetData }) {
  const rows = timeRows(data.figures?.times ?? [], isMarkerOfItem).slice(TIMES_ON_FIRST);
  return <KeyTimesTable title={t.value.marks.sheet.further_times} rows={rows} />;
}

function News2({ highest }: { highest: { at: string; total: number; missing: string[] } | null }) {
  const texts = t.value.marks.sheet;
  if (highest === null) return null;
  const when = clockTime(Date.parse(highest.at));
  if (highest.missing.length === 0) return <p>{fill(texts.news2_highest, { total: highest.total, when })}</p>;
  const known: Record<string, string> = texts.missing;
  const missing = highest.missing.map((name) => known[name] ?? name).join(" · ");
  return <p>{fill(texts.news2_least, { total: highest.total, when, missing })}</p>;
}

function Results({ data }: { data: SheetData }) {
  const texts = t.value.marks.sheet;
  if (data.checklist.length === 0) return null;
  const sheets = data.sheets ?? [];
  return (
    <section>
      <h2>{texts.score}</h2>
      {sheets.length === 0 ? <p>{data.sheets === null ? t.value.marks.sheets.not_here : texts.no_scores}</p> : null}
      <ul class="db-sheet-results">
        {sheets.map((sheet) => (
          <li key={sheet.by.id}>
            <b>{fill(texts.said_by, { who: sheet.by.name, said: resultWords(sheet) })}</b>
            {sheet.comment === "" ? null : <span> · {sheet.comment}</span>}
          </li>
        ))}
      </ul>
      {sheets.length === 0 ? null : <p>{passRuleWords(data.passPercent)}</p>}
    </section>
  );
}

function Course({ data }: { data: SheetData }) {
  const { sheet: texts } = t.value.marks;
  if (data.course === null) return null;
  const { short } = t.value.dashboard.signs;
  const ranges = rangesOf(data.course.chart.track).map(({ name, low, high }) =>
    fill(texts.range, { sign: short[name], low: number(name, low), high: number(name, high) }),
  );
  const worst = fill(texts.worst, { values: ranges.join(", ") });
  const label = fill(texts.chart_label, { from: clockTime(data.from), until: clockTime(data.until), worst });
  return (
    <section class="db-sheet-course">
      <h2>{texts.chart}</h2>
      <Wide label={texts.chart}>
        <PaperChart course={data.course} label={label} />
      </Wide>
      <p>
        {texts.shapes} {texts.lines} {texts.scores}
      </p>
    </section>
  );
}

function Checklist({ data }: { data: SheetData }) {
  const texts = t.value.marks.sheet;
  if (data.checklist.length === 0) return null;
  const sheets = data.sheets ?? [];
  const apart = new Set(data.differences.map(({ key }) => key));
  return (
    <section class="db-sheet-checklist">
      <h2>{texts.checklist}</h2>
      <Wide label={texts.checklist}>
        <table class="db-table">
          <thead>
            <tr>
              <th scope="col">{texts.item}</th>
              <th scope="col">{texts.done}</th>
              {sheets.map((sheet) => (
                <th key={sheet.by.id} scope="col">
                  {sheet.by.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.checklist.map((done) => (
              <ItemLine key={done.item.key} done={done} sheets={sheets} differs={sheets.length > 1 && apart.has(done.item.key)} />
            ))}
          </tbody>
          {sheets.length === 0 ? null : (
            <tfoot>
              <tr>
                <th scope="row" colSpan={2}>
                  {texts.result}
                </th>
                {sheets.map((sheet) => (
                  <td key={sheet.by.id}>{percentWords(sheet.percent)}</td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </Wide>
      {sheets.length === 0 ? null : <p>{t.value.marks.scores.legend}</p>}
    </section>
  );
}

function ItemLine(props: { done: DoneItem; sheets: readonly ScoreSheet[]; differs: boolean }) {
  const { item, at } = props.done;
  const comments = props.sheets.flatMap((sheet) => {
    const said = sheet.items[item.key]?.comment ?? "";
    return said === "" ? [] : [{ who: sheet.by.name, said }];
  });
  return (
    <tr>
      <th scope="row" class="db-table-words">
        {item.text}
        {item.critical ? <b> ({t.value.marks.scores.critical})</b> : null}
        {props.differs ? <em> ≠ {t.value.marks.sheets.differs}</em> : null}
        {comments.map(({ who, said }) => (
          <small key={who} class="db-sheet-comment">
            {fill(t.value.marks.sheet.said_by, { who, said })}
          </small>
        ))}
      </th>
      <td>{at === null ? "" : clockTime(at)}</td>
      {props.sheets.map((sheet) => {
        const own = sheet.items[item.key];
        return <td key={sheet.by.id}>{own === undefined ? "–" : scoreWords(own)}</td>;
      })}
    </tr>
  );
}

function PlusDelta({ data }: { data: SheetData }) {
  const texts = t.value.marks.sheet;
  if (data.plus.length + data.delta.length === 0) return null;
  const list = (title: string, lines: readonly string[]) => (
    <div>
      <h2>{title}</h2>
      <ul>
        {lines.map((line, place) => (
          <li key={place}>{line}</li>
        ))}
      </ul>
    </div>
  );
  return (
    <section class="db-sheet-columns">
      {list(`+ ${texts.plus}`, data.plus)}
      {list(`Δ ${texts.delta}`, data.delta)}
    </section>
  );
}

function Record({ rows }: { rows: readonly PaperRow[] | null }) {
  const texts = t.value.marks.sheet;
  const { short, pressure } = t.value.dashboard.signs;
  return (
    <section class="db-sheet-record">
      <h2>{texts.record}</h2>
      {rows === null ? (
        <p>{texts.record_missing}</p>
      ) : (
        <>
          <Wide label={texts.record}>
            <table class="db-table">
              <thead>
                <tr>
                  <th scope="col">{texts.number}</th>
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
                {rows.map((row) => (
                  <tr key={row.id}>
                    <td>{row.number}</td>
                    <th scope="row">{row.time}</th>
                    <td>{row.clock}</td>
                    <td>{row.heart_rate}</td>
                    <td>{row.pressure}</td>
                    <td>{row.spo2}</td>
                    <td>{row.respiratory_rate}</td>
                    <td>{row.etco2}</td>
                    <td>{row.temperature}</td>
                    <td class="db-table-words">{row.words}</td>
                    <td class="db-table-who">{row.who}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
          <p>{texts.table_help}</p>
        </>
      )}
    </section>
  );
}

function Foot({ printedBy }: { printedBy: string | null }) {
  const texts = t.value.marks.sheet;
  return (
    <footer class="db-sheet-foot">
      <p>{texts.training}</p>
      <News2Source />
      <p class="db-sheet-printed">{printedWords(printedBy, Date.now())}</p>
    </footer>
  );
}
