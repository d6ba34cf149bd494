/**
 * The keys of the trainer's most frequent actions. Alt+Shift and a letter: it types nothing, no browser and no screen
 * reader has these, and a stray hand does not hit them (docs/decisions/0015). A shortcut presses, or goes to, the
 * control that is on the page, so it does what a hand on it does, and nothing where that control is not.
 */
export const SHORTCUTS = {
  open: { key: "1-9", how: "press" },
  projector: { key: "P", how: "press" },
  sign: { key: "V", how: "go" },
  rhythm: { key: "R", how: "go" },
  arrest: { key: "F", how: "press" },
  next: { key: "E", how: "press" },
  marker: { key: "1-9", how: "press" },
  note: { key: "O", how: "go" },
  bookmark: { key: "K", how: "press" },
  undo: { key: "U", how: "press" },
  people: { key: "H", how: "press" },
  cpr: { key: "C", how: "press" },
} as const satisfies Record<string, { key: string; how: "press" | "go" }>;

export type Shortcut = keyof typeof SHORTCUTS;

/** What of a key press decides; a `KeyboardEvent` has all of it. */
export interface KeyPress {
  key: string;
  code: string;
  altKey: boolean;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

/** The letter or digit of Alt+Shift and a key; null for every other press. */
export function letterOf(press: KeyPress): string | null {
  if (!press.altKey || !press.shiftKey || press.ctrlKey || press.metaKey) return null;
  // The digits of a French keyboard are typed with Shift, and its keys for them are the same keys.
  const digit = /^Digit([1-9])$/.exec(press.code)?.[1];
  if (digit !== undefined) return digit;
  // What is printed on the key decides; a Mac makes another sign of it with Alt, and there the place of the key does.
  if (/^[a-z]$/i.test(press.key)) return press.key.toUpperCase();
  return /^Key([A-Z])$/.exec(press.code)?.[1] ?? null;
}

/** Where a press leads: the control, and which one of several. */
export function shortcutOf(press: KeyPress): { selector: string; how: "press" | "go" } | null {
  const key = letterOf(press);
  if (key === null) return null;
  if (/^[1-9]$/.test(key)) return { selector: `[data-shortcut-number="${key}"]`, how: "press" };
  const found = Object.entries(SHORTCUTS).find(([, shortcut]) => shortcut.key === key);
  return found === undefined ? null : { selector: `[data-shortcut=${found[0]}]`, how: found[1].how };
}

/** Whoever types there writes, and means no shortcut. A number is typed from its first sign until it is taken. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  if (!(target instanceof HTMLInputElement)) return false;
  if (["radio", "checkbox", "range", "button", "submit"].includes(target.type)) return false;
  return target.dataset["typed"] !== "no";
}

/** What a control wears to be found by its keys, and to say which they are. */
export function keyed(shortcut: Shortcut): { "data-shortcut": string; "aria-keyshortcuts": string } {
  return { "data-shortcut": shortcut, "aria-keyshortcuts": `Alt+Shift+${SHORTCUTS[shortcut].key}` };
}

/** The `place`-th of a row, from 0; only nine have a key. */
export function numbered(place: number): { "data-shortcut-number": string; "aria-keyshortcuts": string } | object {
  if (place > 8) return {};
  return { "data-shortcut-number": String(place + 1), "aria-keyshortcuts": `Alt+Shift+${place + 1}` };
}
