import { batch, signal } from "@preact/signals";
import type { Refusal, Trainee, VitalsPushed } from "../../wire/types";

/** What only the leading tab hears, and tells the others whole whenever it changes. */
export interface LiveSnapshot {
  isOnline: boolean;
  needsLogin: boolean;
  trouble: Refusal | null;
  trainees: Readonly<Record<string, Trainee[]>>;
  provisional: Readonly<Record<string, VitalsPushed>>;
}

/** Known of this moment, and of no use after a reload: never in the database. */
export class LiveState {
  readonly isOnline;
  readonly needsLogin = signal(false);
  /** The leader's storage fails. */
  readonly trouble = signal<Refusal | null>(null);
  readonly trainees = signal<Readonly<Record<string, Trainee[]>>>({});
  readonly provisional = signal<Readonly<Record<string, VitalsPushed>>>({});

  constructor(isOnline: boolean) {
    this.isOnline = signal(isOnline);
  }

  /** `trouble`: the leader's own. */
  snapshot(trouble: Refusal | null): LiveSnapshot {
    return {
      trouble,
      isOnline: this.isOnline.value,
      needsLogin: this.needsLogin.value,
      trainees: this.trainees.value,
      provisional: this.provisional.value,
    };
  }

  adopt(told: LiveSnapshot): void {
    batch(() => {
      this.isOnline.value = told.isOnline;
      this.needsLogin.value = told.needsLogin;
      this.trouble.value = told.trouble;
      this.trainees.value = told.trainees;
      this.provisional.value = told.provisional;
    });
  }

  /** Another trainer, or none. */
  clear(): void {
    const isOnline = this.isOnline.peek();
    this.adopt({ isOnline, needsLogin: false, trouble: null, trainees: {}, provisional: {} });
  }

  setTrainees(sessionId: string, trainees: Trainee[]): void {
    this.trainees.value = { ...this.trainees.peek(), [sessionId]: trainees };
  }

  /**
   * Relayed by the server before it was stored. It stands until what is stored is as new: of several that
   * wait, the stored ones come one by one, and the screen must not run through them again.
   */
  pushed(pushed: VitalsPushed): void {
    const { [pushed.session_id]: before, ...others } = this.provisional.peek();
    if (pushed.seq === null) {
      if (before === undefined || before.at <= pushed.at)
        this.provisional.value = { ...others, [pushed.session_id]: pushed };
    } else if (before !== undefined && pushed.at >= before.at) {
      this.provisional.value = others;
    }
  }

  /** A new snapshot was read, or the connection is gone: what was relayed may never be stored. */
  forgetProvisional(sessionId?: string): void {
    const { [sessionId ?? ""]: _, ...others } = this.provisional.peek();
    if (Object.keys(this.provisional.peek()).length > 0)
      this.provisional.value = sessionId === undefined ? {} : others;
  }
}
