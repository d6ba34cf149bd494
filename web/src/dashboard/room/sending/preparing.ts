import { batch, effect, untracked, type ReadonlySignal } from "@preact/signals";
import type { Preparation } from "../../../device/database/preparation";
import type { Device } from "../../../device/view/device";
import type { LastValues } from "../../../wire/types";
import { newId } from "../../../wire/ids";
import type { StagedChanges } from "./stagedChanges";
import { NOTHING, stillStaged } from "./staging";
import type { UndoStack } from "./undo";

/** A hand that moves a slider stages many times a second; the device is told where it stopped. */
const PAUSE_MS = 150;

export interface PreparingOptions {
  device: Pick<Device, "preparation" | "prepare">;
  sessionId: string;
  shown: ReadonlySignal<LastValues>;
  isOver: ReadonlySignal<boolean>;
  changes: StagedChanges;
  undoStack: UndoStack;
}

/**
 * Keeps what is staged, how it is to be sent, and what can be undone on the device: over a reload, and the same in
 * every tab that shows the session. With the end of the session it goes.
 */
export class Preparing {
  readonly #options: PreparingOptions;
  readonly #by = newId();
  /** As the device has it. */
  #known = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PreparingOptions) {
    this.#options = options;
    this.#known = written(this.#now());
    this.#adopt(options.device.preparation(options.sessionId).peek());
  }

  start(): () => void {
    const { device, sessionId, isOver } = this.#options;
    const flush = () => this.#flush();
    const endings = [
      effect(() => {
        const told = device.preparation(sessionId).value;
        untracked(() => this.#adopt(told));
      }),
      effect(() => {
        if (isOver.value) untracked(() => this.#forget());
      }),
      effect(() => {
        if (written(this.#now()) === this.#known) return;
        this.#timer ??= setTimeout(flush, PAUSE_MS);
      }),
    ];
    addEventListener("pagehide", flush);
    return () => {
      removeEventListener("pagehide", flush);
      for (const end of endings) end();
      flush();
    };
  }

  #now(): Omit<Preparation, "by"> {
    const { changes, undoStack } = this.#options;
    return {
      staged: changes.staged.value,
      ramp_seconds: changes.ramp.value,
      is_at_once: changes.isAtOnce.value,
      undo: undoStack.steps.value,
    };
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#now();
    if (written(now) === this.#known) return;
    this.#known = written(now);
    const { device, sessionId } = this.#options;
    // That this device cannot keep anything is said by the device itself, above every page.
    device.prepare(sessionId, { ...now, by: this.#by }).catch(() => undefined);
  }

  /** Of another tab, or of before a reload. */
  #adopt(told: Preparation | null): void {
    if (told === null || told.by === this.#by) return;
    const { by: _, ...prepared } = told;
    if (written(prepared) === this.#known) return;
    const { changes, undoStack, shown } = this.#options;
    this.#known = written(prepared);
    batch(() => {
      changes.staged.value = stillStaged(prepared.staged, shown.peek());
      changes.ramp.value = prepared.ramp_seconds;
      changes.isAtOnce.value = prepared.is_at_once;
      undoStack.steps.value = prepared.undo;
    });
  }

  #forget(): void {
    const { changes, undoStack } = this.#options;
    batch(() => {
      changes.staged.value = NOTHING;
      undoStack.steps.value = [];
    });
  }
}

function written({ staged, ramp_seconds, is_at_once, undo }: Omit<Preparation, "by">): string {
  return JSON.stringify([staged.signs, staged.rhythm, staged.flags, staged.brought, ramp_seconds, is_at_once, undo]);
}
