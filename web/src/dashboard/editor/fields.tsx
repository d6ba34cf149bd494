import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useEditor } from "./editor";
import { named } from "../words";
import { faultWords } from "./faultWords";

/** What is wrong at a field, in words; `trouble` is what this device alone knows of it. */
export function useFaultWords(field: string, wasLeft: boolean, trouble: string | null): string | null {
  const editor = useEditor();
  const words = useComputed(() => {
    const faults = editor.faults.value.filter((fault) => fault.field === field);
    // Nobody is scolded for a field that they have just come to.
    const shown = faults.filter(({ code }) => code !== "empty" || wasLeft || editor.isAsked.value);
    return shown.map((fault) => faultWords(fault, editor.draft.value)).join(" ");
  });
  if (trouble !== null) return trouble;
  return words.value === "" ? null : words.value;
}

/** A line about a field, and what is wrong with it, both told to whoever comes to it. */
export function Told(props: {
  id: string;
  hint?: string | undefined;
  fault: string | null;
  isToldBelow?: boolean | undefined;
}) {
  return (
    <>
      {props.hint === undefined ? null : (
        <small class="db-ed-hint" id={`${props.id}-hint`}>
          {props.hint}
        </small>
      )}
      {props.fault === null || props.isToldBelow === true ? null : (
        <small class="db-ed-fault" id={`${props.id}-fault`}>
          {props.fault}
        </small>
      )}
    </>
  );
}

export function described(id: string, hint: string | undefined, fault: string | null) {
  const by = [...(hint === undefined ? [] : [`${id}-hint`]), ...(fault === null ? [] : [`${id}-fault`])].join(" ");
  return {
    id,
    ...(by === "" ? {} : { "aria-describedby": by }),
    "aria-invalid": fault === null ? ("false" as const) : ("true" as const),
  };
}

export function fieldId(field: string): string {
  return `ed-${field.replaceAll(".", "-")}`;
}

export interface FieldProps {
  /** By the name that the server has for it. */
  field: string;
  label: string;
  hint?: string | undefined;
  /** For whoever does not see where it stands; the label is not shown then. */
  isBare?: boolean;
  /** What is wrong has more room elsewhere: in a `FaultBelow`. */
  isToldBelow?: boolean;
}

/** A text. Enter in one line may do something, as to begin the next one. */
export function TextField(
  props: FieldProps & {
    value: string;
    rows?: number;
    isFirst?: boolean;
    onText: (text: string) => void;
    onEnter?: () => void;
  },
) {
  const wasLeft = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const fault = useFaultWords(props.field, wasLeft.value, null);
  const id = fieldId(props.field);
  const { rows, isFirst = false } = props;
  useEffect(() => {
    if (isFirst) input.current?.focus();
  }, [isFirst]);
  const same = {
    value: props.value,
    autocomplete: "off" as const,
    onInput: (event: { currentTarget: { value: string } }) => props.onText(event.currentTarget.value),
    onBlur: () => (wasLeft.value = true),
    ...described(id, props.hint, fault),
  };
  return (
    <p class="db-ed-field">
      <label for={id} class={props.isBare === true ? "visually-hidden" : undefined}>
        {props.label}
      </label>
      {rows === undefined ? (
        <input
          ref={input}
          type="text"
          {...same}
          onKeyDown={(event) => {
            if (
              event.key !== "Enter" ||
              event.isComposing ||
              props.onEnter === undefined ||
              event.ctrlKey ||
              event.altKey
            )
              return;
            event.preventDefault();
            props.onEnter();
          }}
        />
      ) : (
        <textarea rows={rows} {...same} />
      )}
      <Told id={id} hint={props.hint} fault={fault} />
    </p>
  );
}

/** One of some. */
export function PickField(
  props: FieldProps & { value: string; children: ComponentChildren; class?: string; onPick: (value: string) => void },
) {
  const fault = useFaultWords(props.field, true, null);
  const id = fieldId(props.field);
  const select = useRef<HTMLSelectElement>(null);
  // Where nothing follows from what was chosen, the browser would go on showing it.
  useEffect(() => {
    if (select.current !== null) select.current.value = props.value;
  });
  return (
    <p class={`db-ed-field ${props.class ?? ""}`}>
      <label for={id} class={props.isBare === true ? "visually-hidden" : undefined}>
        {props.label}
      </label>
      <select
        ref={select}
        value={props.value}
        {...described(id, props.hint, fault)}
        onChange={(event) => props.onPick(event.currentTarget.value)}
      >
        {props.children}
      </select>
      <Told id={id} hint={props.hint} fault={fault} />
    </p>
  );
}

/**
 * One of some that is done when the button says so: where a key goes through the choices, nothing happens on the way.
 * Whoever has chosen with a pointer has one press more.
 */
export function PickAndDo(
  props: FieldProps & { none: string; verb: string; children: ComponentChildren; onDo: (value: string) => void },
) {
  const picked = useSignal("");
  const act = () => {
    if (picked.value === "") return;
    props.onDo(picked.value);
    picked.value = "";
  };
  return (
    <div class="db-ed-do">
      <PickField {...props} value={picked.value} onPick={(value) => (picked.value = value)}>
        <option value="">{props.none}</option>
        {props.children}
      </PickField>
      <button
        type="button"
        class="db-button"
        aria-label={named(props.verb, props.label)}
        aria-disabled={picked.value === ""}
        onClick={act}
      >
        {props.verb}
      </button>
    </div>
  );
}

/** What is wrong with a field that is too narrow to say it. */
export function FaultBelow(props: { field: string; label: string }) {
  const fault = useFaultWords(props.field, true, null);
  return fault === null ? null : (
    <p class="db-ed-fault" id={`${fieldId(props.field)}-fault`}>
      {named(props.label, fault)}
    </p>
  );
}

/** What is wrong with something that is no field itself: a step, a round of ways. */
export function FaultLine(props: { field: string }) {
  const fault = useFaultWords(props.field, true, null);
  return fault === null ? null : (
    <p class="db-ed-fault" id={fieldId(props.field)} tabIndex={-1}>
      {fault}
    </p>
  );
}
