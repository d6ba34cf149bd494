import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/**
 * Buttons that are one tab stop together: the arrows go from one to the next, Home and End to the ends. The stop is
 * where the focus last was.
 */
export function Roving(props: {
  class: string;
  role: "toolbar" | "group";
  label?: string;
  labelledBy?: string;
  shortcut?: object;
  children: ComponentChildren;
}) {
  const ref = useRef<HTMLDivElement>(null);
  const buttons = () => [...(ref.current?.querySelectorAll<HTMLButtonElement>("button") ?? [])];
  const stopAt = (stop: Element | undefined) => {
    for (const button of buttons()) button.tabIndex = button === stop ? 0 : -1;
  };
  // Whenever the buttons may be others: the pressed one of a choice, or the first.
  useEffect(() => {
    const all = buttons();
    if (all.filter((button) => button.tabIndex === 0).length !== 1)
      stopAt(all.find((button) => button.getAttribute("aria-pressed") === "true") ?? all[0]);
  });
  return (
    // The role is the caller's; the linter asks for one that it can read.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={ref}
      class={props.class}
      role={props.role}
      aria-label={props.label}
      aria-labelledby={props.labelledBy}
      {...props.shortcut}
      onFocusIn={(event) => stopAt(event.target as Element)}
      onKeyDown={(event) => {
        const to = placeAfter(event, buttons());
        if (to === undefined) return;
        event.preventDefault();
        to.focus();
      }}
    >
      {props.children}
    </div>
  );
}

function placeAfter(event: KeyboardEvent, all: HTMLButtonElement[]): HTMLButtonElement | undefined {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
  const place = all.indexOf(event.target as HTMLButtonElement);
  if (place < 0) return undefined;
  switch (event.key) {
    case "ArrowRight":
    case "ArrowDown":
      return all[(place + 1) % all.length];
    case "ArrowLeft":
    case "ArrowUp":
      return all[(place - 1 + all.length) % all.length];
    case "Home":
      return all[0];
    case "End":
      return all.at(-1);
    default:
      return undefined;
  }
}
