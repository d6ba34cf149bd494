import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Undo } from "../../../device/database/preparation";
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

/** The pushes that bring back what stood before each of the last ones, the newest last. */
export class UndoStack {
  readonly steps: Signal<readonly Undo[]> = signal([]);
  readonly last: ReadonlySignal<Undo | null> = computed(() => this.steps.value.at(-1) ?? null);

  push(before: Undo): void {
    this.steps.value = [...this.steps.peek(), before].slice(-DEEPEST);
  }

  pop(): void {
    this.steps.value = this.steps.peek().slice(0, -1);
  }
}
