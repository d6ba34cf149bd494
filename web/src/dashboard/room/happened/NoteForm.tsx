import { useSignal } from "@preact/signals";
import { BOUNDS } from "../../../generated/catalogue";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Icon } from "../../icons";
import { Bookmark } from "../../debrief/annotations/Bookmark";
import { keyed } from "../../keys/shortcuts";
import { useRoom } from "../room";
import "./markers.css";

export function NoteForm() {
  const room = useRoom();
  const texts = t.value.dashboard.notes;
  const text = useSignal("");
  if (!room.may("add_note") && !room.may("annotate")) return null;
  return (
    <form
      class="db-note-form"
      onSubmit={(event) => {
        event.preventDefault();
        room.note(text.value);
        text.value = "";
      }}
    >
      <input
        type="text"
        {...keyed("note")}
        aria-label={texts.text}
        placeholder={texts.placeholder}
        maxLength={BOUNDS.note_characters}
        autocomplete="off"
        value={text}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
      <button type="submit" class="db-button">
        <Icon name="plus" />
        <span>{texts.add}</span>
      </button>
      <Bookmark />
    </form>
  );
}
