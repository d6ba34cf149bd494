import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { language } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { writeShort } from "../../i18n/numbers";
import { lasting } from "../fmt";
import { described, fieldId, Told, useFaultWords, type FieldProps } from "./fields";
import { readSeconds } from "./seconds";

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
  const own = useRef<{ isNew: boolean; value: T | null }>({ isNew: false, value: null });
  // What became of what was typed; where it is another one later, as by an undo, that stands there and not the typed text.
  if (own.current.isNew) own.current = { isNew: false, value: props.value };
  const isStale = typed.value !== null && !wrong.value && own.current.value !== props.value;
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
            own.current.isNew = true;
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
  props: FieldProps & {
    value: number | null;
    placeholder?: string | undefined;
    onValue: (value: number | null) => void;
  },
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
