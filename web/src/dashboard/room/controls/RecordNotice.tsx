import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Icon } from "../../icons";
import { useRoom } from "../room";
import "./notice.css";

/** That what is shown below is not the whole record: it has to be read first, which only the server's being there can mend. */
export function RecordNotice() {
  const room = useRoom();
  const texts = t.value.dashboard.room;
  const words = useComputed(() => {
    const session = room.session.value;
    if (session === null || session.has_record) return null;
    if (!room.device.isOnline.value) return "not_here";
    // Of an open session every push is ahead of its event for a moment.
    return session.closed_at === null ? null : "reading";
  }).value;
  if (words === null) return null;
  return (
    <div class="db-notice">
      <Icon name={words === "not_here" ? "wifi_off" : "clock"} />
      <p role="status">{texts[words]}</p>
    </div>
  );
}
