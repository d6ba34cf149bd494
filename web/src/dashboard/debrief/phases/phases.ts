import { signal, type ReadonlySignal } from "@preact/signals";
import { keptInTab } from "../../../app/siteData";

export const PHASES = ["reactions", "description", "analysis", "summary"] as const;
export type Phase = (typeof PHASES)[number];

export interface Phases {
  readonly shown: ReadonlySignal<Phase>;
  show(phase: Phase): void;
  /** To the one behind or before it; the ends stay where they are. */
  step(by: 1 | -1): void;
}

/** Which part of a debrief is on the screen; a reload in front of a team comes back to it. */
export function phasesOf(sessionId: string, first: Phase): Phases {
  const stored = `shiller.debrief.${sessionId}`;
  const shown = signal<Phase>(read(stored) ?? first);
  const show = (phase: Phase) => {
    shown.value = phase;
    keptInTab.write(stored, phase);
  };
  return {
    shown,
    show,
    step(by) {
      const to = PHASES[PHASES.indexOf(shown.peek()) + by];
      if (to !== undefined) show(to);
    },
  };
}

function read(stored: string): Phase | null {
  const found = keptInTab.read(stored);
  return PHASES.find((phase) => phase === found) ?? null;
}
