import { useComputed } from "@preact/signals";
import { isAboutSession, type OutboxEntry } from "../../device/outbox/entry";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { clockTime, wholeTime } from "../fmt";
import { Icon, type IconName } from "../icons";
import { Link } from "../shell/Link";
import { pathTo } from "../../app/pages";
import { authorName, counted, entryWords, reason } from "../words";
import { adviceFor, Decisions, remediesHere } from "./Decisions";

const ICONS: Record<OutboxEntry["state"], IconName> = {
  waiting: "clock",
  sending: "up",
  rejected: "alert",
  kept: "archive",
};

export function EntryRow(props: {
  entry: OutboxEntry;
  followers: readonly OutboxEntry[];
  isBlocked: boolean;
  askDiscard: (unwanted: readonly OutboxEntry[]) => void;
}) {
  const device = useDevice();
  const texts = t.value.dashboard.outbox;
  const { entry } = props;
  const title = useComputed(() => {
    const session = device.sessions.value.find((one) => isAboutSession(entry, one.id));
    return session === undefined ? null : session.title || t.value.dashboard.room.untitled;
  }).value;
  const at = Date.parse(entry.made_at);
  const isDecided = entry.state !== "rejected" && entry.state !== "kept";
  const remedies = isDecided ? [] : remediesHere(entry, device);
  const isToday = new Date(at).toDateString() === new Date(device.serverNow()).toDateString();
  return (
    <tr data-state={entry.state}>
      <td data-label={texts.time}>
        <time dateTime={entry.made_at}>{isToday ? clockTime(at) : wholeTime(at)}</time>
      </td>
      <td data-label={texts.author}>{authorName(entry.author, device.me.value)}</td>
      <td data-label={texts.session}>
        {title === null ? texts.unknown_session : <Link to={pathTo("room", { session_id: entry.entity.id })}>{title}</Link>}
      </td>
      <th scope="row" data-label={texts.change}>
        {entryWords(entry, device.caseOf(entry.entity.id).value?.steps)}
      </th>
      <td data-label={texts.state}>
        <span>
          <span class="db-entry-state" data-state={entry.state}>
            <Icon name={ICONS[entry.state]} />
            <span>{t.value.device.states[entry.state]}</span>
          </span>
          {props.isBlocked ? <span class="db-entry-reason">{t.value.device.entries.blocked}</span> : null}
          {entry.refusal === null ? null : <span class="db-entry-reason">{reason(entry.refusal)}</span>}
          {isDecided ? null : <span class="db-entry-reason">{adviceFor(entry, remedies)}</span>}
          {entry.failures > 0 ? <span class="db-entry-reason">{counted(entry.failures, texts.failures)}</span> : null}
        </span>
      </td>
      <td data-label={texts.actions}>
        {isDecided ? null : <Decisions {...props} remedies={remedies} />}
      </td>
    </tr>
  );
}
