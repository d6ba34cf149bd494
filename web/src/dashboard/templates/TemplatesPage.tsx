import { useComputed, useSignal, type Signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { mayInSchool } from "../../device/permissions";
import { fill, language } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Template } from "../../wire/types";
import { useDevice } from "../context";
import { Drafts } from "../editor/Drafts";
import { Icon } from "../icons";
import { DropFiles, ImportButton } from "../imports/ImportButton";
import { ImportDialog } from "../imports/ImportDialog";
import { Imports } from "../imports/imports";
import { KeptCases } from "../imports/KeptCases";
import { hasWords } from "../sessions/finding";
import { offered } from "../sessions/offered";
import { announce } from "../shell/announce";
import { Link } from "../shell/Link";
import { counted } from "../words";
import { tellNotWritten } from "../room/notWritten";
import { RecordedLink } from "../recorded/RecordedLink";
import { TemplateRow } from "./TemplateRow";
import "../sessions/sessions.css";
import "./templates.css";

/** What the school has prepared: named, described, duplicated and deleted here, with or without a network. */
export function TemplatesPage() {
  const device = useDevice();
  const texts = t.value.cases;
  const search = useSignal("");
  const deleted = useSignal<Template | null>(null);
  const imports = useMemo(() => new Imports(device), [device]);
  const me = device.me.value;
  const mayEdit = me !== null && mayInSchool("edit_templates", me);
  const found = useComputed(() => {
    // In the reader's language first.
    const { own, others } = offered(device.templates.value, language.value);
    return [...own, ...others].filter(({ title, description }) => hasWords(`${title} ${description}`, search.value));
  }).value;
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      <div class="db-list-head">
        <h1>{texts.title}</h1>
        <Search search={search} />
        {mayEdit ? (
          <>
            <ImportButton imports={imports} label={t.value.imports.button} />
            <RecordedLink />
            <Link to={pathTo("new_template")} class="db-button db-button-main">
              <Icon name="plus" /> {t.value.editor.new}
            </Link>
          </>
        ) : null}
      </div>
      <p class="db-hint">{mayEdit ? texts.lead : texts.read_only}</p>
      {mayEdit ? (
        <>
          <Drafts />
          <KeptCases imports={imports} />
          <DropFiles imports={imports} />
          <ImportDialog imports={imports} />
        </>
      ) : null}
      {deleted.value === null ? null : <Undo template={deleted.value} over={() => (deleted.value = null)} />}
      <p class="visually-hidden" role="status">
        {counted(found.length, texts.found)}
      </p>
      {found.length === 0 ? (
        <NoTemplates search={search} mayEdit={mayEdit} />
      ) : (
        <ul class="db-session-list">
          {found.map((template) => (
            <TemplateRow
              key={template.id}
              template={template}
              mayEdit={mayEdit}
              deleted={() => {
                deleted.value = template;
              }}
            />
          ))}
        </ul>
      )}
    </main>
  );
}

function Search(props: { search: Signal<string> }) {
  const texts = t.value.cases;
  return (
    <label class="db-search">
      <Icon name="search" />
      <span class="visually-hidden">{texts.search}</span>
      <input
        type="search"
        placeholder={texts.search_hint}
        value={props.search}
        onInput={(event) => {
          props.search.value = event.currentTarget.value;
        }}
      />
    </label>
  );
}

function NoTemplates(props: { search: Signal<string>; mayEdit: boolean }) {
  const texts = t.value.cases;
  const text = props.search.value.trim();
  const isFetching = useDevice().status.value.word === "saving";
  if (text === "" && isFetching) return <p class="db-hint">{t.value.device.status.fetching}</p>;
  if (text === "")
    return (
      <div class="db-empty">
        <h2>{texts.none}</h2>
        <p>{texts.none_help}</p>
        {props.mayEdit ? <p>{t.value.imports.none_help}</p> : null}
      </div>
    );
  return (
    <div class="db-empty">
      <h2>{fill(texts.none_found, { text })}</h2>
      <p>{texts.none_found_help}</p>
      <button type="button" class="db-button" onClick={() => (props.search.value = "")}>
        {texts.clear}
      </button>
    </div>
  );
}

/** In place of a question before it. The button of the deletion is gone, so the focus comes here. */
function Undo(props: { template: Template; over: () => void }) {
  const device = useDevice();
  const button = useRef<HTMLButtonElement>(null);
  const texts = t.value.cases;
  const { template } = props;
  useEffect(() => button.current?.focus(), [template.id]);
  const undo = () => {
    device.restoreTemplate(template).catch(tellNotWritten);
    announce(fill(texts.restored, { title: template.title }));
    props.over();
    document.getElementById("content")?.focus();
  };
  return (
    <p class="db-template-undo">
      <Icon name="trash" />
      <span>{fill(texts.deleted, { title: template.title })}</span>
      <button ref={button} type="button" class="db-button" onClick={undo}>
        <Icon name="undo" /> {texts.undo}
      </button>
    </p>
  );
}
