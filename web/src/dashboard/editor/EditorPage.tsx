import { useEffect, useRef } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { go } from "../../app/route";
import { mayInSchool } from "../../device/permissions";
import { trainerTexts as t } from "../../i18n/trainers";
import { newId } from "../../wire/ids";
import { useDevice } from "../context";
import { isFirstRead } from "../firstRead";
import { Unread } from "../Unread";
import { Icon } from "../icons";
import { Link } from "../shell/Link";
import { counted } from "../words";
import { CaseEditor, EditorContext, keyOfPart, partOf, stepPart, useEditor } from "./editor";
import { AboutForm, StartForm } from "./AboutForm";
import { ChecklistForm } from "./ChecklistForm";
import { LimitsForm } from "./LimitsForm";
import { TargetsForm } from "./TargetsForm";
import type { Fault } from "./faults";
import { fieldId } from "./fields";
import { Places } from "./Places";
import { CasePreview } from "./preview/CasePreview";
import { StepForm } from "./StepForm";
import "./editor.css";

/** Where a case is written. Without an id: a new one, which has its own address as soon as something is written. */
export function EditorPage(props: { templateId: string | null }) {
  const device = useDevice();
  const found = useRef<CaseEditor | null>(null);
  const me = device.me.value;
  const { templateId } = props;
  if (found.current !== null && templateId !== found.current.id && (templateId !== null || !found.current.isNew))
    found.current = null;
  found.current ??= opened();
  const editor = found.current;
  // It may come with the first answer of the server: then this is drawn again.
  void (editor === null ? device.templates.value : null);
  if (me !== null && !mayInSchool("edit_templates", me))
    return <Gone title={t.value.cases.title} words={t.value.cases.read_only} />;
  if (editor === null && isFirstRead(device))
    return (
      <main class="db-page" id="content" tabIndex={-1}>
        <Unread />
      </main>
    );
  if (editor === null) return <Gone title={t.value.editor.gone} words={t.value.editor.gone_help} />;
  return (
    <EditorContext.Provider value={editor}>
      <Inside key={editor.id} editor={editor} hasAddress={templateId !== null} />
    </EditorContext.Provider>
  );

  function opened(): CaseEditor | null {
    const id = templateId ?? newId();
    const template = device.templates.peek().find((one) => one.id === id) ?? null;
    const begun = device.drafts.peek().find((one) => one.template_id === id) ?? null;
    return templateId !== null && template === null && begun === null
      ? null
      : new CaseEditor(device, id, begun, template);
  }
}

function Inside(props: { editor: CaseEditor; hasAddress: boolean }) {
  const { editor } = props;
  useEffect(() => editor.start(), [editor]);
  // What had the focus may be gone, as a step that was deleted: its keys go on.
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.target === document.body) heard(event, editor);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [editor]);
  const isWritten = editor.isChanged.value;
  useEffect(() => {
    if (isWritten && !props.hasAddress) go(pathTo("template", { template_id: editor.id }), { replace: true });
  }, [isWritten, props.hasAddress]);
  const key = keyOfPart(editor.part.value);
  return (
    <main class="db-ed" id="content" tabIndex={-1} onKeyDown={(event) => heard(event, editor)}>
      <Head />
      <Notices />
      <div class="db-ed-body">
        <Places />
        <section class="db-ed-part db-panel" aria-labelledby="ed-part-title">
          <CurrentPart />
        </section>
        <div class="db-ed-preview">
          <CasePreview
            draft={editor.draft.value}
            selectedKey={key}
            select={(chosen) => (editor.part.value = stepPart(chosen))}
          />
        </div>
      </div>
    </main>
  );
}

function CurrentPart() {
  const editor = useEditor();
  const part = editor.part.value;
  const { steps } = editor.draft.value;
  switch (part) {
    case "about":
      return <AboutForm />;
    case "start":
      return <StartForm />;
    case "checklist":
      return <ChecklistForm />;
    case "targets":
      return <TargetsForm />;
    case "limits":
      return <LimitsForm />;
    default: {
      const place = steps.findIndex(({ key }) => key === keyOfPart(part));
      const step = steps[place];
      return step === undefined ? <StartForm /> : <StepForm key={step.key} step={step} place={place} />;
    }
  }
}

/** In a field, too: what is typed there is a change like any other. */
function heard(event: KeyboardEvent, editor: CaseEditor): void {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return;
  const key = event.key.toLowerCase();
  if (key === "s") save(editor);
  else if (key === "y" || (key === "z" && event.shiftKey)) editor.redo();
  else if (key === "z") editor.undo();
  else return;
  event.preventDefault();
}

function Head() {
  const editor = useEditor();
  const texts = t.value.editor;
  const standing = editor.standing.value;
  const title = editor.draft.value.title.trim();
  const isRefused = editor.isRefused.value;
  const isLost = !useDevice().isKept && standing === "unsaved";
  return (
    <header class="db-ed-top">
      <Link to={pathTo("templates")} class="db-button db-button-quiet" label={texts.back} title={texts.back}>
        <Icon name="back" />
      </Link>
      <div class="db-ed-name">
        <h1>{title === "" ? texts.untitled : title}</h1>
        <p role="status" data-refused={isRefused ? "yes" : "no"}>
          {isRefused ? texts.not_saved : isLost ? t.value.device.unkept.draft : texts.standing[standing]}
        </p>
      </div>
      <ToPutRight />
      <button
        type="button"
        class="db-button"
        aria-disabled={!editor.canUndo.value}
        aria-keyshortcuts="Control+Z"
        aria-label={texts.undo}
        title={`${texts.undo} (Ctrl+Z)`}
        onClick={() => editor.undo()}
      >
        <Icon name="undo" />
      </button>
      <button
        type="button"
        class="db-button"
        aria-disabled={!editor.canRedo.value}
        aria-keyshortcuts="Control+Y"
        aria-label={texts.redo}
        title={`${texts.redo} (Ctrl+Y)`}
        onClick={() => editor.redo()}
      >
        <Icon name="redo" />
      </button>
      {editor.isChanged.value ? (
        <button
          type="button"
          class="db-button"
          onClick={() => editor.discard()}
          aria-label={texts.discard}
          title={texts.discard}
        >
          <Icon name="cross" />
        </button>
      ) : null}
      <button
        type="button"
        class="db-button db-button-main"
        aria-keyshortcuts="Control+S"
        aria-label={texts.save}
        title={`${texts.save} (Ctrl+S)`}
        aria-disabled={!editor.isChanged.value}
        onClick={() => save(editor)}
      >
        <Icon name="check" /> <span class="db-ed-save-word">{texts.save}</span>
      </button>
    </header>
  );
}

/** How much is to be put right, whichever part is looked at; it leads to the first of it. */
function ToPutRight() {
  const editor = useEditor();
  const texts = t.value.editor;
  const { errors, shown } = toPutRight(editor);
  if (shown.length === 0) return null;
  const words = errors.length > 0 ? counted(errors.length, texts.errors) : counted(shown.length, texts.warnings);
  return (
    <button
      type="button"
      class="db-button db-button-quiet db-ed-sum"
      data-level={errors.length > 0 ? "error" : "warning"}
      title={texts.look}
      onClick={() => look(editor)}
    >
      <Icon name="alert" /> <span>{words}</span>
    </button>
  );
}

/** What is but empty is told once it was tried to save. */
function toPutRight(editor: CaseEditor): { errors: readonly Fault[]; shown: readonly Fault[] } {
  const shown = editor.faults.value.filter(({ code }) => code !== "empty" || editor.isAsked.value);
  return { errors: shown.filter(({ level }) => level === "error"), shown };
}

/** To the first of what is to be put right. */
function look(editor: CaseEditor): void {
  const { errors, shown } = toPutRight(editor);
  const first = errors[0] ?? shown[0];
  if (first === undefined) return;
  editor.part.value = partOf(first.field, editor.draft.peek());
  requestAnimationFrame(() => {
    const field = document.getElementById(fieldId(first.field)) ?? document.getElementById("ed-part-title");
    field?.focus({ preventScroll: true });
    // The bar and the head of the page lie over what is but scrolled into sight.
    field?.scrollIntoView({ block: "center" });
  });
}

/** A save that is refused leads to what has to be put right. */
function save(editor: CaseEditor): void {
  void editor.save().then(() => {
    if (editor.isRefused.peek()) look(editor);
  });
}

/** What others have done to the case. */
function Notices() {
  const editor = useEditor();
  const texts = t.value.editor;
  const isGone = !editor.isNew && editor.shown.value === null && editor.standing.value !== "conflict";
  return (
    <div class="db-ed-notices">
      {editor.standing.value === "conflict" ? (
        <p class="db-problem">
          <Icon name="fork" /> {texts.standing.conflict} <Link to={pathTo("conflicts")}>{texts.choose}</Link>
        </p>
      ) : null}
      {isGone ? (
        <p class="db-problem">
          <Icon name="alert" /> {texts.deleted}
        </p>
      ) : null}
    </div>
  );
}

function Gone(props: { title: string; words: string }) {
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      <div class="db-empty">
        <h1>{props.title}</h1>
        <p>{props.words}</p>
        <Link to={pathTo("templates")} class="db-button db-button-main">
          {t.value.editor.back}
        </Link>
      </div>
    </main>
  );
}
