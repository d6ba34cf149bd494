import { computed, type ReadonlySignal } from "@preact/signals";
import { wholeList } from "../../wire/api";
import { newId } from "../../wire/ids";
import type { Case, SessionEvent, Trainee } from "../../wire/types";
import type { KnownColleague } from "../../wire/sync";
import type { KeptDraft } from "../database/draft";
import type { Preparation } from "../database/preparation";
import type { Conflict } from "../sync/conflicts";
import { contentOf, type Edit } from "../sync/edit";
import { readSchoolDevices } from "../sync/schoolDevices";
import { readSchoolHalls } from "../sync/schoolHalls";
import { AddressBook } from "../sync/addresses";
import { HallNews } from "../sync/hallNews";
import { refresh } from "../sync/refreshing";
import { Tab, type DeviceOptions } from "../tab";
import type { TrainerStore } from "../trainerStore";
import type { Device, ShownSession } from "./device";
import { statusOf } from "./status";

export interface OpenDevice extends Device {
  /** The tab goes. */
  close(): Promise<void>;
}

export function openDevice(options: DeviceOptions): OpenDevice {
  const tab = new Tab(options);
  const { live } = tab;
  const addressBook = new AddressBook(options.api, options.storage);
  const hallNews = new HallNews(options.api, options.timers);

  const entries = computed(() => tab.store.value?.view.entries.value ?? []);
  const sessions = computed(() => tab.store.value?.view.list.value ?? []);
  const templates = computed(() => tab.store.value?.view.templates.value ?? []);
  const edits = computed(() => tab.store.value?.view.edits.value ?? NO_EDITS);
  const colleagues = computed(() => tab.store.value?.view.colleagues.value ?? NO_COLLEAGUES);
  const conflicts = computed(() => tab.store.value?.view.conflicts.value ?? NO_CONFLICTS);

  const drafts = computed(() => tab.store.value?.view.drafts.value ?? NO_DRAFTS);

  const session = remembered<ShownSession | null>((id) => tab.store.value?.view.shown.value.get(id) ?? null);
  const events = remembered<SessionEvent[]>((id) => tab.store.value?.view.events(id).value ?? NO_EVENTS);
  const trainees = remembered<Trainee[]>((id) => live.trainees.value[id] ?? NO_TRAINEES);

  const trainersAt = remembered<readonly string[]>((id) => live.trainers.value[id] ?? NO_TRAINERS);

  const caseOf = remembered<Case | null>((id) => tab.store.value?.view.cases.value.get(id) ?? null);

  const preparation = remembered<Preparation | null>((id) => tab.store.value?.view.preparations.value.get(id) ?? null);

  const status = computed(() =>
    statusOf({
      entries: entries.value,
      edits: edits.value,
      isBehind: live.isBehind.value,
      isOnline: live.isOnline.value,
      isTroubled: tab.problem.value !== null || live.needsLogin.value,
    }),
  );

  const store = (): TrainerStore => {
    const open = tab.store.peek();
    if (open === null) throw new Error("nobody is logged in");
    return open;
  };

  return {
    isKept: options.stores === null,
    me: tab.me,
    isReady: tab.isReady,
    isOnline: live.isOnline,
    needsLogin: live.needsLogin,
    problem: tab.problem,
    status,
    sessions,
    templates,
    edits,
    conflicts,
    colleagues,
    entries,
    addresses: addressBook.known,
    hall: hallNews.known,
    watchHall: () => hallNews.watch(),
    hurryHall: () => hallNews.hurry(),
    session,
    events,
    trainees,
    trainersAt,
    caseOf,
    preparation,
    serverNow: () => tab.clock.now(),
    login: (email, password) => tab.login(email, password),
    acceptInvitation: (token, password) => tab.enter((api) => api.acceptInvitation(token, password)),
    makeFirstAdmin: (token, made) => tab.enter((api) => api.makeFirstAdmin(token, made)),
    people: options.api,
    comparisons: options.api,
    logout: () => tab.logout(),
    watch(sessionId) {
      void addressBook.ask();
      return tab.watch(sessionId);
    },
    async refresh() {
      await refresh(options.api, store().facts);
      tab.hurry();
    },
    // Async, so that what cannot be done rejects; each still shows the change before it first waits.
    openSession: async (draft) => store().openSession(draft),
    push: async (sessionId, patch, id) => store().change("vitals:push", sessionId, patch, id),
    addNote: async (sessionId, text) => store().change("note:add", sessionId, { text }),
    addMarker: async (sessionId, marker, text) =>
      store().change("note:add", sessionId, text === undefined ? { marker } : { marker, text }),
    takeAction: async (sessionId, action, details) => store().change("action:take", sessionId, { action, details }),
    controlCase: async (sessionId, action) => store().change("case:control", sessionId, { action }),
    annotate: async (sessionId, text, kind = "note", at = tab.clock.now(), id) =>
      store().change("annotation:add", sessionId, { at: new Date(at).toISOString(), kind, text }, id),
    changeAnnotation: async (sessionId, annotation_id, { at, kind, text }) =>
      store().change("annotation:change", sessionId, { annotation_id, at, kind, text }),
    removeAnnotation: async (sessionId, annotation_id) => store().change("annotation:remove", sessionId, { annotation_id }),
    score: async (sessionId, sheet) => store().change("scores:put", sessionId, { ...sheet }),
    lookBeside: (sessionId, what) => tab.lookBeside(sessionId, what),
    sharing: options.api,
    changeSession: async (sessionId, change) => store().editSession(sessionId, change),
    endSession: async (sessionId) => store().change("session:close", sessionId, {}),
    prepare: async (sessionId, prepared) => store().prepare(sessionId, prepared),
    changeTemplate: async (template, content, seen) => store().editTemplate("UPDATE", template, content, seen),
    async createTemplate(id, content) {
      const at = new Date(tab.clock.now()).toISOString();
      const { school_id } = store().trainer.peek();
      const template = { ...content, id, school_id, created_at: at, updated_at: at, deleted_at: null, version: 0 };
      await store().editTemplate("CREATE", template, content);
    },
    templateVersion: (id) => tab.store.peek()?.view.copy(id)?.version ?? 0,
    drafts,
    keepDraft: async (draft) => store().keepDraft(draft),
    dropDraft: async (templateId) => store().dropDraft(templateId),
    async duplicateTemplate(template, title) {
      const at = new Date(tab.clock.now()).toISOString();
      const copy = { ...template, id: newId(), title, version: 0, created_at: at, updated_at: at };
      await store().editTemplate("CREATE", copy, contentOf(copy));
      return copy.id;
    },
    deleteTemplate: async (template) => store().editTemplate("DELETE", template, null),
    restoreTemplate: async (template) => store().editTemplate("CREATE", template, contentOf(template)),
    download: (path, progress, stop) => options.api.download(path, progress, stop),
    readCases: (file) => options.api.readCases(file),
    settle: async (conflict, settlement) => store().settle(conflict, settlement),
    async retryEdit(editId) {
      await store().edits.retry(editId, newId());
      tab.hurry();
    },
    dropEdit: async (editId) => store().edits.drop(editId),
    schoolDevices: () => readSchoolDevices(options.api),
    async forgetDevice(clientId) {
      const answer = await options.api.forgetDevice(clientId);
      return answer.ok ? null : answer.refusal;
    },
    async revokeDevice(clientId) {
      const answer = await options.api.revokeDevice(clientId);
      return answer.ok ? null : answer.refusal;
    },
    async letDeviceIn(clientId) {
      const answer = await options.api.letDeviceIn(clientId);
      return answer.ok ? null : answer.refusal;
    },
    schoolHalls: () => readSchoolHalls(options.api),
    addHall: (name, trainers) => options.api.addHall(name, trainers),
    homework: () => wholeList((cursor) => options.api.assignments(cursor)),
    triesOf: (assignmentId) => wholeList((cursor) => options.api.triesOf(assignmentId, cursor)),
    giveHomework: (draft) => options.api.addAssignment(draft),
    async takeHomeworkBack(assignmentId) {
      const answer = await options.api.withdrawAssignment(assignmentId);
      return answer.ok ? null : answer.refusal;
    },
    async revokeHall(hallId) {
      const answer = await options.api.revokeHall(hallId);
      return answer.ok ? null : answer.refusal;
    },
    async settleHallConflict({ id, version: serverVersion }, settlement) {
      // As a whole it is what the hall changed and nothing else: the server knows what that was.
      const content = settlement.keep === "mine" ? settlement.content : null;
      const choice = { keep: settlement.keep === "mine" ? "local" : "server", serverVersion };
      const answer = await options.api.resolveConflict(id, content === null ? choice : { ...choice, payload: content });
      return answer.ok ? null : answer.refusal;
    },
    forkSession: (sessionId, body) => tab.forkSession(sessionId, body),
    debrief: (sessionId) => options.api.debrief(sessionId),
    async changeMoment(sessionId, seq, kind, change) {
      const answer = await options.api.changeMoment(sessionId, seq, kind, change);
      return answer.ok ? null : answer.refusal;
    },
    takeOver: (sessionId) => tab.takeOver(sessionId),
    takeControls: (sessionId) => tab.takeControls(sessionId),
    lockSession: (sessionId, reason) => tab.askForSession((api) => api.lockSession(sessionId, reason)),
    unlockSession: (sessionId) => tab.askForSession((api) => api.unlockSession(sessionId)),
    takeNamesOut: (sessionId, texts) => tab.askForSession((api) => api.takeNamesOut(sessionId, texts)),
    removeTrainee: (sessionId, seatId) => tab.removeTrainee(sessionId, seatId),
    async retry(entryId) {
      await store().outbox.retry(entryId);
      tab.hurry();
    },
    discard: async (entryId) => store().outbox.discard(entryId),
    keep: async (entryId) => store().outbox.keep(entryId),
    annotateInstead: async (entryId) => store().outbox.annotateInstead(entryId, newId()),
    reword: async (entryId, text) => store().outbox.reword(entryId, newId(), text),
    close: () => tab.close(),
  };
}

const NO_EVENTS: SessionEvent[] = [];
const NO_EDITS: readonly Edit[] = [];
const NO_DRAFTS: readonly KeptDraft[] = [];
const NO_CONFLICTS: Conflict[] = [];
const NO_TRAINEES: Trainee[] = [];
const NO_TRAINERS: readonly string[] = [];
const NO_COLLEAGUES: readonly KnownColleague[] = [];

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
