import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useId, useMemo, useRef } from "preact/hooks";
import { fill, language } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { writeShort } from "../../../i18n/numbers";
import { secondsLeft, valueAt } from "../../../patient/ramps";
import { SIGNS } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";
import { counting } from "../../fmt";
import { inOwnUnit, number, withUnit } from "../../words";
import { HeldButton } from "./HeldButton";
import { MarkChip } from "../MarkChip";
import type { Marks } from "../record/record";
import { useRoom } from "../room";
import { moveOf, readTyped, STEPPINGS } from "./stepping";

/** One sign: what the trainees see, and everything that changes it. Only its texts change while it lives. */
export function SignRow(props: { name: SignName; marks: Marks; troubleId: string }) {
  const { name } = props;
  const room = useRoom();
  const id = useId();
  const sign = SIGNS[name];
  const title = t.value.common.signs[name];
  const mark = useMemo(() => props.marks.of(name), [props.marks, name]);

  const now = useComputed(() => number(name, valueAt(room.shown.value, name, room.time.moment.value)));
  const beside = useComputed(() => {
    const shown = room.shown.value;
    const ramp = shown.ramps[name];
    const left = ramp === undefined ? 0 : secondsLeft(shown, ramp, room.time.moment.value);
    const own = inOwnUnit(name, valueAt(shown, name, room.time.moment.value));
    if (left <= 0) return own ?? sign.unit;
    const target = number(name, shown[name]);
    return fill(t.value.dashboard.signs.ramping, { target, time: counting(Math.ceil(left)) });
  });
  const next = useComputed(() => room.changes.next(name));
  const isStaged = useComputed(() => (room.changes.staged.value.signs[name] === undefined ? "no" : "yes"));
  const isInTrouble = useComputed(
    () => (name === "systolic" || name === "diastolic") && room.changes.trouble.value !== null,
  );
  const describedBy = useComputed(() => `${id}mark ${isInTrouble.value ? props.troubleId : ""}`.trim());

  return (
    <div class={`db-sign db-sign-${name}`} role="group" aria-labelledby={`${id}name`} data-staged={isStaged}>
      <div class="db-sign-head">
        <span class="db-sign-name" id={`${id}name`}>
          {title}
        </span>
        <MarkChip mark={mark} id={`${id}mark`} />
      </div>
      <div class="db-sign-now">
        <span class="visually-hidden">{t.value.dashboard.signs.now} </span>
        <span class="db-sign-number">{now}</span>
        <span class="db-sign-beside">{beside}</span>
      </div>
      <div class="db-sign-steps">
        <Step name={name} by={-STEPPINGS[name].big} />
        <Step name={name} by={-STEPPINGS[name].small} />
        <Entry name={name} title={title} describedBy={describedBy} isInTrouble={isInTrouble} />
        <Step name={name} by={STEPPINGS[name].small} />
        <Step name={name} by={STEPPINGS[name].big} />
      </div>
      <Slider name={name} title={title} next={next} />
    </div>
  );
}

function Step(props: { name: SignName; by: number }) {
  const room = useRoom();
  const { name, by } = props;
  const written = `${by < 0 ? "−" : "+"}${writeShort(Math.abs(by), SIGNS[name].decimals, language.value)}`;
  const label = fill(t.value.dashboard.signs.by, { sign: t.value.common.signs[name], step: written });
  const move = (held: boolean) =>
    room.changes.change({ type: "sign", name, value: room.changes.next(name) + by }, { held });
  return (
    <HeldButton
      class="db-step"
      label={label}
      onStep={() => move(false)}
      onRepeat={() => move(true)}
      onRelease={() => room.changes.release({ type: "sign", name, value: room.changes.next(name) })}
    >
      {written}
    </HeldButton>
  );
}

/**
 * A number to type, or to move with the keys. What is being typed is never overwritten by what comes in, and what is not
 * typed yet never stands beside it: 80 typed on a 102 that a colleague has just sent is 80, and not 10280.
 */
function Entry(props: {
  name: SignName;
  title: string;
  describedBy: { value: string };
  isInTrouble: { value: boolean };
}) {
  const { name } = props;
  const room = useRoom();
  const { min, max, decimals } = SIGNS[name];
  const typed = useSignal<string | null>(null);
  const isMoving = useRef(false);
  const field = useRef<HTMLInputElement>(null);
  const text = useComputed(() => typed.value ?? number(name, room.changes.next(name)));
  const isTyped = useComputed(() => (typed.value === null ? "no" : "yes"));
  const value = useComputed(() => room.changes.next(name));
  const valueText = useComputed(() => withUnit(name, room.changes.next(name)));
  const describedBy = useComputed(() => props.describedBy.value);
  const invalid = useComputed(() => (props.isInTrouble.value ? "true" : "false"));

  useSignalEffect(() => {
    const now = text.value;
    const input = field.current;
    if (input === null || input !== document.activeElement || typed.peek() !== null) return;
    // A new value loses the selection.
    if (input.value !== now) input.value = now;
    input.select();
  });

  const take = () => {
    const read = typed.value === null ? null : readTyped(typed.value, name);
    typed.value = null;
    if (read !== null && read !== room.changes.next(name)) room.changes.change({ type: "sign", name, value: read });
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      take();
      room.changes.send();
    } else if (event.key === "Escape" && (typed.value !== null || room.changes.staged.value.signs[name] !== undefined)) {
      event.preventDefault();
      if (typed.value === null) room.changes.change({ type: "forget_sign", name }, { held: true });
      typed.value = null;
    } else if (!event.key.endsWith("Left") && !event.key.endsWith("Right")) {
      const move = moveOf(event.key, name);
      if (move === null || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const from = typed.value === null ? null : readTyped(typed.value, name);
      typed.value = null;
      isMoving.current = true;
      room.changes.change({ type: "sign", name, value: (from ?? room.changes.next(name)) + move }, { held: true });
    }
  };
  const letGo = () => {
    if (!isMoving.current) return;
    isMoving.current = false;
    room.changes.release({ type: "sign", name, value: room.changes.next(name) });
  };
  return (
    <input
      ref={field}
      class="db-entry"
      data-typed={isTyped}
      type="text"
      role="spinbutton"
      inputMode={decimals > 0 ? "decimal" : "numeric"}
      autocomplete="off"
      aria-label={fill(t.value.dashboard.signs.value, { sign: props.title })}
      aria-valuemin={min}
      aria-valuemax={max}
      aria-valuenow={value}
      aria-valuetext={valueText}
      aria-describedby={describedBy}
      aria-invalid={invalid}
      value={text}
      onInput={(event) => {
        typed.value = event.currentTarget.value;
      }}
      onFocus={(event) => event.currentTarget.select()}
      onKeyDown={keyDown}
      onKeyUp={letGo}
      onBlur={() => {
        take();
        letGo();
      }}
    />
  );
}

function Slider(props: { name: SignName; title: string; next: { value: number } }) {
  const { name } = props;
  const room = useRoom();
  const { min, max } = SIGNS[name];
  const value = useComputed(() => String(props.next.value));
  const valueText = useComputed(() => withUnit(name, props.next.value));
  const ghost = useComputed(() => `left: ${((room.shown.value[name] - min) / (max - min)) * 100}%`);
  const isMoving = useRef(false);
  const letGo = () => room.changes.release({ type: "sign", name, value: room.changes.next(name) });
  return (
    <div class="db-slide">
      <span class="db-slide-rail">
        <span class="db-slide-ghost" style={ghost} />
      </span>
      <input
        type="range"
        tabIndex={-1}
        min={min}
        max={max}
        step={STEPPINGS[name].small}
        aria-label={fill(t.value.dashboard.signs.slider, { sign: props.title })}
        aria-valuetext={valueText}
        value={value}
        onInput={(event) =>
          room.changes.change({ type: "sign", name, value: Number(event.currentTarget.value) }, { held: true })
        }
        onChange={letGo}
        onKeyDown={(event) => {
          const move = moveOf(event.key, name);
          if (event.key === "Enter") {
            event.preventDefault();
            room.changes.send();
          } else if (move !== null) {
            event.preventDefault();
            isMoving.current = true;
            room.changes.change({ type: "sign", name, value: room.changes.next(name) + move }, { held: true });
          }
        }}
        onKeyUp={() => {
          if (isMoving.current) letGo();
          isMoving.current = false;
        }}
      />
    </div>
  );
}
