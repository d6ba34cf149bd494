import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useIsMounted } from "../../../app/mounted";
import { BOUNDS } from "../../../generated/catalogue";
import { trainerTexts as t } from "../../../i18n/trainers";
import { useDevice } from "../../context";
import { Dialog } from "../../Dialog";
import { announce } from "../../shell/announce";
import { reason } from "../../words";

export function LockDialog(props: { sessionId: string; onClose: () => void }) {
  const device = useDevice();
  const texts = t.value.keeping.session;
  const why = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const isMounted = useIsMounted();
  const field = useRef<HTMLInputElement>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value) return;
    problem.value = why.value.trim() === "" ? texts.reason_missing : "";
    if (problem.value !== "") return field.current?.focus();
    isBusy.value = true;
    const refusal = await device.lockSession(props.sessionId, why.value.trim());
    isBusy.value = false;
    if (refusal === null) announce(texts.locked_done);
    // Closed meanwhile, it would close whichever dialog is open by now.
    if (!isMounted()) return;
    if (refusal === null) props.onClose();
    else problem.value = reason(refusal);
  };
  return (
    <Dialog title={texts.lock_title} onClose={props.onClose}>
      <form onSubmit={(event) => void submit(event)} noValidate aria-busy={isBusy}>
        <p class="db-hint">{texts.lock_help}</p>
        <label class="db-field">
          <span>{texts.reason}</span>
          <input
            ref={field}
            value={why}
            maxLength={BOUNDS.name_characters}
            autocomplete="off"
            autofocus
            aria-invalid={problem.value !== ""}
            aria-describedby="lock-problem"
            onInput={(event) => (why.value = event.currentTarget.value)}
          />
        </label>
        <p class="db-problem" id="lock-problem" role="alert" data-shown={problem.value === "" ? "no" : "yes"}>
          {problem}
        </p>
        <div class="db-dialog-actions">
          <button type="button" class="db-button" onClick={props.onClose}>
            {t.value.common.cancel}
          </button>
          <button type="submit" class="db-button db-button-main">
            {texts.lock_yes}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
