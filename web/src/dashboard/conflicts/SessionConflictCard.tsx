import { useId } from "preact/hooks";
import { pathTo } from "../../app/pages";
import type { Settlement } from "../../device/sync/edits";
import type { SessionConflict } from "../../device/sync/shownSessions";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { dayTime } from "../fmt";
import { Icon } from "../icons";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { Link } from "../shell/Link";
import { ByField, Same } from "./ByField";
import { sessionParts } from "./parts";
import { theirWords } from "./theirWords";

/** One session's own fields, both sides of them, and the choice. */
export function SessionConflictCard({ conflict }: { conflict: SessionConflict }) {
  const device = useDevice();
  const id = useId();
  const texts = t.value.cases.conflicts;
  const { session_id, theirs, mine, fields, made_at, written } = conflict;
  const title = (theirs ?? mine).title || t.value.dashboard.room.untitled;
  const now = device.serverNow();
  const settle = (settlement: Settlement) => {
    announce(fill(device.isOnline.peek() ? texts.settled : texts.settled_offline, { title }));
    document.getElementById("content")?.focus();
    device.settle(conflict, settlement).catch(tellNotWritten);
  };
  return (
    <section class="db-panel db-conflict" aria-labelledby={id}>
      <h2 id={id}>
        <Icon name="fork" /> {texts.of_session} <Link to={pathTo("room", { session_id })}>{title}</Link>
      </h2>
      <dl class="db-sides">
        <div>
          <dt>{texts.theirs}</dt>
          <dd>{theirs === null ? texts.session_gone : theirWords({ written, updatedAt: undefined, isDeleted: false, me: device.me.value?.id, now })}</dd>
        </div>
        <div>
          <dt>{texts.mine}</dt>
          <dd>{fill(texts.mine_by, { when: dayTime(Date.parse(made_at), now) })}</dd>
        </div>
      </dl>
      {theirs === null ? (
        <p class="db-conflict-actions">
          <button type="button" class="db-button db-button-main" onClick={() => settle({ keep: "theirs" })}>
            {texts.session_gone_yes}
          </button>
        </p>
      ) : fields.length === 0 ? (
        <Same settle={settle} />
      ) : (
        <ByField parts={sessionParts(fields, theirs, mine, now)} isWhole={false} settle={settle} />
      )}
    </section>
  );
}
