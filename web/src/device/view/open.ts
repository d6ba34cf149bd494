import { computed, type ReadonlySignal } from "@preact/signals";
import type { SessionEvent, Trainee } from "../../wire/types";
import { AddressBook } from "../sync/addresses";
import type { Desk } from "../trainerStore";
import { refresh } from "../sync/refreshing";
import { statusOf } from "./status";
import type { Local, LocalSession } from "./device";
import { Workplace, type LocalOptions } from "../tab";

export type { LocalOptions };

export interface LocalHandle extends Local {
  /** The tab goes. */
  close(): Promise<void>;
}

export function createLocal(options: LocalOptions): LocalHandle {
  const place = new Workplace(options);
  const { live } = place;
  const addressBook = new AddressBook(options.api, options.storage);

  const entries = computed(() => place.desk.value?.mirror.entries.value ?? []);
  const sessions = computed(() => place.desk.value?.mirror.list.value ?? []);
  const templates = computed(() => place.desk.value?.mirror.templates.value ?? []);

  const session = remembered<LocalSession | null>((id) => place.desk.value?.mirror.shown.value.get(id) ?? null);
  const events = remembered<SessionEvent[]>((id) => place.desk.value?.mirror.events(id).value ?? NO_EVENTS);
  const trainees = remembered<Trainee[]>((id) => live.trainees.value[id] ?? NO_TRAINEES);

  const status = computed(() =>
    statusOf({
      entries: entries.value,
      isOnline: live.isOnline.value,
      isTroubled: place.problem.value !== null || live.needsLogin.value,
    }),
  );

  const desk = (): Desk => {
    const open = place.desk.peek();
    if (open === null) throw new Error("nobody is logged in");
    return open;
  };

  return {
    me: place.me,
    isReady: place.isReady,
    isOnline: live.isOnline,
    needsLogin: live.needsLogin,
    problem: place.problem,
    status,
    sessions,
    templates,
    entries,
    addresses: addressBook.known,
    session,
    events,
    trainees,
    serverNow: () => place.clock.now(),
    login: (email, password) => place.login(email, password),
    logout: () => place.logout(),
    watch(sessionId) {
      void addressBook.ask();
      return place.watch(sessionId);
    },
    async refresh() {
      const { database, facts, committed } = desk();
      await refresh(options.api, database, facts, committed);
    },
    // Async, so that what cannot be done rejects; each still shows the change before it first waits.
    openSession: async (draft) => desk().openSession(draft),
    push: async (sessionId, patch) => desk().change("vitals:push", sessionId, patch),
    addNote: async (sessionId, text) => desk().change("note:add", sessionId, { text }),
    changeSession: async (sessionId, change) => desk().change("session:change", sessionId, change),
    endSession: async (sessionId) => desk().change("session:close", sessionId, {}),
    removeTrainee: (sessionId, seatId) => place.removeTrainee(sessionId, seatId),
    async retry(entryId) {
      await desk().outbox.retry(entryId);
      place.hurry();
    },
    discard: async (entryId) => desk().outbox.discard(entryId),
    keep: async (entryId) => desk().outbox.keep(entryId),
    close: () => place.close(),
  };
}

const NO_EVENTS: SessionEvent[] = [];
const NO_TRAINEES: Trainee[] = [];

/** One signal for each session, however often it is asked for. */
function remembered<T>(read: (id: string) => T): (id: string) => ReadonlySignal<T> {
  const known = new Map<string, ReadonlySignal<T>>();
  return (id) => {
    let found = known.get(id);
    if (found === undefined) {
      found = computed(() => read(id));
      known.set(id, found);
    }
    return found;
  };
}
