import { useComputed } from "@preact/signals";
import { pathTo } from "../../../app/pages";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Icon } from "../../icons";
import { Link } from "../../shell/Link";
import { counted } from "../../words";
import { useRoom } from "../room";
import "./notice.css";

/** What was done here and is not in the record: said in the room itself, also after the end. */
export function RefusedNotice() {
  const room = useRoom();
  const count = useComputed(() => {
    const all = [...room.entries.value, ...room.fieldEdits.value];
    return all.filter(({ state }) => state === "rejected").length;
  }).value;
  const texts = t.value.dashboard.outbox;
  if (count === 0) return null;
  return (
    <div class="db-notice" role="status">
      <Icon name="alert" />
      <p>{counted(count, texts.refused_here)}</p>
      <Link to={pathTo("outbox")} class="db-button">
        {texts.decide}
      </Link>
    </div>
  );
}
