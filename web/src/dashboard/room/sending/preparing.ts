import { batch, effect, untracked, type ReadonlySignal } from "@preact/signals";
import type { Preparation } from "../../../device/database/preparation";
import type { Device } from "../../../device/view/device";
import type { LastValues, VitalsPatch } from "../../../wire/types";
import { newId } from "../../../wire/ids";
import type { StagedChanges } from "./stagedChanges";
import { NOTHING, restage, stillStaged } from "./staging";
import type { UndoStack } from "./undo";

/** A push has the device to itself until it is written down; what is left in hand after it can wait so long. */
const AFTER_PUSH_MS = 150;

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
  #undo: Preparation["undo"];
  /** One at a time: a hand that moves a slider stages faster than a device can write. */
  #isWriting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PreparingOptions) {
    this.#options = options;
    this.#known = written(this.#now());
    this.#undo = options.undoStack.steps.peek();
    this.#adopt(options.device.preparation(options.sessionId).peek());
  }

  start(): () => void {
    const { device, sessionId, isOver } = this.#options;
    const flush = () => this.#write();
    const endings = [
      effect(() => {
        const told = device.preparation(sessionId).value;
        untracked(() => this.#adopt(told));
      }),
      effect(() => {
        if (isOver.value) untracked(() => this.#forget());
      }),
      effect(() => {
        const now = this.#now();
        if (written(now) === this.#known) return;
        if (now.undo === this.#undo) this.#write();
        else this.#timer ??= setTimeout(flush, AFTER_PUSH_MS);
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

  #write(): void {
    const now = untracked(() => this.#now());
    if (this.#isWriting || written(now) === this.#known) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#known = written(now);
    this.#undo = now.undo;
    this.#isWriting = true;
    const { device, sessionId } = this.#options;
    void device
      .prepare(sessionId, { ...now, by: this.#by })
      // That this device cannot keep anything is said by the device itself, above every page.
      .catch(() => undefined)
      .finally(() => {
        this.#isWriting = false;
        this.#write();
      });
  }

  /** Of another tab, or of before a reload. */
  #adopt(told: Preparation | null): void {
    if (told === null || told.by === this.#by) return;
    const { by: _, ...prepared } = told;
    if (written(prepared) === this.#known) return;
    const { changes, undoStack, shown } = this.#options;
    this.#known = written(prepared);
    this.#undo = prepared.undo;
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

/** What is in hand, with a push staged again of which nothing newer is staged. */
export function inHandWith(before: Preparation | null, patch: VitalsPatch): Preparation {
  const is = before ?? { staged: NOTHING, ramp_seconds: 0, is_at_once: false, undo: [] };
  // Sent at once it would not be staged: what is to be changed waits.
  return {
    ...is,
    staged: restage(is.staged, patch),
    ramp_seconds: patch.ramp_seconds ?? is.ramp_seconds,
    is_at_once: false,
    by: newId(),
  };
}

function written({ staged, ramp_seconds, is_at_once, undo }: Omit<Preparation, "by">): string {
  return JSON.stringify([staged.signs, staged.rhythm, staged.flags, staged.brought, ramp_seconds, is_at_once, undo]);
}
