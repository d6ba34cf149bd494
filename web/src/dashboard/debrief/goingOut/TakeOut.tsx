import { useSignal } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Dialog } from "../../Dialog";
import { Icon } from "../../icons";
import { Files } from "./Files";

/** A session as a file, for whoever is to read it: one button, and a dialog that says what each is for. */
export function TakeOut(props: { sessionId: string }) {
  const texts = t.value.goingOut;
  const isOpen = useSignal(false);
  return (
    <>
      <button type="button" class="db-button" onClick={() => (isOpen.value = true)}>
        <Icon name="download" /> {texts.open}
      </button>
      {isOpen.value ? (
        <Dialog title={texts.title} class="db-going-out" onClose={() => (isOpen.value = false)}>
          <Files sessionId={props.sessionId} />
          <div class="db-dialog-actions">
            <button type="button" class="db-button" onClick={() => (isOpen.value = false)}>
              {t.value.common.close}
            </button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
