import type { ReadonlySignal } from "@preact/signals";
import type { SessionChange } from "../../device/sync/edit";
import type { Device, ShownSession } from "../../device/view/device";
import { tellNotWritten } from "./notWritten";

/** What a trainer changes of the session itself: its fields and its end. */
export class SessionEdits {
  readonly #device: Device;
  readonly #session: ReadonlySignal<ShownSession | null>;

  constructor(device: Device, session: ReadonlySignal<ShownSession | null>) {
    this.#device = device;
    this.#session = session;
  }

  extend(minutes: number): void {
    const session = this.#session.value;
    if (session === null) return;
    const from = Math.max(Date.parse(session.expires_at), this.#device.serverNow());
    this.#change(session, { expires_at: new Date(from + minutes * 60_000).toISOString() });
  }

  /** Only what differs is sent; an empty title changes nothing. */
  rename(names: { title: string; public_title: string; trainee_name: string }): void {
    const session = this.#session.value;
    if (session === null) return;
    const change: SessionChange = {};
    const [title, public_title] = [names.title.trim(), names.public_title.trim()];
    if (title !== "" && title !== session.title) change.title = title;
    if (public_title !== session.public_title) change.public_title = public_title;
    const trainee_name = names.trainee_name.trim() || null;
    if (trainee_name !== session.trainee_name) change.trainee_name = trainee_name;
    if (Object.keys(change).length > 0) this.#change(session, change);
  }

  /** Whether the trainees' screens name the conditions that are on. */
  showConditions(isShown: boolean): void {
    const session = this.#session.value;
    if (session !== null && session.shows_conditions !== isShown) this.#change(session, { shows_conditions: isShown });
  }

  /** Who steers it besides its owner; nobody twice. */
  coTrainers(change: (ids: readonly string[]) => readonly string[]): void {
    const session = this.#session.value;
    if (session === null) return;
    const ids = [...new Set(change(session.co_trainer_ids))];
    if (ids.join() !== session.co_trainer_ids.join()) this.#change(session, { co_trainer_ids: ids });
  }

  end(): void {
    const session = this.#session.value;
    if (session !== null) this.#device.endSession(session.id).catch(tellNotWritten);
  }

  #change(session: ShownSession, change: SessionChange): void {
    this.#device.changeSession(session.id, change).catch(tellNotWritten);
  }
}
