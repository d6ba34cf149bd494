import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import type { ShownSession } from "../../device/view/device";
import { relationTo } from "../../device/permissions";
import type { Trainer } from "../../wire/types";
import { isOver } from "../sessions/finding";

/** Which rooms hang there: all that are open, those that one steers oneself, or those that were chosen. */
export type Hung = "all" | "mine" | "chosen";

/** What was chosen on this page; it outlives a visit to a room. */
export class ChosenSessions {
  readonly hung = signal<Hung>("all");
  readonly ids = signal<ReadonlySet<string>>(new Set());

  toggle(id: string): void {
    const ids = new Set(this.ids.peek());
    if (!ids.delete(id)) ids.add(id);
    this.ids.value = ids;
  }

  chooseOnly(ids: readonly string[]): void {
    this.ids.value = new Set(ids);
  }
}

export const choice = new ChosenSessions();

/** How long a room that has ended still hangs there, with a word of it. */
export const LEAVES_AFTER = 12_000;

export interface RoomsShownOptions {
  sessions: ReadonlySignal<readonly ShownSession[]>;
  me: ReadonlySignal<Trainer | null>;
  /** The server's clock, once a second. */
  now: ReadonlySignal<number>;
  choice: ChosenSessions;
  after(ms: number, then: () => void): () => void;
  /** Told of a room that has come since `start`, and of one that has ended. */
  came(session: ShownSession): void;
  left(session: ShownSession): void;
}

/** The open sessions in the order in which they were opened, so that a new one comes last and no room moves. */
export class RoomsShown {
  /** Separated by a blank: a push into one of them changes nothing here. */
  readonly ids: ReadonlySignal<string>;
  /** How many are open, chosen or not. */
  readonly openCount: ReadonlySignal<number>;
  readonly #open: ReadonlySignal<string>;
  readonly #leaving = signal<ReadonlySet<string>>(new Set());
  readonly #options: RoomsShownOptions;

  constructor(options: RoomsShownOptions) {
    this.#options = options;
    const { sessions, me, now } = options;
    this.#open = computed(() => ordered(sessions.value.filter((session) => !isOver(session, now.value))));
    this.openCount = computed(() => listed(this.#open.value).length);
    this.ids = computed(() => {
      const [open, leaving, { hung, ids }] = [new Set(listed(this.#open.value)), this.#leaving.value, options.choice];
      const isHung = (session: ShownSession) => {
        if (hung.value === "all") return true;
        if (hung.value === "chosen") return ids.value.has(session.id);
        const relation = me.value === null ? null : relationTo(session, me.value);
        return relation === "owner" || relation === "co_trainer" || session.trainer_id === me.value?.id;
      };
      return ordered(sessions.value.filter((one) => (open.has(one.id) || leaving.has(one.id)) && isHung(one)));
    });
  }

  isLeaving(id: string): boolean {
    return this.#leaving.value.has(id);
  }

  start(): () => void {
    let before: ReadonlySet<string> | null = null;
    const waiting = new Set<() => void>();
    const stop = effect(() => {
      const open = new Set(listed(this.#open.value));
      const known = before;
      before = open;
      if (known === null) return;
      for (const id of open) if (!known.has(id)) this.#tell(id, this.#options.came);
      const ended = [...known].filter((id) => !open.has(id));
      if (ended.length > 0) waiting.add(this.#let(ended));
    });
    return () => {
      stop();
      for (const callOff of waiting) callOff();
    };
  }

  #let(ended: readonly string[]): () => void {
    this.#leaving.value = new Set([...this.#leaving.peek(), ...ended]);
    for (const id of ended) this.#tell(id, this.#options.left);
    return this.#options.after(LEAVES_AFTER, () => {
      this.#leaving.value = new Set([...this.#leaving.peek()].filter((id) => !ended.includes(id)));
    });
  }

  #tell(id: string, tell: (session: ShownSession) => void): void {
    const session = this.#options.sessions.peek().find((one) => one.id === id);
    if (session !== undefined) tell(session);
  }
}

export function listed(ids: string): string[] {
  return ids === "" ? [] : ids.split(" ");
}

function ordered(sessions: readonly ShownSession[]): string {
  const inOrder = [...sessions].sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0));
  return inOrder.map(({ id }) => id).join(" ");
}
