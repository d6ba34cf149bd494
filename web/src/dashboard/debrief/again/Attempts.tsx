import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { pathTo } from "../../../app/pages";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { Result } from "../../../wire/api";
import type { Debrief, Refusal } from "../../../wire/types";
import { useDevice } from "../../context";
import { dayTime, lasting } from "../../fmt";
import { Icon } from "../../icons";
import { Link } from "../../shell/Link";
import { markerName, reason } from "../../words";
import { Asking } from "../asking";
import { attemptRows, type AttemptFigures, type AttemptRow, type KeyTimeColumn } from "./attemptRows";
import { attemptNumber, attemptsWith } from "./attempts";
import "./again.css";

/** The attempts of one team, of which this session is one: nothing where there is no other. */
export function Attempts(props: { sessionId: string }) {
  const device = useDevice();
  const ids = useComputed(() => attemptsWith(props.sessionId, device.sessions.value).map(({ id }) => id).join(" ")).value;
  const all = ids === "" ? [] : ids.split(" ");
  return all.length < 2 ? null : <SideBySide key={ids} ids={all} own={props.sessionId} />;
}

function SideBySide({ ids, own }: { ids: readonly string[]; own: string }) {
  const device = useDevice();
  const texts = t.value.again;
  const read = useSignal<ReadonlyMap<string, Result<Debrief>>>(new Map());
  // Of the session that is looked at the record may have grown.
  const newest = useComputed(() => device.session(own).value?.last_seq ?? 0).value;
  const askings = useMemo(() => {
    const told = (id: string, answer: Result<Debrief>) => (read.value = new Map([...read.peek(), [id, answer]]));
    return new Map(ids.map((id) => [id, new Asking(() => device.debrief(id), (answer) => told(id, answer))]));
  }, []);
  useEffect(() => {
    const stops = [...askings.values()].map((asking) => asking.start());
    return () => stops.forEach((stop) => stop());
  }, [askings]);
  useEffect(() => {
    for (const [id, asking] of askings) if (id === own || read.peek().get(id)?.ok !== true) void asking.now();
  }, [newest, device.isOnline.value]);
  const answers = ids.map((id) => read.value.get(id));
  const refusal = answers.flatMap((answer): Refusal[] => (answer === undefined || answer.ok ? [] : [answer.refusal]))[0];
  const { columns, rows } = attemptRows(answers.map((answer): AttemptFigures | null => (answer?.ok === true ? answer.value : null)));
  return (
    <section class="db-panel" id="part-attempts" aria-labelledby="part-attempts-title" tabIndex={-1}>
      <h2 id="part-attempts-title">{texts.attempts}</h2>
      {refusal === undefined ? null : <p class="db-hint">{fill(texts.lacks, { reason: reason(refusal) })}</p>}
      {answers.some((answer) => answer === undefined) ? <p class="db-hint">{texts.loading}</p> : null}
      <div class="db-table-frame" tabIndex={0} role="region" aria-label={texts.attempts}>
        <table class="db-table">
          <thead>
            <tr>
              <th scope="col">{texts.attempt_column}</th>
              {columns.map((column) => (
                <th key={`${column.marker} ${column.from}`} scope="col">
                  {columnWords(column)}
                </th>
              ))}
              <th scope="col" title={texts.compressions_help}>
                {texts.compressions}
              </th>
            </tr>
          </thead>
          <tbody>
            {ids.map((id, place) => (
              <Row key={id} id={id} isOwn={id === own} columns={columns} row={rows[place] ?? null} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row(props: { id: string; isOwn: boolean; columns: readonly KeyTimeColumn[]; row: AttemptRow | null }) {
  const device = useDevice();
  const texts = t.value.again;
  const number = useComputed(() => attemptNumber(props.id, device.sessions.value)).value;
  const opened = useComputed(() => Date.parse(device.session(props.id).value?.created_at ?? "")).value;
  const name = fill(texts.number, { number });
  return (
    <tr aria-current={props.isOwn ? "true" : undefined}>
      <th scope="row">
        {props.isOwn ? `${name} (${texts.this_one})` : <Link to={pathTo("room", { session_id: props.id })}>{name}</Link>}
        <small class="db-attempt-time">{dayTime(opened, device.serverNow())}</small>
      </th>
      {props.columns.map(({ marker, from }, place) => (
        <td key={`${marker} ${from}`}>
          <Time time={props.row?.times[place] ?? null} />
        </td>
      ))}
      <td>{props.row === null || props.row.compressions === null ? "" : `${Math.round(props.row.compressions * 100)}\u00a0%`}</td>
    </tr>
  );
}

function Time({ time }: { time: AttemptRow["times"][number] }) {
  const texts = t.value.again;
  if (time === null) return null;
  return (
    <>
      {time.seconds === null ? texts.never : lasting(time.seconds)}
      {time.isMet === null ? null : (
        <span class="db-attempt-met" data-met={time.isMet ? "yes" : "no"}>
          <Icon name={time.isMet ? "check" : "cross"} />
          <span class="visually-hidden">{time.isMet ? texts.met : texts.missed}</span>
        </span>
      )}
    </>
  );
}

function columnWords({ marker, from }: KeyTimeColumn): string {
  const texts = t.value.again.marker_from;
  const what = markerName(marker);
  if (from === "start" || from === "arrest") return fill(texts[from], { marker: what });
  return fill(texts.marker, { marker: what, from: markerName(from) });
}
