import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { trainerTexts as t } from "../../i18n/trainers";
import { BOUNDS } from "../../generated/catalogue";
import { Dialog } from "../Dialog";
import { Icon } from "../icons";
import { useRoom } from "./room";

/** What the session is called, and whom it is about. */
export function Rename() {
  const room = useRoom();
  const isOpen = useSignal(false);
  if (!room.may("edit_session")) return null;
  return (
    <>
      <button
        type="button"
        class="db-button db-button-quiet db-rename"
        aria-label={t.value.dashboard.room.rename}
        title={t.value.dashboard.room.rename}
        onClick={() => {
          isOpen.value = true;
        }}
      >
        <Icon name="pencil" />
      </button>
      {isOpen.value ? <RenameDialog onClose={() => (isOpen.value = false)} /> : null}
    </>
  );
}

function RenameDialog(props: { onClose: () => void }) {
  const room = useRoom();
  const texts = t.value.dashboard;
  const session = room.session.value;
  const title = useRef<HTMLInputElement>(null);
  const publicTitle = useRef<HTMLInputElement>(null);
  const trainee = useRef<HTMLInputElement>(null);
  const rename = (event: Event) => {
    event.preventDefault();
    const read = (field: typeof title) => field.current?.value ?? "";
    room.edits.rename({ title: read(title), public_title: read(publicTitle), trainee_name: read(trainee) });
    props.onClose();
  };
  return (
    <Dialog title={texts.room.rename} onClose={props.onClose}>
      <form class="db-rename-form" onSubmit={rename}>
        <label class="db-field">
          <span>{texts.start.name}</span>
          <input
            ref={title}
            type="text"
            required={session?.title !== ""}
            pattern=".*\S.*"
            placeholder={session?.title === "" ? texts.room.untitled : undefined}
            maxLength={BOUNDS.title_characters}
            defaultValue={session?.title ?? ""}
            autocomplete="off"
            autofocus
          />
        </label>
        <label class="db-field">
          <span>{texts.start.public_title}</span>
          <input
            ref={publicTitle}
            type="text"
            maxLength={BOUNDS.title_characters}
            defaultValue={session?.public_title ?? ""}
            aria-describedby="rename-public-hint"
            autocomplete="off"
          />
        </label>
        <p class="db-hint" id="rename-public-hint">
          {texts.room.public_title_hint}
        </p>
        <label class="db-field">
          <span>{texts.start.trainee}</span>
          <input
            ref={trainee}
            type="text"
            maxLength={BOUNDS.name_characters}
            defaultValue={session?.trainee_name ?? ""}
            autocomplete="off"
          />
        </label>
        <div class="db-dialog-actions">
          <button type="button" class="db-button" onClick={props.onClose}>
            {t.value.common.cancel}
          </button>
          <button type="submit" class="db-button db-button-main">
            {texts.room.rename_yes}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
