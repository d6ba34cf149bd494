import { isSame } from "../../device/sync/edit";
import type { CaseDraft } from "./draft";

/** What was done to a case since the page was opened, to be taken back and done again. */
export interface DraftHistory {
  readonly past: readonly CaseDraft[];
  readonly now: CaseDraft;
  readonly future: readonly CaseDraft[];
  /** What is being typed in, and when it last was: one field's typing is one change. */
  readonly typing: { field: string; at: number } | null;
}

/** Beyond them the oldest is forgotten. */
export const MOST_UNDONE = 200;
/** A pause in typing ends the change; milliseconds. */
const PAUSE = 3000;

export function historyOf(now: CaseDraft): DraftHistory {
  return { past: [], now, future: [], typing: null };
}

/** `typed`: the field in which it was typed, null of everything else; `at` in milliseconds. */
export function did(history: DraftHistory, draft: CaseDraft, typed: string | null, at: number): DraftHistory {
  if (isSame(draft, history.now)) return history;
  const { typing, past, now } = history;
  const goesOn = typed !== null && typing !== null && typing.field === typed && at - typing.at < PAUSE;
  return {
    past: goesOn ? past : [...past, now].slice(-MOST_UNDONE),
    now: draft,
    future: [],
    typing: typed === null ? null : { field: typed, at },
  };
}

export function undone(history: DraftHistory): DraftHistory {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], typing: null };
}

export function redone(history: DraftHistory): DraftHistory {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, typing: null };
}

/** On another ground: what came from elsewhere is in every one of them, and no undo takes it away. */
export function mapped(history: DraftHistory, onto: (draft: CaseDraft) => CaseDraft): DraftHistory {
  return { ...history, past: history.past.map(onto), now: onto(history.now), future: history.future.map(onto) };
}
