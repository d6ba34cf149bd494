import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { announce } from "../shell/announce";
import { leadingTo } from "./changes";
import { stepPart, useEditor, type CaseEditor } from "./editor";
import { titleOfStep } from "./faultWords";
import { FaultLine, TextField } from "./fields";
import type { DraftStep } from "./parts";
import { StateFields } from "./StateFields";
import { OtherWords } from "./Twin";
import { Tool } from "./Tool";
import { WayFields } from "./WayFields";
import { SecondsField } from "./typedFields";

/** One step: what changes, what the trainer says, and how it goes on. */
export function StepForm(props: { step: DraftStep; place: number }) {
  const editor = useEditor();
  const texts = t.value.editor.steps;
  const { step, place } = props;
  const { key } = step;
  const prefix = `steps.${place}.`;
  const change = (fields: Partial<Omit<DraftStep, "key" | "transitions">>, typed: string | null = null) =>
    editor.change({ type: "step", key, fields }, typed === null ? null : `${key} ${typed}`);
  const before = editor.values.value[place]!;
  const count = editor.draft.value.steps.length;
  return (
    <>
      <div class="db-ed-head">
        <h2 id="ed-part-title" tabIndex={-1}>
          {fill(texts.no, { number: place + 1 })}
        </h2>
        <span class="db-ed-tools">
          <Tool icon="up" label={texts.up} isOff={place === 0} onPress={() => moveStep(editor, key, place - 1)} />
          <Tool
            icon="up"
            isDown
            label={texts.down}
            isOff={place === count - 1}
            onPress={() => moveStep(editor, key, place + 1)}
          />
          <Tool icon="copy" label={texts.duplicate} onPress={() => duplicateStep(editor, step, place)} />
          <Tool icon="trash" label={texts.delete} onPress={() => removeStep(editor, key, place)} />
        </span>
      </div>
      <FaultLine field={`steps.${place}`} />
      <TextField
        key={key}
        field={`${prefix}title`}
        label={texts.name}
        hint={texts.name_hint}
        value={step.title}
        isFirst={step.title === ""}
        onText={(title) => change({ title }, "title")}
        onEnter={() => insertStep(editor, place + 1)}
      />
      <OtherWords of={(other) => other.steps.find((one) => one.key === key)?.title} />
      <StateFields
        prefix={prefix}
        state={step}
        before={before}
        isStart={false}
        onState={(state, typed) => change(state, typed)}
      />
      <div class="db-ed-pair">
        <SecondsField
          field={`${prefix}ramp_seconds`}
          label={t.value.editor.state.over}
          hint={t.value.editor.state.over_help}
          placeholder={t.value.editor.state.at_once}
          value={step.ramp_seconds === 0 ? null : step.ramp_seconds}
          onValue={(seconds) => change({ ramp_seconds: seconds ?? 0 }, "ramp")}
        />
        <SecondsField
          field={`${prefix}at_seconds`}
          label={texts.planned}
          hint={texts.planned_hint}
          value={step.at_seconds}
          onValue={(at_seconds) => change({ at_seconds }, "planned")}
        />
      </div>
      <TextField
        field={`${prefix}note`}
        label={texts.cue}
        hint={texts.cue_hint}
        rows={2}
        value={step.note ?? ""}
        onText={(text) => change({ note: text.trim() === "" ? null : text }, "note")}
      />
      <OtherWords of={(other) => other.steps.find((one) => one.key === key)?.note} />
      <WayFields step={step} place={place} />
    </>
  );
}

export function insertStep(editor: CaseEditor, at: number): void {
  editor.change({ type: "insert_step", at });
  const step = editor.draft.peek().steps[at];
  if (step === undefined) return;
  editor.part.value = stepPart(step.key);
  announce(fill(t.value.editor.steps.added, { number: at + 1 }));
}

export function moveStep(editor: CaseEditor, key: string, to: number): void {
  const before = editor.draft.peek();
  editor.change({ type: "move_step", key, to });
  const after = editor.draft.peek();
  if (after === before) return;
  const number = after.steps.findIndex((step) => step.key === key) + 1;
  announce(fill(t.value.editor.steps.moved, { title: titleOfStep(after, key), number }));
}

export function duplicateStep(editor: CaseEditor, step: DraftStep, place: number): void {
  const title = step.title === "" ? "" : fill(t.value.editor.steps.copy_of, { title: step.title });
  editor.change({ type: "duplicate_step", key: step.key, title });
  const copy = editor.draft.peek().steps[place + 1];
  if (copy !== undefined) editor.part.value = stepPart(copy.key);
  announce(fill(t.value.editor.steps.added, { number: place + 2 }));
}

/** The ways that led to it stay, and are told: whoever deletes it says where they lead now, or takes it back. */
export function removeStep(editor: CaseEditor, key: string, place: number): void {
  const texts = t.value.editor.steps;
  const before = editor.draft.peek();
  const title = titleOfStep(before, key);
  const led = leadingTo(before.steps, key).map((one) => titleOfStep(before, one));
  editor.change({ type: "remove_step", key });
  const { steps } = editor.draft.peek();
  const next = steps[place] ?? steps[place - 1];
  editor.part.value = next === undefined ? "start" : stepPart(next.key);
  announce(
    led.length === 0 ? fill(texts.deleted, { title }) : fill(texts.deleted_led, { title, steps: led.join(", ") }),
  );
  requestAnimationFrame(() => document.getElementById("ed-part-title")?.focus());
}
