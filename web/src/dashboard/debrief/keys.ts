import { announce } from "../shell/announce";
import { isAnyPopoverOpen } from "../shell/popovers";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { hasShortcuts } from "../keys/onOff";
import { isTyping } from "../keys/shortcuts";
import type { DebriefModel } from "./model";
import { momentWords } from "./moments/momentWords";
import { neighbour, type FoundMoment } from "./moments/moments";
import { PHASES, type Phases } from "./phases/phases";
import { spokenClock } from "./times";

const SECOND = 1_000;

/** The keys of the page, while it is shown. What is typed, and what a control makes of its own keys, stays theirs. */
export function followKeys(model: DebriefModel, phases: Phases): () => void {
  const heard = (event: KeyboardEvent) => {
    if (!hasShortcuts.peek() || event.defaultPrevented || event.isComposing) return;
    if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]") !== null || isAnyPopoverOpen()) return;
    if (follow(event, model, phases)) event.preventDefault();
  };
  document.addEventListener("keydown", heard);
  return () => document.removeEventListener("keydown", heard);
}

function follow(event: KeyboardEvent, model: DebriefModel, phases: Phases): boolean {
  const phase = PHASES[numberOf(event) - 1];
  if (phase !== undefined) {
    phases.show(phase);
    return true;
  }
  const isReplayed = phases.shown.peek() === "analysis";
  switch (event.key) {
    case ".":
      return goToNeighbour(model, "next");
    case ",":
      return goToNeighbour(model, "previous");
    case " ":
      if (!isReplayed || isPressable(event.target)) return false;
      model.replay.toggle();
      return true;
    case "ArrowRight":
    case "ArrowLeft": {
      if (isMovedIn(event.target)) return false;
      const by = event.key === "ArrowRight" ? 1 : -1;
      if (isReplayed) model.replay.seek(model.replay.now() + by * SECOND);
      else phases.step(by);
      return true;
    }
    case "PageDown":
    case "PageUp":
      // As a presenter's remote control has it; what is longer than the screen scrolls.
      if (isReplayed) return false;
      phases.step(event.key === "PageDown" ? 1 : -1);
      return true;
    default:
      return false;
  }
}

/** By the key's place: the digits of a French keyboard are typed with Shift. */
function numberOf(event: KeyboardEvent): number {
  const digit = /^(?:Digit|Numpad)([1-4])$/.exec(event.code)?.[1];
  return Number(digit ?? (/^[1-4]$/.test(event.key) ? event.key : 0));
}

/** Space presses it. */
function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("button, a, summary, input, [role=checkbox]");
}

/** Arrows mean something else there. */
function isMovedIn(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("[role=toolbar], [role=tablist], [role=slider], select, input, .db-table-frame") !== null;
}

export function goToNeighbour(model: DebriefModel, way: "next" | "previous"): boolean {
  const found = neighbour(model.visible.peek(), model.replay.now(), way);
  if (found !== undefined) goTo(model, found);
  return found !== undefined;
}

/** One tap: the monitor, the chart and the words are there. */
export function goTo(model: DebriefModel, moment: FoundMoment): void {
  model.replay.seek(moment.at);
  const what = momentWords(moment, model.room.steps.peek());
  announce(fill(t.peek().debrief.replay.hear, { time: spokenClock(model.time.peek(), moment.at), what }));
}
