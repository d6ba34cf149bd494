import { t } from "../../../i18n";
import { TakeOut } from "../../debrief/goingOut/TakeOut";
import { useRoom } from "../room";
import "./downloads.css";

/** The record to take along, once the session is over. */
export function Downloads() {
  const room = useRoom();
  const texts = t.value.dashboard.downloads;
  if (!room.isOver.value) return null;
  return (
    <div class="db-downloads" role="group" aria-label={t.value.goingOut.title}>
      <button type="button" class="db-button db-button-main" onClick={() => window.print()}>
        {texts.print}
      </button>
      <TakeOut sessionId={room.id} />
    </div>
  );
}
