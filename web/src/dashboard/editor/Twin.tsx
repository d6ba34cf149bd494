import { useComputed } from "@preact/signals";
import { pathTo } from "../../app/pages";
import { go } from "../../app/route";
import { newId } from "../../wire/ids";
import type { Template } from "../../wire/types";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { Icon } from "../icons";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { Link } from "../shell/Link";
import { named } from "../words";
import { useEditor, type CaseEditor } from "./editor";
import { inLanguage, isPaired, otherLanguage, twinId, twinOf, unlike } from "./pairs";

function useTwin(editor: CaseEditor): Template | null {
  const device = useDevice();
  return useComputed(() => twinOf(editor.id, editor.draft.value, device.templates.value)).value;
}

/** The same case in the other language: to be opened, or to be written. */
export function Twin() {
  const editor = useEditor();
  const device = useDevice();
  const twin = useTwin(editor);
  const texts = t.value.editor.twin;
  const draft = editor.draft.value;
  if (!isPaired(draft.language) || (editor.isNew && draft.title.trim() === "")) return null;
  const language = otherLanguage(draft.language);
  const id = twin?.id ?? twinId(editor.id);
  const write = () => {
    // What is written of it already is gone on with.
    const isBegun = device.drafts.peek().some((one) => one.template_id === id);
    const content = inLanguage(editor.draft.peek(), language);
    const kept = { template_id: id, base: null, base_version: 0, content, by: newId(), kept_at: Date.now() };
    const keeping = isBegun ? Promise.resolve() : device.keepDraft(kept);
    keeping
      .then(() => {
        go(pathTo("template", { template_id: id }));
        announce(texts.begun);
      })
      .catch(tellNotWritten);
  };
  if (twin === null)
    return (
      <p class="db-ed-row">
        <button type="button" class="db-button" onClick={write}>
          <Icon name="copy" /> {texts.write[language]}
        </button>
        <span class="db-ed-hint">{texts.begun}</span>
      </p>
    );
  const parts = unlike(draft, twin).map((part) => texts.parts[part]);
  return (
    <p class="db-ed-row">
      <Link to={pathTo("template", { template_id: id })} class="db-button">
        {named(texts.open[language], twin.title)}
      </Link>
      {parts.length === 0 ? null : <span class="db-ed-fault">{fill(texts.unlike, { parts: parts.join(", ") })}</span>}
    </p>
  );
}

/** What the other version says in the place of a text, for whoever translates it. */
export function OtherWords(props: { of: (other: Template) => string | null | undefined }) {
  const editor = useEditor();
  const twin = useTwin(editor);
  const text = twin === null ? "" : (props.of(twin) ?? "");
  if (twin === null || text === "") return null;
  return (
    <p class="db-ed-other" lang={twin.language ?? undefined}>
      {fill(t.value.editor.twin.other, { text })}
    </p>
  );
}
