import type { ReadonlySignal } from "@preact/signals";
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
  rename(title: string, traineeName: string): void {
    const session = this.#session.value;
    if (session === null) return;
    const change: { title?: string; trainee_name?: string | null } = {};
    const named = title.trim();
    if (named !== "" && named !== session.title) change.title = named;
    const trainee_name = traineeName.trim() || null;
    if (trainee_name !== session.trainee_name) change.trainee_name = trainee_name;
    if (Object.keys(change).length > 0) this.#change(session, change);
  }

  end(): void {
    const session = this.#session.value;
    if (session !== null) this.#device.endSession(session.id).catch(tellNotWritten);
  }

  #change(session: ShownSession, change: Parameters<Device["changeSession"]>[1]): void {
    this.#device.changeSession(session.id, change).catch(tellNotWritten);
  }
}
