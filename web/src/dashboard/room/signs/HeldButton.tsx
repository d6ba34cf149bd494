import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

const BEFORE_REPEATING = 450;
const BETWEEN_REPEATS = 110;

/** A tap is one step; a finger that stays repeats it, and its leaving ends the change. */
export function HeldButton(props: {
  class: string;
  label: string;
  onStep: () => void;
  onRepeat: () => void;
  onRelease: () => void;
  children: ComponentChildren;
}) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const hasRepeated = useRef(false);
  const latest = useRef(props);
  latest.current = props;

  const stop = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
  };
  const repeat = () => {
    hasRepeated.current = true;
    latest.current.onRepeat();
    timer.current = setTimeout(repeat, BETWEEN_REPEATS);
  };
  const release = () => {
    stop();
    if (hasRepeated.current) latest.current.onRelease();
  };
  useEffect(() => stop, []);

  return (
    <button
      type="button"
      class={props.class}
      // The field beside it has the same by keys, and is one tab stop.
      tabIndex={-1}
      aria-label={props.label}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        hasRepeated.current = false;
        stop();
        timer.current = setTimeout(repeat, BEFORE_REPEATING);
      }}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onContextMenu={(event) => event.preventDefault()}
      onClick={(event) => {
        stop();
        // The click that ends a repetition is no step of its own; one by keyboard (detail 0) always is.
        if (hasRepeated.current && event.detail !== 0) hasRepeated.current = false;
        else latest.current.onStep();
      }}
    >
      {props.children}
    </button>
  );
}
