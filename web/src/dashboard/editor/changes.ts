import type { Transition } from "../../patient/moves";
import type { CaseDraft } from "./draft";
import { blankItem, blankStep, freshKey, stepKeys, type DraftItem, type DraftStep, type DraftTarget } from "./parts";

/** Everything that can be done to a case that is being written. Steps and items go by their keys, the rest by its place. */
export type Change =
  | { type: "case"; fields: Partial<Omit<CaseDraft, "steps" | "checklist" | "targets">> }
  | { type: "insert_step"; at: number }
  | { type: "duplicate_step"; key: string; title: string }
  | { type: "move_step"; key: string; to: number }
  | { type: "remove_step"; key: string }
  | { type: "step"; key: string; fields: Partial<Omit<DraftStep, "key" | "transitions">> }
  | { type: "add_way"; key: string; way: Transition }
  | { type: "way"; key: string; place: number; fields: Partial<Transition> }
  | { type: "move_way"; key: string; place: number; to: number }
  | { type: "remove_way"; key: string; place: number }
  | { type: "insert_item"; at: number }
  | { type: "move_item"; key: string; to: number }
  | { type: "remove_item"; key: string }
  | { type: "item"; key: string; fields: Partial<Omit<DraftItem, "key">> }
  | { type: "add_target"; target: DraftTarget }
  | { type: "target"; place: number; fields: Partial<DraftTarget> }
  | { type: "remove_target"; place: number }
  | { type: "whole"; draft: CaseDraft };

/** The draft with a change done; the same one if it changes nothing. What is named and is not there is left alone. */
export function changed(draft: CaseDraft, change: Change): CaseDraft {
  switch (change.type) {
    case "whole":
      return change.draft;
    case "case":
      return { ...draft, ...change.fields };
    case "insert_step":
      return { ...draft, steps: inserted(draft.steps, change.at, blankStep(freshKey("step", stepKeys(draft)))) };
    case "duplicate_step": {
      const place = draft.steps.findIndex(({ key }) => key === change.key);
      const step = draft.steps[place];
      if (step === undefined) return draft;
      const copy = { ...structuredClone(step), key: freshKey("step", stepKeys(draft)), title: change.title };
      return { ...draft, steps: inserted(draft.steps, place + 1, copy) };
    }
    case "move_step":
      return { ...draft, steps: moved(draft.steps, placeOf(draft.steps, change.key), change.to) };
    case "remove_step":
      return { ...draft, steps: draft.steps.filter(({ key }) => key !== change.key) };
    case "step":
      return withStep(draft, change.key, (step) => ({ ...step, ...change.fields }));
    case "add_way":
      return withWays(draft, change.key, (ways) => [...ways, change.way]);
    case "way":
      return withWays(draft, change.key, (ways) => replaced(ways, change.place, change.fields));
    case "move_way":
      return withWays(draft, change.key, (ways) => moved(ways, change.place, change.to));
    case "remove_way":
      return withWays(draft, change.key, (ways) => without(ways, change.place));
    case "insert_item": {
      const item = blankItem(freshKey("item", draft.checklist.map(({ key }) => key))); // prettier-ignore
      return { ...draft, checklist: inserted(draft.checklist, change.at, item) };
    }
    case "move_item":
      return { ...draft, checklist: moved(draft.checklist, placeOf(draft.checklist, change.key), change.to) };
    case "remove_item":
      return { ...draft, checklist: draft.checklist.filter(({ key }) => key !== change.key) };
    case "item":
      return { ...draft, checklist: replaced(draft.checklist, placeOf(draft.checklist, change.key), change.fields) };
    case "add_target":
      return { ...draft, targets: [...draft.targets, change.target] };
    case "target":
      return { ...draft, targets: replaced(draft.targets, change.place, change.fields) };
    case "remove_target":
      return { ...draft, targets: without(draft.targets, change.place) };
  }
}

/** The keys of the steps from which a way leads to this one: they are told when it goes. */
export function leadingTo(steps: readonly DraftStep[], key: string): string[] {
  return steps
    .filter((step) => step.key !== key && step.transitions.some(({ to }) => to === key))
    .map((step) => step.key);
}

function withStep(draft: CaseDraft, key: string, change: (step: DraftStep) => DraftStep): CaseDraft {
  if (!draft.steps.some((step) => step.key === key)) return draft;
  return { ...draft, steps: draft.steps.map((step) => (step.key === key ? change(step) : step)) };
}

function withWays(draft: CaseDraft, key: string, change: (ways: Transition[]) => Transition[]): CaseDraft {
  return withStep(draft, key, (step) => ({ ...step, transitions: change(step.transitions) }));
}

function placeOf(all: readonly { key: string }[], key: string): number {
  return all.findIndex((one) => one.key === key);
}

function inserted<T>(all: readonly T[], at: number, one: T): T[] {
  const place = Math.max(0, Math.min(all.length, at));
  return [...all.slice(0, place), one, ...all.slice(place)];
}

function without<T>(all: T[], place: number): T[] {
  return place in all ? all.filter((_, at) => at !== place) : all;
}

function replaced<T extends object>(all: T[], place: number, fields: Partial<NoInfer<T>>): T[] {
  return place in all ? all.map((one, at) => (at === place ? { ...one, ...fields } : one)) : all;
}

function moved<T>(all: T[], from: number, to: number): T[] {
  const one = all[from];
  const place = Math.max(0, Math.min(all.length - 1, to));
  if (one === undefined || place === from) return all;
  return inserted(without(all, from), place, one);
}
