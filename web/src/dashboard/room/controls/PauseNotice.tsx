import { useComputed } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { clockTime } from "../../fmt";
import { Icon } from "../../icons";
import { useRoom } from "../room";
import "./notice.css";

/** That everything stands still, and the way to go on, where every part of the room has it in sight. */
export function PauseNotice() {
  const room = useRoom();
  const since = useComputed(() => (room.isOver.value ? null : (room.session.value?.paused_at ?? null))).value;
  if (since === null) return null;
  return (
    <div class="db-notice" role="status">
      <Icon name="pause" />
      <p>{fill(t.value.dashboard.room.paused, { when: clockTime(Date.parse(since)) })}</p>
      {room.may("run_case") ? (
        <button type="button" class="db-button" onClick={() => room.control("resume")}>
          <Icon name="play" />
          <span>{t.value.dashboard.steps.resume}</span>
        </button>
      ) : null}
    </div>
  );
}
