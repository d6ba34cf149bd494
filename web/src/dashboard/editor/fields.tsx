import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { language, t } from "../../i18n";
import { writeShort } from "../../i18n/numbers";
import { lasting } from "../fmt";
import { useEditor } from "./editor";
import { faultWords } from "./faultWords";
import { readSeconds } from "./seconds";

/** What is wrong at a field, in words; `trouble` is what this device alone knows of it. */
function useFaultWords(field: string, wasLeft: boolean, trouble: string | null): string | null {
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
function Told(props: { id: string; hint?: string | undefined; fault: string | null; isToldBelow?: boolean | undefined }) {
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

function described(id: string, hint: string | undefined, fault: string | null) {
  const by = [...(hint === undefined ? [] : [`${id}-hint`]), ...(fault === null ? [] : [`${id}-fault`])].join(" ");
  return { id, ...(by === "" ? {} : { "aria-describedby": by }), "aria-invalid": fault === null ? ("false" as const) : ("true" as const) };
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
            if (event.key !== "Enter" || event.isComposing || props.onEnter === undefined || event.ctrlKey || event.altKey) return;
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

/** What is typed, read as it is typed; what cannot be read stays until it is left, and is said. */
function Typed<T>(
  props: FieldProps & {
    value: T | null;
    read: (text: string) => T | null;
    write: (value: T) => string;
    unreadable: string;
    placeholder?: string | undefined;
    unit?: string | undefined;
    inputMode: "decimal" | "numeric" | "text";
    moved?: (key: string, from: T | null) => T | null;
    onValue: (value: T | null) => void;
  },
) {
  const typed = useSignal<string | null>(null);
  const wrong = useSignal(false);
  const read = typed.value === null || typed.value.trim() === "" ? null : props.read(typed.value);
  // An undo while the field has the focus: what stands there is not what was typed any more.
  const isStale = typed.value !== null && !wrong.value && read !== props.value;
  const text = typed.value !== null && !isStale ? typed.value : props.value === null ? "" : props.write(props.value);
  const fault = useFaultWords(props.field, true, wrong.value ? props.unreadable : null);
  const id = fieldId(props.field);
  return (
    <p class="db-ed-field db-ed-typed">
      <label for={id} class={props.isBare === true ? "visually-hidden" : undefined}>
        {props.label}
      </label>
      <span class="db-ed-unit">
        <input
          type="text"
          inputMode={props.inputMode}
          autocomplete="off"
          placeholder={props.placeholder}
          value={text}
          {...described(id, props.hint, fault)}
          onInput={(event) => {
            const written = event.currentTarget.value;
            const is = written.trim() === "" ? null : props.read(written);
            wrong.value = false;
            typed.value = written;
            if (written.trim() === "" || is !== null) props.onValue(is);
            else wrong.value = true;
          }}
          onKeyDown={(event) => {
            if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
            const next = props.moved?.(event.key, props.value) ?? null;
            if (next === null) return;
            event.preventDefault();
            [typed.value, wrong.value] = [null, false];
            props.onValue(next);
          }}
          onBlur={() => {
            [typed.value, wrong.value] = [null, false];
          }}
        />
        {props.unit === undefined ? null : <span aria-hidden="true">{props.unit}</span>}
      </span>
      <Told id={id} hint={props.hint} fault={fault} isToldBelow={props.isToldBelow === true && !wrong.value} />
    </p>
  );
}

/** A number with so many decimals; a point or a comma. Arrows move it by `step`. */
export function NumberField(
  props: FieldProps & {
    value: number | null;
    decimals: number;
    step?: number;
    /** What an arrow begins at where nothing is written. */
    from?: number;
    placeholder?: string | undefined;
    unit?: string | undefined;
    onValue: (value: number | null) => void;
  },
) {
  const { decimals, step = 1, from } = props;
  const move = (key: string, value: number | null): number | null => {
    const by = key === "ArrowUp" ? step : key === "ArrowDown" ? -step : 0;
    const start = value ?? from;
    if (by === 0 || start === undefined) return null;
    const scale = 10 ** decimals;
    return Math.round((start + by) * scale) / scale;
  };
  return (
    <Typed<number>
      {...props}
      inputMode={decimals > 0 ? "decimal" : "numeric"}
      read={readNumber}
      write={(value) => writeShort(value, Math.max(decimals, 3), language.value)}
      unreadable={t.value.editor.state.bad_number}
      moved={move}
    />
  );
}

/** A time as one says it: 90, 1:30, 2 min. */
export function SecondsField(
  props: FieldProps & { value: number | null; placeholder?: string | undefined; onValue: (value: number | null) => void },
) {
  return (
    <Typed<number>
      {...props}
      inputMode="text"
      read={readSeconds}
      write={(seconds) => lasting(seconds).replaceAll("\u00a0", " ")}
      unreadable={t.value.editor.state.bad_time}
    />
  );
}

function readNumber(text: string): number | null {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
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
      <select ref={select} value={props.value} {...described(id, props.hint, fault)} onChange={(event) => props.onPick(event.currentTarget.value)}>
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
      <button type="button" class="db-button" aria-label={`${props.verb}: ${props.label}`} aria-disabled={picked.value === ""} onClick={act}>
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
      {props.label}: {fault}
    </p>
  );
}

/** What is wrong with something that is no field itself: a step, a round of ways. */
export function FaultLine(props: { field: string }) {
  const fault = useFaultWords(props.field, true, null);
  return fault === null ? null : <p class="db-ed-fault">{fault}</p>;
}
