import { useSignal } from "@preact/signals";
import { useIsMounted } from "../../../app/mounted";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Dialog } from "../../Dialog";
import { reason } from "../../words";
import type { DebriefModel } from "../model";
import { ruleWords } from "./momentWords";
import type { FoundMoment } from "./moments";

const LONGEST = 200;

/** What people make of a moment: another name, or out of sight. The record stays as it is. */
export function MomentDialog(props: { model: DebriefModel; moment: FoundMoment; onClose: () => void }) {
  const { model, moment } = props;
  const texts = t.value.debrief.moments;
  const name = useSignal(moment.title ?? "");
  const isHidden = useSignal(moment.isHidden);
  const failed = useSignal("");
  const isMounted = useIsMounted();
  const save = async () => {
    const refusal = await model.change(moment, { title: name.value.trim() || null, is_hidden: isHidden.value });
    // Closed meanwhile, it would close the dialog of the next moment.
    if (!isMounted()) return;
    if (refusal === null) props.onClose();
    else failed.value = refusal.code === "network" ? texts.offline : fill(texts.not_saved, { reason: reason(refusal) });
  };
  return (
    <Dialog title={texts.edit_title} onClose={props.onClose}>
      <form
        class="db-moment-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label class="db-field">
          <span>{texts.name}</span>
          <input
            type="text"
            maxLength={LONGEST}
            value={name.value}
            aria-describedby="moment-hint"
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </label>
        <p class="db-hint" id="moment-hint">
          {fill(texts.name_hint, { words: ruleWords(moment, model.room.steps.value) })}
        </p>
        <label class="db-switch">
          <input type="checkbox" role="switch" checked={isHidden.value} onChange={(event) => (isHidden.value = event.currentTarget.checked)} />
          <span>{texts.hide}</span>
        </label>
        {failed.value === "" ? null : (
          <p class="db-problem" role="alert">
            {failed.value}
          </p>
        )}
        <div class="db-dialog-actions">
          <button type="button" class="db-button" onClick={props.onClose}>
            {t.value.common.cancel}
          </button>
          <button type="submit" class="db-button db-button-main">
            {texts.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
