import { valueAt } from "../../../patient/ramps";
import type { FlagValue, LastValues, SignName, Signs, VitalsPatch } from "../../../wire/types";

/** How many pushes one can go back. */
const DEEPEST = 50;

/**
 * The push that brings back what stood before `patch`: only what it names, as the screens showed it at
 * `now` (milliseconds of the server's clock). A sign caught in the middle of a ramp comes back to where it was then.
 */
export function undoOf(shown: LastValues, patch: VitalsPatch, now: number): VitalsPatch {
  const before: VitalsPatch = {};
  const names = Object.keys(patch.vitals ?? {}) as SignName[];
  if (names.length > 0) {
    const signs: Partial<Signs> = {};
    for (const name of names) signs[name] = valueAt(shown, name, now);
    before.vitals = signs;
  }
  if (patch.rhythm !== undefined) before.rhythm = shown.rhythm;
  const keys = Object.keys(patch.flags ?? {});
  if (keys.length > 0) {
    const flags: Record<string, FlagValue | null> = {};
    for (const key of keys) flags[key] = shown.flags[key] ?? null;
    before.flags = flags;
  }
  return before;
}

/** The last pushes of this tab, kept over a reload. */
export class UndoStack {
  readonly #key: string;
  #steps: VitalsPatch[];

  constructor(sessionId: string) {
    this.#key = `shiller.undo.${sessionId}`;
    this.#steps = read(this.#key);
  }

  get last(): VitalsPatch | null {
    return this.#steps.at(-1) ?? null;
  }

  push(before: VitalsPatch): void {
    this.#steps = [...this.#steps, before].slice(-DEEPEST);
    this.#write();
  }

  pop(): VitalsPatch | null {
    const last = this.#steps.pop() ?? null;
    this.#write();
    return last;
  }

  #write(): void {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#steps));
    } catch {
      // A full or forbidden storage costs the undo after a reload, nothing else.
    }
  }
}

function read(key: string): VitalsPatch[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? (stored as VitalsPatch[]) : [];
  } catch {
    return [];
  }
}
