import type { LastValues, TemplateStep, VitalsPatch } from "../wire/types";
import { fold } from "./fold";
import { type CaseEvent, type Move, type Progress, type Trigger, advance, nextMove, progressOf, suggested } from "./moves";

/** A case tried without patients and without waiting: which step comes at which second, and why. */

export interface Tried {
  seconds: number;
  kind: "marker" | "action";
  key: string;
}

/** The case goes to `step` (null: its end) at that second; of a suggestion, its button lights up then. */
export interface DryMove {
  seconds: number;
  left: string;
  step: string | null;
  because: Trigger;
}

export interface DryRun {
  moves: DryMove[];
  suggestions: DryMove[];
}

const LONGEST_RUN = 24 * 3600 * 1000;
const BY_SYSTEM: CaseEvent["by"] = { role: "system", id: null, name: "" };

/** From the moment at which the case is started; `opened` is what the session shows before. */
export function dryRun(opened: LastValues, steps: readonly TemplateStep[], tried: readonly Tried[]): DryRun {
  const first = steps[0];
  const run: DryRun = { moves: [], suggestions: [] };
  if (first === undefined) return run;
  let progress = play(steps, progressOf(opened, 0), first, 0, null);
  let lit = new Set<Trigger>();

  function noteSuggestions(end: number): void {
    for (const move of suggested(steps, progress)) {
      const { on } = move.transition;
      if (move.at >= end || lit.has(on) || "manual" in on || progress.step === null) continue;
      lit.add(on);
      run.suggestions.push(told(move, progress.step));
    }
  }

  function moveUntil(end: number): void {
    for (let move = nextMove(steps, progress); move !== null && move.at <= end; move = nextMove(steps, progress)) {
      noteSuggestions(move.at);
      if (progress.step === null) return;
      run.moves.push(told(move, progress.step));
      progress = take(steps, progress, move);
      lit = new Set();
    }
    noteSuggestions(end);
  }

  for (const each of [...tried].sort((one, other) => one.seconds - other.seconds)) {
    const at = each.seconds * 1000;
    moveUntil(at);
    progress = advance(steps, progress, triedEvent(each, at), progress.last);
  }
  moveUntil(LONGEST_RUN);
  return run;
}

function take(steps: readonly TemplateStep[], progress: Progress, { at, transition }: Move): Progress {
  const details = { because: transition.on, from: progress.step };
  const step = steps.find(({ key }) => key === transition.to);
  if (step !== undefined) return play(steps, progress, step, at, details);
  const ended = { ...details, action: "ended" };
  return advance(steps, progress, eventAt(at, { kind: "case", details: ended }), progress.last);
}

function play(
  steps: readonly TemplateStep[],
  progress: Progress,
  step: TemplateStep,
  at: number,
  details: CaseEvent["details"],
): Progress {
  const patch: VitalsPatch = {
    vitals: step.vitals,
    flags: step.flags,
    ramp_seconds: step.ramp_seconds,
    ...(step.rhythm === null ? {} : { rhythm: step.rhythm }),
  };
  return advance(steps, progress, eventAt(at, { kind: "vitals", step: step.key, details }), fold(progress.last, patch, at));
}

function triedEvent({ kind, key }: Tried, at: number): CaseEvent {
  return kind === "marker"
    ? eventAt(at, { kind: "note", marker: key })
    : eventAt(at, { kind: "action", details: { action: key } });
}

function eventAt(at: number, part: Partial<CaseEvent> & Pick<CaseEvent, "kind">): CaseEvent {
  return { step: null, marker: null, details: null, by: BY_SYSTEM, createdAt: at, madeAt: at, ...part };
}

function told({ at, transition }: Move, left: string): DryMove {
  return { seconds: at / 1000, left, step: transition.to, because: transition.on };
}
