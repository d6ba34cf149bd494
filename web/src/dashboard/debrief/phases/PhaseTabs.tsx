import { useRef } from "preact/hooks";
import { trainerTexts as t } from "../../../i18n/trainers";
import { PHASES, type Phases } from "./phases";


/** The four parts, in the order in which they are talked through; their keys are 1 to 4. */
export function PhaseTabs({ phases }: { phases: Phases }) {
  const list = useRef<HTMLDivElement>(null);
  const texts = t.value.debrief.phases;
  const shown = phases.shown.value;
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    phases.step(by);
    list.current?.querySelectorAll<HTMLButtonElement>("button")[PHASES.indexOf(phases.shown.peek())]?.focus();
  };
  return (
    <div ref={list} class="db-phases" role="tablist" tabIndex={-1} aria-label={texts.label} onKeyDown={onKeyDown}>
      {PHASES.map((phase, place) => (
        <button
          key={phase}
          id={`phase-${phase}`}
          type="button"
          role="tab"
          aria-selected={phase === shown}
          aria-controls="debrief-phase"
          tabIndex={phase === shown ? 0 : -1}
          onClick={() => phases.show(phase)}
        >
          <span class="db-phase-key" aria-hidden="true">
            {place + 1}
          </span>
          {texts[phase]}
        </button>
      ))}
    </div>
  );
}
