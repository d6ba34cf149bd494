import { pathTo } from "../../app/pages";
import type { Edit } from "../../device/sync/edit";
import { t } from "../../i18n";
import { useDevice } from "../context";
import { clockTime, wholeTime } from "../fmt";
import { Icon, type IconName } from "../icons";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { Link } from "../shell/Link";
import { editWords, rejectionWords } from "../templates/templateWords";
import { authorName } from "../words";

const ICONS: Record<Edit["state"], IconName> = { waiting: "clock", conflict: "fork", rejected: "alert" };

/** An edit of a case among what the server has not confirmed. */
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
        <Link to={pathTo("templates")}>{edits.cases}</Link>
      </td>
      <th scope="row" data-label={texts.change}>
        {editWords(edit)}
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

function RejectedActions({ edit }: { edit: Edit }) {
  const device = useDevice();
  const texts = t.value.dashboard.outbox;
  const what = editWords(edit);
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
