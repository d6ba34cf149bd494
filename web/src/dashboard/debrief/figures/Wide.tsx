import type { ComponentChildren } from "preact";

/** On a telephone it is wider than the screen, and is moved by hand or by the arrows. */
export function Wide(props: { label: string; children: ComponentChildren }) {
  return (
    <div class="db-sheet-wide" role="group" aria-label={props.label} tabIndex={0}>
      {props.children}
    </div>
  );
}
