import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Assignment, Refusal, Try } from "../../wire/types";
import { useDevice } from "../context";
import { dayTime, lasting } from "../fmt";
import { Link } from "../shell/Link";
import { reason } from "../words";
import "../outbox/outbox.css";

/** Who has tried it, when, how it ended; each leads to its record. */
export function Tries(props: { assignment: Assignment }) {
  const device = useDevice();
  const texts = t.value.homework;
  const read = useSignal<readonly Try[] | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const { id, title, tries, open_tries } = props.assignment;
  useEffect(() => {
    void device.triesOf(id).then((answer) => {
      if (answer.ok) read.value = answer.value;
      refusal.value = answer.ok ? null : answer.refusal;
    });
  }, [device, id, tries, open_tries]);
  if (refusal.value !== null && read.value === null) return <p role="alert">{reason(refusal.value)}</p>;
  if (read.value === null) return <p class="db-hint">{texts.reading}</p>;
  if (read.value.length === 0) return <p class="db-hint">{texts.no_tries}</p>;
  return (
    <table class="db-table db-outbox">
      <caption class="visually-hidden">{fill(texts.show_tries, { title })}</caption>
      <thead>
        <tr>
          <th scope="col">{texts.name}</th>
          <th scope="col">{texts.begun}</th>
          <th scope="col">{texts.ended}</th>
          <th scope="col">{texts.record}</th>
        </tr>
      </thead>
      <tbody>
        {read.value.map((one) => (
          <TryRow key={one.session_id} attempt={one} now={device.serverNow()} />
        ))}
      </tbody>
    </table>
  );
}

function TryRow({ attempt, now }: { attempt: Try; now: number }) {
  const texts = t.value.homework;
  const when = dayTime(Date.parse(attempt.begun_at), now);
  return (
    <tr>
      <th scope="row" data-label={texts.name}>
        {attempt.name}
      </th>
      <td data-label={texts.begun}>{when}</td>
      <td data-label={texts.ended}>{endWords(attempt)}</td>
      <td data-label={texts.record}>
        <Link
          to={pathTo("room", { session_id: attempt.session_id })}
          class="db-button"
          label={fill(texts.record_of, { name: attempt.name, when })}
        >
          {texts.open_record}
        </Link>
      </td>
    </tr>
  );
}

/** How it ended, and how long it lasted. */
function endWords({ ended, begun_at, closed_at }: Try): string {
  const { how } = t.value.homework;
  if (closed_at === null || ended === null) return how.going;
  return fill(how[ended], { time: lasting((Date.parse(closed_at) - Date.parse(begun_at)) / 1000) });
}
