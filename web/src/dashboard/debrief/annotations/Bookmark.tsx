import { trainerTexts as t } from "../../../i18n/trainers";
import { Icon } from "../../icons";
import { keyed } from "../../keys/shortcuts";
import { useRoom } from "../../room/room";

/** This moment, for the debrief: one tap or one key, and no word. */
export function Bookmark() {
  const room = useRoom();
  const texts = t.value.marks.bookmark;
  if (room.isOver.value || !room.may("annotate")) return null;
  return (
    <button type="button" class="db-button" {...keyed("bookmark")} aria-label={texts.title} title={texts.title} onClick={() => room.bookmark()}>
      <Icon name="bookmark" />
    </button>
  );
}
