import { t } from "../../../i18n";
import { PrintButton } from "../../debrief/paper/PrintButton";
import { ShareButton } from "../../debrief/shared/ShareButton";
import { TakeOut } from "../../debrief/goingOut/TakeOut";
import { useRoom } from "../room";
import "./downloads.css";

/** The record to take along, once the session is over. */
export function Downloads() {
  const room = useRoom();
  if (!room.isOver.value) return null;
  return (
    <div class="db-downloads" role="group" aria-label={t.value.goingOut.title}>
      <PrintButton />
      <ShareButton />
      <TakeOut sessionId={room.id} />
    </div>
  );
}
