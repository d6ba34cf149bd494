import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useIsMounted } from "../../../app/mounted";
import { pathTo } from "../../../app/pages";
import { go } from "../../../app/route";
import { mayInSchool } from "../../../device/permissions";
import { fill, language } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { newId } from "../../../wire/ids";
import { Dialog } from "../../Dialog";
import { caseOfSession } from "../../editor/fromSession";
import { Icon } from "../../icons";
import { announce } from "../../shell/announce";
import { patchWords } from "../../words";
import { tellNotWritten } from "../notWritten";
import { useRoom } from "../room";

/** What was played here as a case to be edited; nothing is saved by it. */
export function SaveAsCase() {
  const room = useRoom();
  const { device } = room;
  const texts = t.value.editor.session;
  const isAsked = useSignal(false);
  const isMounted = useIsMounted();
  const isBusy = useRef(false);
  const [session, me] = [room.session.value, device.me.value];
  if (session === null || me === null || !mayInSchool("edit_templates", me) || room.lacksRecord.value) return null;
  const make = () => {
    // The second press of a double one would make a second draft.
    if (isBusy.current) return;
    isBusy.current = true;
    const { title, public_title, limits, created_at } = session;
    const [itsCase, events] = [room.itsCase.peek(), device.events(room.id).peek()];
    const content = caseOfSession({ title, public_title, limits, created_at, itsCase, events }, language.peek(), patchWords);
    const template_id = newId();
    device
      .keepDraft({ template_id, base: null, base_version: 0, content, by: newId(), kept_at: Date.now() })
      .then(() => {
        if (isMounted() && isAsked.peek()) go(pathTo("template", { template_id }));
        announce(fill(texts.begun, { title }));
      })
      .catch(tellNotWritten)
      .finally(() => (isBusy.current = false));
  };
  return (
    <>
      <button type="button" class="db-button" onClick={() => (isAsked.value = true)}>
        <Icon name="book" /> {texts.save}
      </button>
      {isAsked.value ? (
        <Dialog title={texts.title} onClose={() => (isAsked.value = false)}>
          <p>{texts.help}</p>
          <div class="db-dialog-actions">
            <button type="button" class="db-button" onClick={() => (isAsked.value = false)}>
              {t.value.common.cancel}
            </button>
            <button type="button" class="db-button db-button-main" autofocus onClick={make}>
              {texts.yes}
            </button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
