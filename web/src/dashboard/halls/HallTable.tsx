import type { SchoolHalls } from "../../device/sync/schoolHalls";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Hall } from "../../wire/types";
import { useDevice } from "../context";
import { dayTime, wholeNumber } from "../fmt";
import { counted, dotted } from "../words";
import { offsetWords, contactWords } from "./contact";
import "../outbox/outbox.css";

export function HallTable(props: { school: SchoolHalls; revoke: (hall: Hall) => void }) {
  const texts = t.value.halls;
  const { halls, trainers } = props.school;
  if (halls.length === 0)
    return (
      <div class="db-empty">
        <h2>{texts.none}</h2>
        <p>{texts.none_help}</p>
      </div>
    );
  return (
    <table class="db-table db-outbox db-halls">
      <thead>
        <tr>
          <th scope="col">{texts.hall}</th>
          <th scope="col">{texts.seen}</th>
          <th scope="col">{texts.waiting}</th>
          <th scope="col">{texts.clock}</th>
          <th scope="col">{texts.open_sessions}</th>
          <th scope="col">{texts.release}</th>
          <th scope="col">{texts.actions}</th>
        </tr>
      </thead>
      <tbody>
        {halls.map((hall) => (
          <HallRow key={hall.id} hall={hall} people={peopleOf(hall, trainers)} revoke={props.revoke} />
        ))}
      </tbody>
    </table>
  );
}

function HallRow(props: { hall: Hall; people: string; revoke: (hall: Hall) => void }) {
  const device = useDevice();
  const texts = t.value.halls;
  const { hall } = props;
  const now = device.serverNow();
  return (
    <tr>
      <th scope="row" data-label={texts.hall}>
        {hall.name}
        <small class="db-hall-people">{props.people}</small>
      </th>
      <td data-label={texts.seen}>{contactWords(hall.last_seen_at, now)}</td>
      <td data-label={texts.waiting}>{waitingWords(hall, now)}</td>
      <td data-label={texts.clock}>{offsetWords(hall.clock_offset_ms)}</td>
      <td data-label={texts.open_sessions}>{wholeNumber(hall.open_sessions)}</td>
      <td data-label={texts.release}>{hall.release ?? "–"}</td>
      <td data-label={texts.actions}>
        {hall.revoked_at === null ? (
          <button type="button" class="db-button" aria-label={`${texts.revoke}: ${hall.name}`} onClick={() => props.revoke(hall)}>
            {texts.revoke}
          </button>
        ) : (
          fill(texts.revoked_at, { when: dayTime(Date.parse(hall.revoked_at), now) })
        )}
      </td>
    </tr>
  );
}

function peopleOf({ trainers }: Hall, known: SchoolHalls["trainers"]): string {
  const texts = t.value.halls;
  if (trainers === "all") return texts.everybody;
  return trainers.map((id) => known.find((one) => one.id === id)?.name ?? texts.somebody).join(", ");
}

function waitingWords({ waiting }: Hall, now: number): string {
  const texts = t.value.halls;
  if (waiting === null) return "–";
  const parts = [
    waiting.sessions > 0 ? counted(waiting.sessions, texts.waiting_sessions) : "",
    waiting.events > 0 ? counted(waiting.events, texts.waiting_events) : "",
    waiting.templates > 0 ? counted(waiting.templates, texts.waiting_templates) : "",
    waiting.annotations > 0 ? counted(waiting.annotations, texts.waiting_annotations) : "",
  ].filter((part) => part !== "");
  if (parts.length === 0) return texts.nothing_waits;
  const since = waiting.since === null ? [] : [fill(texts.since, { when: dayTime(Date.parse(waiting.since), now) })];
  return dotted([...parts, ...since]);
}
