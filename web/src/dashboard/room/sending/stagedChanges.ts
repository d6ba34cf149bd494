import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { isEmptyPatch } from "../../../patient/patches";
import type { LastValues, SignName, Signs, VitalsPatch } from "../../../wire/types";
import { announce } from "../../shell/announce";
import { baggedIn, broughtIn, countStaged, NOTHING, patchOf, pressureTrouble, restage, stage } from "./staging";
import type { PressureTrouble, Staged, Staging } from "./staging";

/** What the trainer has changed and not yet sent, and how it is to be sent. It knows of sending only `push`. */
export class StagedChanges {
  readonly staged: Signal<Staged> = signal(NOTHING);
  readonly count: ReadonlySignal<number>;
  readonly trouble: ReadonlySignal<PressureTrouble | null>;
  /** Seconds that the numbers of the next push take. */
  readonly ramp: Signal<number> = signal(0);
  /** Every change is a push of its own. */
  readonly isAtOnce: Signal<boolean> = signal(false);
  readonly #shown: ReadonlySignal<LastValues>;
  readonly #push: (patch: VitalsPatch) => boolean;

  /** `push` answers false if it must not be sent. */
  constructor(shown: ReadonlySignal<LastValues>, push: (patch: VitalsPatch) => boolean) {
    this.#shown = shown;
    this.#push = push;
    this.count = computed(() => countStaged(this.staged.value));
    this.trouble = computed(() => pressureTrouble(shown.value, this.staged.value.signs));
  }

  /** What a sign will be after sending: staged, else the target. */
  next(name: SignName): number {
    return this.staged.value.signs[name] ?? this.#shown.value[name];
  }

  /** Stage a change; where every change is sent at once, send it, unless it is `held` (a finger still on it). */
  change(staging: Staging, options: { held?: boolean } = {}): void {
    this.staged.value = stage(this.staged.value, staging, this.#shown.value);
    if (this.isAtOnce.value && options.held !== true) this.release(staging);
  }

  /** The finger has left what `change` held. */
  release(staging: Staging): void {
    if (!this.isAtOnce.value) return;
    const { staged } = this;
    if (staging.type === "sign") {
      // The two pressures are judged together: one that waited for the other goes with it.
      const isPressure = staging.name === "systolic" || staging.name === "diastolic";
      const names: SignName[] = isPressure ? ["systolic", "diastolic"] : [staging.name];
      const signs: Partial<Signs> = {};
      for (const name of names) {
        const value = staged.value.signs[name];
        if (value !== undefined) signs[name] = value;
      }
      this.#sendPart({ ...NOTHING, signs }, names.map((name) => ({ type: "forget_sign", name })));
    } else if (staging.type === "rhythm" || staging.type === "preset") {
      const brought = broughtIn(staged.value);
      this.#sendPart({ ...brought, brought, rhythm: staged.value.rhythm }, [{ type: "forget_rhythm" }]);
    } else if (staging.type === "flag") {
      const value = staged.value.flags[staging.key];
      const flags = value === undefined ? {} : { [staging.key]: value };
      const bagged = staging.key === "cpr" ? baggedIn(staged.value) : {};
      this.#sendPart({ ...NOTHING, flags, signs: bagged, bagged }, [{ type: "forget_flag", key: staging.key }]);
    }
  }

  /** Everything staged, as one push. False if there was nothing to send or it must not be sent. */
  send(): boolean {
    const patch = patchOf(this.staged.value, this.ramp.value);
    if (isEmptyPatch(patch) || !this.#push(patch)) return false;
    this.staged.value = NOTHING;
    return true;
  }

  discard(): void {
    this.staged.value = NOTHING;
    announce(t.value.dashboard.send.discarded);
  }

  /** A push came to nothing: what it named is staged again, unless something newer is. */
  putBack(patch: VitalsPatch): void {
    this.staged.value = restage(this.staged.value, patch);
  }

  #sendPart(part: Staged, forgets: Staging[]): void {
    const patch = patchOf(part, this.ramp.value);
    if (isEmptyPatch(patch) || !this.#push(patch)) return;
    this.staged.value = forgets.reduce((staged, forget) => stage(staged, forget, this.#shown.value), this.staged.value);
  }
}
