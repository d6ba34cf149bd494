import { useEffect, useRef } from "preact/hooks";
import { trainerTexts as t } from "../../../i18n/trainers";
import { SIGN_NAMES } from "../../../patient/signs";
import { keyed } from "../../keys/shortcuts";
import type { Marks } from "../record/record";
import { TROUBLE_ID } from "../sending/SendBar";
import { SignRow } from "./SignRow";
import "./signs.css";

/** One tab stop: Alt and the arrows go from one sign to the next, the arrows alone move its value. */
export function SignRows(props: { marks: Marks }) {
  const ref = useRef<HTMLElement>(null);
  const entries = () => [...(ref.current?.querySelectorAll<HTMLInputElement>(".db-entry") ?? [])];
  const stopAt = (stop: Element | undefined) => {
    for (const entry of entries()) entry.tabIndex = entry === stop ? 0 : -1;
  };
  useEffect(() => stopAt(entries()[0]), []);
  return (
    <section
      ref={ref}
      class="db-panel db-signs"
      id="part-signs"
      aria-labelledby="part-signs-title"
      tabIndex={-1}
      {...keyed("sign")}
      onFocusIn={(event) => {
        if ((event.target as Element).matches(".db-entry")) stopAt(event.target as Element);
      }}
      onKeyDown={(event) => {
        const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
        const all = entries();
        const place = all.indexOf(event.target as HTMLInputElement);
        if (by === 0 || place < 0 || !event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        all[(place + by + all.length) % all.length]?.focus();
      }}
    >
      <h2 id="part-signs-title" class="visually-hidden">
        {t.value.dashboard.signs.title}
      </h2>
      {SIGN_NAMES.map((name) => (
        <SignRow key={name} name={name} marks={props.marks} troubleId={TROUBLE_ID} />
      ))}
      <SkipToCase />
    </section>
  );
}

/** The way past rhythms, flags and curves to the next step; seen where the focus is. */
function SkipToCase() {
  return (
    <a
      class="db-skip-on"
      href="#part-case"
      onClick={(event) => {
        event.preventDefault();
        const next = document.querySelector<HTMLElement>("[data-shortcut=next]") ?? document.getElementById("part-case");
        next?.focus();
      }}
    >
      {t.value.dashboard.keys.skip}
    </a>
  );
}
