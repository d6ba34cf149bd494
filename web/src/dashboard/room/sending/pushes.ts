import { batch, type ReadonlySignal } from "@preact/signals";
import type { Undo } from "../../../device/database/preparation";
import type { OutboxEntry } from "../../../device/outbox/entry";
import type { Device } from "../../../device/view/device";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { isEmptyPatch, patchHolding, patchOfStep } from "../../../patient/patches";
import { markerOfCompressions } from "../../../patient/presets";
import { newId, undoIdOf } from "../../../wire/ids";
import type { LastValues, TemplateStep, VitalsPatch } from "../../../wire/types";
import { announce } from "../../shell/announce";
import { patchWords, reason } from "../../words";
import { tellNotWritten } from "../notWritten";
import { pressureTrouble } from "./staging";
import { undoOf, UndoStack } from "./undo";

export interface PushesOptions {
  device: Device;
  sessionId: string;
  /** The targets as the trainees have them, everything pushed here included. */
  shown: ReadonlySignal<LastValues>;
  /** This device could not write it down; an undo is not told. */
  failed(patch: VitalsPatch): void;
}

/** What this page pushes, how it is taken back, and what became of it. */
export class Pushes {
  readonly undoStack = new UndoStack();
  readonly undoable: ReadonlySignal<Undo | null> = this.undoStack.last;
  readonly #options: PushesOptions;
  /** Written down, and neither confirmed nor refused yet: what it was, in words. */
  readonly #awaited = new Map<string, string>();

  constructor(options: PushesOptions) {
    this.#options = options;
  }

  /** On the trainer's own screen before this returns; the network comes later. False if it must not be sent. */
  push(patch: VitalsPatch): boolean {
    return this.#push(patch, { said: patch, words: patchWords(patch) });
  }

  /** A step of the case is sent by its key alone: the server knows what is written in it. */
  play(step: TemplateStep): boolean {
    return this.#push(patchOfStep(step), { said: { step: step.key }, words: step.title });
  }

  /** `undoes`: the id of the push that this one takes back. */
  #push(patch: VitalsPatch, { said, words, undoes }: { said: VitalsPatch; words: string; undoes?: string }): boolean {
    const isUndo = undoes !== undefined;
    const id = isUndo ? undoIdOf(undoes) : newId();
    const { device, sessionId, shown } = this.#options;
    const trouble = pressureTrouble(shown.value, patch.vitals ?? {});
    if (trouble !== null) {
      announce(fill(t.value.dashboard.signs.trouble, { ...trouble }), { urgent: true });
      return false;
    }
    const before = { ...undoOf(shown.value, patch, device.serverNow()), undoes: id };
    // What a push takes back has been done all the same: an undo says nothing of the team.
    const marker = isUndo ? null : markerOfCompressions(shown.value, patch.flags);
    batch(() => {
      if (!isUndo && !isEmptyPatch(patch)) this.undoStack.push(before);
      void this.#hand(id, said, words, isUndo);
      if (marker !== null) device.addMarker(sessionId, marker).catch(tellNotWritten);
    });
    if (!isUndo) announce(fill(t.value.dashboard.send.waits, { what: words }));
    return true;
  }

  undo(): void {
    const last = this.undoable.peek();
    if (last === null) return;
    const { undoes, ...before } = last;
    if (!this.#push(before, { said: before, words: patchWords(before), undoes })) return;
    this.undoStack.pop();
    announce(fill(t.value.dashboard.send.undone, { what: patchWords(before) }));
  }

  /** Stop every ramp where it is. */
  hold(): void {
    const { device, shown } = this.#options;
    const patch = patchHolding(shown.value, device.serverNow());
    if (patch !== null) this.push(patch);
  }

  tellOutcomes(entries: readonly OutboxEntry[], confirmed: ReadonlySet<string>): void {
    let hasConfirmed = false;
    for (const [id, words] of this.#awaited) {
      const entry = entries.find((one) => one.id === id);
      if (entry?.state === "rejected") {
        this.#awaited.delete(id);
        const why = entry.refusal === null ? "" : reason(entry.refusal);
        announce(fill(t.value.dashboard.send.refused, { what: words, reason: why }), { urgent: true });
      } else if (entry === undefined && confirmed.has(id)) {
        this.#awaited.delete(id);
        hasConfirmed = true;
      }
    }
    if (hasConfirmed && this.#awaited.size === 0) announce(t.value.dashboard.send.confirmed);
  }

  /** The device shows it before its promise is even there. */
  async #hand(id: string, said: VitalsPatch, words: string, isUndo: boolean): Promise<void> {
    const { device, sessionId, failed } = this.#options;
    try {
      this.#awaited.set(await device.push(sessionId, said, id), words);
    } catch (error) {
      if (!isUndo) failed(said);
      tellNotWritten(error);
    }
  }
}
