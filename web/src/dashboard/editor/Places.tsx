import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { BOUNDS } from "../../generated/catalogue";
import { trainerTexts as t } from "../../i18n/trainers";
import { patchOfStep } from "../../patient/patches";
import { Icon } from "../icons";
import { Roving } from "../keys/Roving";
import { counted, dotted, patchParts, signWords } from "../words";
import { partOf, stepPart, useEditor, type CaseEditor, type CasePart } from "./editor";
import { titleOfStep } from "./faultWords";
import type { DraftStep } from "./parts";
import { insertStep, moveStep, removeStep } from "./StepForm";

/** The parts of a case at the left: its steps in their order, to be chosen, dragged and moved by keys. */
export function Places() {
  const editor = useEditor();
  const texts = t.value.editor;
  const draft = editor.draft.value;
  const { steps } = draft;
  const list = useRef<HTMLOListElement>(null);
  const drag = useSignal<{ key: string; to: number } | null>(null);
  const place = (y: number): number => {
    const rows = [...(list.current?.children ?? [])].map((row) => row.getBoundingClientRect());
    return rows.filter(({ top, height }) => y > top + height / 2).length;
  };
  const drop = () => {
    const dragged = drag.value;
    drag.value = null;
    if (dragged === null) return;
    const from = steps.findIndex(({ key }) => key === dragged.key);
    moveStep(editor, dragged.key, dragged.to > from ? dragged.to - 1 : dragged.to);
  };
  return (
    <nav class="db-ed-places" aria-label={texts.parts}>
      <Roving class="db-ed-parts" role="group" label={texts.parts}>
        <PlaceButton part="about" text={texts.about} />
        <PlaceButton part="start" text={texts.start} more={dotted(signWords(draft.vitals))} />
        <ol ref={list} class="db-ed-steps" aria-label={texts.steps.title}>
          {steps.map((step, number) => (
            <li
              key={step.key}
              data-drop={dropAt(drag.value?.to, number, steps.length)}
              data-dragged={drag.value?.key === step.key ? "yes" : "no"}
            >
              <span
                class="db-ed-handle"
                title={texts.steps.drag}
                onPointerDown={(event) => {
                  if (event.button !== 0) return;
                  event.preventDefault();
                  event.currentTarget.setPointerCapture(event.pointerId);
                  drag.value = { key: step.key, to: number };
                }}
                onPointerMove={(event) => {
                  if (drag.value !== null) drag.value = { ...drag.value, to: place(event.clientY) };
                }}
                onPointerUp={drop}
                onPointerCancel={() => (drag.value = null)}
              >
                <Icon name="grip" />
              </span>
              <StepButton step={step} number={number} />
            </li>
          ))}
        </ol>
        {steps.length >= BOUNDS.steps ? null : (
          <button type="button" class="db-button db-ed-add" onClick={() => insertStep(editor, steps.length)}>
            <Icon name="plus" /> {texts.steps.add}
          </button>
        )}
        {steps.length === 0 ? <p class="db-ed-hint">{texts.steps.none}</p> : null}
        <PlaceButton
          part="checklist"
          text={texts.checklist}
          more={draft.checklist.length === 0 ? "" : String(draft.checklist.length)}
        />
        <PlaceButton
          part="targets"
          text={texts.targets}
          more={draft.targets.length === 0 ? "" : String(draft.targets.length)}
        />
        <PlaceButton part="limits" text={texts.limits} />
      </Roving>
    </nav>
  );
}

function dropAt(to: number | undefined, number: number, count: number): "before" | "after" | undefined {
  if (to === undefined) return undefined;
  if (to === number) return "before";
  return to === count && number === count - 1 ? "after" : undefined;
}

function PlaceButton(props: { part: CasePart; text: string; more?: string }) {
  const editor = useEditor();
  const isHere = editor.part.value === props.part;
  return (
    <button
      type="button"
      class="db-ed-place"
      aria-current={isHere ? "true" : undefined}
      onClick={() => choose(editor, props.part)}
    >
      <b>{props.text}</b>
      {props.more === undefined || props.more === "" ? null : <span>{props.more}</span>}
      <FaultCount part={props.part} />
    </button>
  );
}

function StepButton(props: { step: DraftStep; number: number }) {
  const editor = useEditor();
  const { step, number } = props;
  const part = stepPart(step.key);
  const { vitals, flags, rhythm } = patchOfStep(step);
  const words = patchParts({ vitals: vitals ?? {}, flags: flags ?? {}, ...(rhythm === undefined ? {} : { rhythm }) });
  const ways = step.transitions.length;
  return (
    <button
      type="button"
      class="db-ed-place"
      data-step={step.key}
      aria-current={editor.part.value === part ? "true" : undefined}
      aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
      title={t.value.editor.steps.keys}
      onClick={() => choose(editor, part)}
      onKeyDown={(event) => moveByKeys(event, editor, step.key, number)}
    >
      <b>
        {number + 1}. {step.title.trim() === "" ? t.value.editor.steps.untitled : step.title}
      </b>
      {words.length === 0 ? null : <span>{dotted(words)}</span>}
      {ways === 0 ? null : (
        <span class="db-ed-leads">
          {[...new Set(step.transitions.map(({ to }) => to))]
            .map((to) => (to === null ? t.value.editor.ways.end : titleOfStep(editor.draft.value, to)))
            .join(", ")}
        </span>
      )}
      <FaultCount part={part} />
    </button>
  );
}

const ONE_COLUMN = "(max-width: 47.99rem)";

/** In one column the form is far below: whoever chooses a part is brought to it. */
function choose(editor: CaseEditor, part: CasePart): void {
  editor.part.value = part;
  if (!matchMedia(ONE_COLUMN).matches) return;
  requestAnimationFrame(() => {
    const title = document.getElementById("ed-part-title");
    title?.focus({ preventScroll: true });
    title?.scrollIntoView({ block: "start" });
  });
}

function moveByKeys(event: KeyboardEvent, editor: CaseEditor, key: string, number: number): void {
  if (event.key === "Delete" && !event.altKey) {
    event.preventDefault();
    removeStep(editor, key, number);
    return;
  }
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  event.preventDefault();
  moveStep(editor, key, event.key === "ArrowUp" ? number - 1 : number + 1);
  // The row has gone on under the focus, and may have lost it.
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-step="${key}"]`)?.focus());
}

/** How much is to be put right in a part. What is but empty is said once somebody has tried to save. */
function FaultCount(props: { part: CasePart }) {
  const editor = useEditor();
  const texts = t.value.editor;
  const draft = editor.draft.value;
  const here = editor.faults.value.filter(
    ({ field, code }) => partOf(field, draft) === props.part && (code !== "empty" || editor.isAsked.value),
  );
  const errors = here.filter(({ level }) => level === "error").length;
  if (here.length === 0) return null;
  const words = errors > 0 ? counted(errors, texts.errors) : counted(here.length, texts.warnings);
  return (
    <span class="db-ed-count" data-level={errors > 0 ? "error" : "warning"} title={words}>
      <Icon name="alert" />
      <span class="visually-hidden">{words}</span>
    </span>
  );
}
