import type { CaseWarning, DryMove, DrySuggestion, LastValues, Template, TemplateStep, VitalsPatch } from "../wire/types";
import { BOUNDS } from "../generated/catalogue";
import { fold } from "./fold";
import { looseEnds } from "./looseEnds";
import {
  type CaseEvent,
  type Move,
  MOVES_LIMIT,
  type Progress,
  type Trigger,
  advance,
  nextMove,
  progressOf,
  suggested,
} from "./moves";
import { START_VALUES } from "./signs";

/**
 * A case tried without patients and without waiting: which step comes at which second, and why. The same answer as that
 * of `POST /templates/dry-run` (`server/domain/dry_run.py`); the runs in tests/vectors/moves.json hold both to it.
 */

/** What of a case says how it runs. */
export type RunningTemplate = Pick<Template, "vitals" | "rhythm" | "flags" | "steps" | "duration_minutes">;

/** What somebody does while the case runs; a repeated key is given once for each time. */
export interface Tried {
  at_seconds: number;
  kind: "marker" | "action";
  key: string;
}

/** From that second on this is what the patient has; the step is null before the first and after the end of the case. */
export interface DryState {
  at_seconds: number;
  step: string | null;
  /** Its moments are milliseconds since the start of the case. */
  last: LastValues;
}

export interface DryRun {
  moves: DryMove[];
  suggestions: DrySuggestion[];
  warnings: CaseWarning[];
  /** Of the course, as far as it was looked at: `seconds`. */
  states: DryState[];
  seconds: number;
}

const USUAL_RUN = 3600;
const LONGEST_RUN = 24 * 3600;
const BY_SYSTEM: CaseEvent["by"] = { role: "system", id: null, name: "" };

export function openedWith(template: RunningTemplate): LastValues {
  const opened = fold(START_VALUES, patchOf({ ...template, ramp_seconds: 0 }), 0);
  return isPossible(opened) ? opened : START_VALUES;
}

/** How far a dry run looks ahead in a case that lasts so long. */
export function runSeconds(minutes: number | null): number {
  return minutes === null ? USUAL_RUN : Math.min(minutes * 60, LONGEST_RUN);
}

export function dryRun(template: RunningTemplate, tried: readonly Tried[]): DryRun {
  const seconds = runSeconds(template.duration_minutes);
  const opened = openedWith(template);
  const run = new Run(template.steps, opened);
  if (template.steps.length > 0 && run.begin()) {
    for (const each of inOrder(tried)) {
      if (each.at_seconds > seconds) break;
      run.moveUntil(each.at_seconds * 1000);
      run.record(each);
    }
    run.moveUntil(seconds * 1000);
  }
  const { moves, suggestions, warnings, states } = run;
  return { moves, suggestions, warnings: [...caseWarnings(template.steps), ...warnings], states, seconds };
}

export function caseWarnings(steps: readonly TemplateStep[]): CaseWarning[] {
  const loose = looseEnds(steps);
  if (loose === null) return [];
  return [
    ...loose.unreachable.map((place) => warning("unreachable", steps[place]!.key)),
    ...loose.stuck.map((place) => warning("no_way_out", steps[place]!.key)),
  ];
}

/** What cannot be together is refused by the server. */
export function isPossible(last: LastValues): boolean {
  return last.diastolic <= last.systolic && Object.keys(last.flags).length <= BOUNDS.flags;
}

class Run {
  readonly moves: DryMove[] = [];
  readonly suggestions: DrySuggestion[] = [];
  readonly warnings: CaseWarning[] = [];
  readonly states: DryState[];
  #progress: Progress;
  readonly #lit = new Set<Trigger>();

  constructor(
    readonly steps: readonly TemplateStep[],
    opened: LastValues,
  ) {
    this.states = [{ at_seconds: 0, step: null, last: opened }];
    this.#progress = progressOf(opened, 0);
  }

  begin(): boolean {
    const first = this.steps[0] as TemplateStep;
    if (!this.#play(first, 0, null)) return false;
    this.moves.push({ at_seconds: 0, from: null, step: first.key, because: null });
    return true;
  }

  moveUntil(end: number): void {
    for (let move = this.#next(); move !== null && move.at <= end; move = this.#next()) {
      this.#noteSuggestions(move.at);
      const left = this.#progress.step;
      if (left === null || !this.#take(move, left)) return;
      this.#lit.clear();
    }
    this.#noteSuggestions(end);
    const { moves, step } = this.#progress;
    if (moves >= MOVES_LIMIT && step !== null) this.#warn("moves_limit", step);
  }

  record({ at_seconds, kind, key }: Tried): void {
    const at = at_seconds * 1000;
    const event = kind === "marker" ? { kind: "note" as const, marker: key } : { kind: "action" as const, details: { action: key } };
    this.#progress = advance(this.steps, this.#progress, eventAt(at, event), this.#progress.last);
  }

  #next(): Move | null {
    return nextMove(this.steps, this.#progress);
  }

  #take({ at, transition }: Move, left: string): boolean {
    const because = told(transition.on);
    const step = this.steps.find(({ key }) => key === transition.to);
    if (step === undefined) this.#end(at, { because, from: left });
    else if (!this.#play(step, at, { because, from: left })) return false;
    this.moves.push({ at_seconds: at / 1000, from: left, step: transition.to, because });
    return true;
  }

  #play(step: TemplateStep, at: number, details: CaseEvent["details"]): boolean {
    const last = fold(this.#progress.last, patchOf(step), at);
    if (!isPossible(last)) {
      this.#warn("impossible_step", step.key);
      this.#progress = { ...this.#progress, step: null, since: [] };
      return false;
    }
    this.#progress = advance(this.steps, this.#progress, eventAt(at, { kind: "vitals", step: step.key, details }), last);
    this.states.push({ at_seconds: at / 1000, step: step.key, last });
    return true;
  }

  #end(at: number, cause: object): void {
    const { last } = this.#progress;
    const event = eventAt(at, { kind: "case", details: { ...cause, action: "ended" } });
    this.#progress = advance(this.steps, this.#progress, event, last);
    this.states.push({ at_seconds: at / 1000, step: null, last });
  }

  #noteSuggestions(end: number): void {
    const { step } = this.#progress;
    if (step === null) return;
    for (const { at, transition } of suggested(this.steps, this.#progress)) {
      const { on, to, label } = transition;
      if (at >= end || this.#lit.has(on) || "manual" in on) continue;
      this.#lit.add(on);
      this.suggestions.push({ at_seconds: at / 1000, step, to, label, because: told(on) });
    }
  }

  #warn(code: CaseWarning["code"], step: string): void {
    if (!this.warnings.some((one) => one.code === code && one.step === step)) this.warnings.push(warning(code, step));
  }
}

function warning(code: CaseWarning["code"], step: string): CaseWarning {
  return { code, step };
}

/** Of what is done at the same second, markers count first. */
function inOrder(tried: readonly Tried[]): Tried[] {
  const rank = ({ kind }: Tried) => (kind === "marker" ? 0 : 1);
  return [...tried].sort((one, other) => one.at_seconds - other.at_seconds || rank(one) - rank(other));
}

/** With what is meant where nothing is said. */
function told(on: Trigger): Trigger {
  if ("when" in on) return { when: on.when, hold: on.hold ?? 0 };
  if ("marker" in on) return { marker: on.marker, count: on.count ?? 1 };
  if ("action" in on) return { action: on.action, count: on.count ?? 1 };
  return on;
}

function patchOf(part: Pick<TemplateStep, "vitals" | "rhythm" | "flags" | "ramp_seconds">): VitalsPatch {
  const { vitals, rhythm, flags, ramp_seconds } = part;
  return { vitals, flags, ramp_seconds, ...(rhythm === null ? {} : { rhythm }) };
}

function eventAt(at: number, part: Partial<CaseEvent> & Pick<CaseEvent, "kind">): CaseEvent {
  return { step: null, marker: null, details: null, by: BY_SYSTEM, createdAt: at, ...part };
}
