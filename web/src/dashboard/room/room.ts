import { batch, computed, effect, signal, untracked, type ReadonlySignal, type Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { isAboutSession, type OutboxEntry } from "../../device/outbox/entry";
import { fill, t } from "../../i18n";
import type { Device, ShownSession } from "../../device/view/device";
import { isEmptyPatch, patchOfStep } from "../../patient/patches";
import { valueAt } from "../../patient/ramps";
import { SIGN_NAMES, START_VALUES } from "../../patient/signs";
import type { LastValues, SignName, Signs, TemplateStep, VitalsPatch } from "../../wire/types";
import { announce } from "../shell/announce";
import { countStaged, NOTHING, patchOf, pressureTrouble, restage, stage } from "./sending/staging";
import type { PressureTrouble, Staged, Staging } from "./sending/staging";
import { noteOf } from "./case/steps";
import { ticking } from "../ticking";
import { undoOf, UndoStack } from "./sending/undo";
import { patchWords, reason } from "../words";

/** What one control room knows and does. The components below it read single signals of it. */
export class Room {
  readonly session: ReadonlySignal<ShownSession | null>;
  /** The targets as the trainees have them, or will have in a moment: everything pushed here is in it. */
  readonly shown: ReadonlySignal<LastValues>;
  readonly staged: Signal<Staged> = signal(NOTHING);
  readonly count: ReadonlySignal<number>;
  readonly trouble: ReadonlySignal<PressureTrouble | null>;
  /** Seconds that the numbers of the next push take. */
  readonly ramp: Signal<number> = signal(0);
  /** Every change is a push of its own. */
  readonly isAtOnce: Signal<boolean> = signal(false);
  /** The server's clock once a second, and four times a second while a ramp runs. */
  readonly second: ReadonlySignal<number>;
  readonly moment: ReadonlySignal<number>;
  readonly isRamping: ReadonlySignal<boolean>;
  readonly isOver: ReadonlySignal<boolean>;
  readonly canSteer: ReadonlySignal<boolean>;
  readonly entries: ReadonlySignal<OutboxEntry[]>;
  readonly undoable: ReadonlySignal<VitalsPatch | null>;
  readonly #undo: UndoStack;
  readonly #undoable: Signal<VitalsPatch | null>;
  readonly #awaited = new Map<string, VitalsPatch>();

  constructor(
    readonly device: Device,
    readonly id: string,
  ) {
    const session = device.session(id);
    this.session = session;
    this.shown = computed(() => session.value?.shown_values ?? START_VALUES);
    this.count = computed(() => countStaged(this.staged.value));
    this.trouble = computed(() => pressureTrouble(this.shown.value, this.staged.value.signs));
    this.second = ticking(() => device.serverNow(), 1000);
    const quarter = ticking(() => device.serverNow(), 250);
    this.isRamping = computed(() => runningRamps(this.shown.value, this.second.value).length > 0);
    this.moment = computed(() => (this.isRamping.value ? quarter.value : this.second.value));
    this.isOver = computed(() => {
      const is = session.value;
      return is !== null && (is.closed_at !== null || Date.parse(is.expires_at) <= this.second.value);
    });
    this.canSteer = computed(() => {
      const me = device.me.value;
      if (me === null || session.value === null || this.isOver.value) return false;
      return me.role === "admin" || (me.role === "trainer" && session.value.trainer_id === me.id);
    });
    this.entries = computed(() => device.entries.value.filter((entry) => isAboutSession(entry, id)));
    this.#undo = new UndoStack(id);
    this.#undoable = signal(this.#undo.last);
    this.undoable = this.#undoable;
  }

  /** Follow the session while the page shows it. */
  start(): () => void {
    const stopWatching = this.device.watch(this.id);
    const stopTelling = effect(() => {
      const entries = this.entries.value;
      const events = this.device.events(this.id).value;
      untracked(() => this.#tellOutcomes(entries, new Set(events.slice(-100).map((event) => event.id))));
    });
    return () => {
      stopTelling();
      stopWatching();
    };
  }

  /** What a sign will be after sending: staged, else the target. */
  next(name: SignName): number {
    return this.staged.value.signs[name] ?? this.shown.value[name];
  }

  /** Stage a change; where every change is sent at once, send it, unless it is `held` (a finger still on it). */
  change(staging: Staging, options: { held?: boolean } = {}): void {
    this.staged.value = stage(this.staged.value, staging, this.shown.value);
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
    } else if (staging.type === "rhythm") {
      this.#sendPart({ ...NOTHING, rhythm: staged.value.rhythm }, [{ type: "forget_rhythm" }]);
    } else if (staging.type === "flag") {
      const value = staged.value.flags[staging.key];
      const flags = value === undefined ? {} : { [staging.key]: value };
      this.#sendPart({ ...NOTHING, flags }, [{ type: "forget_flag", key: staging.key }]);
    }
  }

  /** Everything staged, as one push. False if there was nothing to send or it must not be sent. */
  send(): boolean {
    const patch = patchOf(this.staged.value, this.ramp.value);
    if (isEmptyPatch(patch) || !this.push(patch)) return false;
    this.staged.value = NOTHING;
    return true;
  }

  discard(): void {
    this.staged.value = NOTHING;
    announce(t.value.dashboard.send.discarded);
  }

  undo(): void {
    const before = this.#undo.last;
    if (before === null || !this.push(before, { isUndo: true })) return;
    this.#undo.pop();
    this.#undoable.value = this.#undo.last;
    announce(fill(t.value.dashboard.send.undone, { what: patchWords(before) }));
  }

  /** Stop every ramp where it is. */
  hold(): void {
    const now = this.device.serverNow();
    const signs: Partial<Signs> = {};
    for (const name of runningRamps(this.shown.value, now)) signs[name] = valueAt(this.shown.value, name, now);
    // Two ramps may cross on their way; the server takes no diastolic above the systolic.
    if (signs.diastolic !== undefined)
      signs.diastolic = Math.min(signs.diastolic, signs.systolic ?? this.shown.value.systolic);
    if (Object.keys(signs).length > 0) this.push({ vitals: signs });
  }

  sendStep(step: TemplateStep): void {
    const patch = patchOfStep(step);
    if (isEmptyPatch(patch)) this.note(noteOf(step));
    else this.push(patch);
  }

  note(text: string): void {
    const trimmed = text.trim();
    if (trimmed === "") return;
    announce(fill(t.value.dashboard.notes.added, { what: trimmed }));
    this.device.addNote(this.id, trimmed).catch((error: unknown) => this.#couldNotWrite(error));
  }

  extend(minutes: number): void {
    const session = this.session.value;
    if (session === null) return;
    const from = Math.max(Date.parse(session.expires_at), this.device.serverNow());
    const expires_at = new Date(from + minutes * 60_000).toISOString();
    this.device.changeSession(this.id, { expires_at }).catch((error: unknown) => this.#couldNotWrite(error));
  }

  /** Only what differs is sent; an empty title changes nothing. */
  rename(title: string, traineeName: string): void {
    const session = this.session.value;
    if (session === null) return;
    const change: { title?: string; trainee_name?: string | null } = {};
    const named = title.trim();
    if (named !== "" && named !== session.title) change.title = named;
    const trainee_name = traineeName.trim() || null;
    if (trainee_name !== session.trainee_name) change.trainee_name = trainee_name;
    if (Object.keys(change).length === 0) return;
    this.device.changeSession(this.id, change).catch((error: unknown) => this.#couldNotWrite(error));
  }

  end(): void {
    this.device.endSession(this.id).catch((error: unknown) => this.#couldNotWrite(error));
  }

  /** On the trainer's own screen before this returns; the network comes later. */
  push(patch: VitalsPatch, options: { isUndo?: boolean } = {}): boolean {
    const trouble = pressureTrouble(this.shown.value, patch.vitals ?? {});
    if (trouble !== null) {
      announce(fill(t.value.dashboard.signs.trouble, { ...trouble }), { urgent: true });
      return false;
    }
    const before = undoOf(this.shown.value, patch, this.device.serverNow());
    batch(() => {
      if (options.isUndo !== true) {
        this.#undo.push(before);
        this.#undoable.value = before;
      }
      void this.#hand(patch, options.isUndo === true);
    });
    if (options.isUndo !== true) announce(fill(t.value.dashboard.send.sent, { what: patchWords(patch) }));
    return true;
  }

  /** `device` shows it before its promise is even there. */
  async #hand(patch: VitalsPatch, isUndo: boolean): Promise<void> {
    try {
      this.#awaited.set(await this.device.push(this.id, patch), patch);
    } catch (error) {
      if (!isUndo) this.staged.value = restage(this.staged.value, patch);
      this.#couldNotWrite(error);
    }
  }

  #sendPart(part: Staged, forgets: Staging[]): void {
    const patch = patchOf(part, this.ramp.value);
    if (isEmptyPatch(patch) || !this.push(patch)) return;
    this.staged.value = forgets.reduce((staged, forget) => stage(staged, forget, this.shown.value), this.staged.value);
  }

  #couldNotWrite(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    announce(fill(t.value.dashboard.send.not_written, { detail }), { urgent: true });
  }

  #tellOutcomes(entries: readonly OutboxEntry[], confirmed: ReadonlySet<string>): void {
    let hasConfirmed = false;
    for (const [id, patch] of this.#awaited) {
      const entry = entries.find((one) => one.id === id);
      if (entry?.state === "rejected") {
        this.#awaited.delete(id);
        const why = entry.refusal === null ? "" : reason(entry.refusal);
        announce(fill(t.value.dashboard.send.refused, { what: patchWords(patch), reason: why }), { urgent: true });
      } else if (entry === undefined && confirmed.has(id)) {
        this.#awaited.delete(id);
        hasConfirmed = true;
      }
    }
    if (hasConfirmed && this.#awaited.size === 0) announce(t.value.dashboard.send.confirmed);
  }
}

function runningRamps(values: LastValues, now: number): SignName[] {
  return SIGN_NAMES.filter((name) => {
    const ramp = values.ramps[name];
    return ramp !== undefined && now - Date.parse(ramp.started_at) < ramp.seconds * 1000;
  });
}

export const RoomContext = createContext<Room | null>(null);

export function useRoom(): Room {
  const room = useContext(RoomContext);
  if (room === null) throw new Error("No Room around this component");
  return room;
}
