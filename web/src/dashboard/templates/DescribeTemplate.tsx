import { useRef } from "preact/hooks";
import type { TemplateContent } from "../../device/sync/edit";
import { BOUNDS } from "../../generated/catalogue";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Template } from "../../wire/types";
import { useDevice } from "../context";
import { Dialog } from "../Dialog";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";

/** What a case is called and what it is about; only what was changed here is an edit. */
export function DescribeTemplate(props: { template: Template; onClose: () => void }) {
  const device = useDevice();
  const texts = t.value.cases;
  const title = useRef<HTMLInputElement>(null);
  const description = useRef<HTMLTextAreaElement>(null);
  const { template } = props;
  const save = (event: Event) => {
    event.preventDefault();
    const content: Partial<TemplateContent> = {};
    const [named, described] = [title.current?.value.trim() ?? "", description.current?.value.trim() ?? ""];
    if (named !== "" && named !== template.title) content.title = named;
    if (described !== template.description) content.description = described;
    if (Object.keys(content).length > 0) {
      device.changeTemplate(template, content).catch(tellNotWritten);
      announce(fill(texts.saved, { title: content.title ?? template.title }));
    }
    props.onClose();
  };
  return (
    <Dialog title={texts.edit_title} onClose={props.onClose}>
      <form class="db-rename-form" onSubmit={save}>
        <label class="db-field">
          <span>{texts.name}</span>
          <input
            ref={title}
            type="text"
            required
            pattern=".*\S.*"
            maxLength={BOUNDS.title_characters}
            defaultValue={template.title}
            autocomplete="off"
            autofocus
          />
        </label>
        <label class="db-field">
          <span>{texts.description}</span>
          <textarea ref={description} rows={5} maxLength={BOUNDS.description_characters} defaultValue={template.description} />
        </label>
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
