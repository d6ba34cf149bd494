import { useMemo } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { isOfSession, type Edit } from "../../device/sync/edit";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { clockTime, wholeTime } from "../fmt";
import { Icon, type IconName } from "../icons";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { Link } from "../shell/Link";
import { sessionEditWords } from "../sessions/sessionWords";
import { editWords, rejectionWords } from "../templates/templateWords";
import { authorName } from "../words";

const ICONS: Record<Edit["state"], IconName> = { waiting: "clock", conflict: "fork", rejected: "alert" };

/** An edit of a case or a session among what the server has not confirmed. */
export function EditRow(props: { edit: Edit }) {
  const device = useDevice();
  const texts = t.value.dashboard.outbox;
  const { edits } = t.value.cases;
  const { edit } = props;
  const at = Date.parse(edit.made_at);
  const isToday = new Date(at).toDateString() === new Date(device.serverNow()).toDateString();
  return (
    <tr data-state={edit.state}>
      <td data-label={texts.time}>
        <time dateTime={edit.made_at}>{isToday ? clockTime(at) : wholeTime(at)}</time>
      </td>
      <td data-label={texts.author}>{authorName(edit.author, device.me.value)}</td>
      <td data-label={texts.session}>
        {isOfSession(edit) ? <SessionLink id={edit.session_id} /> : <Link to={pathTo("templates")}>{edits.cases}</Link>}
      </td>
      <th scope="row" data-label={texts.change}>
        {wordsOf(edit, device.serverNow())}
      </th>
      <td data-label={texts.state}>
        <span>
          <span class="db-entry-state" data-state={edit.state === "waiting" ? "waiting" : "rejected"}>
            <Icon name={ICONS[edit.state]} />
            <span>{edit.state === "conflict" ? edits.conflict : t.value.device.states[edit.state]}</span>
          </span>
          {edit.state === "conflict" ? <span class="db-entry-reason">{edits.conflict_help}</span> : null}
          {edit.rejection === null ? null : <span class="db-entry-reason">{rejectionWords(edit.rejection.reason)}</span>}
        </span>
      </td>
      <td data-label={texts.actions}>
        {edit.state === "conflict" ? <Link to={pathTo("conflicts")}>{edits.choose}</Link> : null}
        {edit.state === "rejected" ? <RejectedActions edit={edit} /> : null}
      </td>
    </tr>
  );
}

function wordsOf(edit: Edit, now: number): string {
  return isOfSession(edit) ? sessionEditWords(edit, now) : editWords(edit);
}

function SessionLink(props: { id: string }) {
  const device = useDevice();
  const session = useMemo(() => device.session(props.id), [device, props.id]).value;
  if (session === null) return <>{t.value.dashboard.outbox.unknown_session}</>;
  return <Link to={pathTo("room", { session_id: props.id })}>{session.title || t.value.dashboard.room.untitled}</Link>;
}

function RejectedActions({ edit }: { edit: Edit }) {
  const device = useDevice();
  const texts = t.value.dashboard.outbox;
  const what = wordsOf(edit, device.serverNow());
  const act = (words: string, done: Promise<void>) => {
    announce(`${words}: ${what}`);
    done.catch(tellNotWritten);
  };
  return (
    <span class="db-entry-actions">
      <button
        type="button"
        class="db-button db-button-main"
        aria-label={`${texts.retry}: ${what}`}
        onClick={() => act(texts.retried, device.retryEdit(edit.id))}
      >
        {texts.retry}
      </button>
      <button
        type="button"
        class="db-button"
        aria-label={`${texts.discard}: ${what}`}
        onClick={() => act(texts.discarded, device.dropEdit(edit.id))}
      >
        {texts.discard}
      </button>
    </span>
  );
}
