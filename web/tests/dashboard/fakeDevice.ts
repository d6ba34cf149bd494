import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { isAboutSession, sessionEntity, type MutationKind, type OutboxEntry } from "../../src/device/outbox/entry";
import type { KeptDraft } from "../../src/device/database/draft";
import type { Preparation } from "../../src/device/database/preparation";
import type { Conflict } from "../../src/device/sync/conflicts";
import {
  afterEdit, contentOf, contentOfSession, isOfSession, newEdit, newSessionEdit,
  type Edit, type SessionChange, type SessionEdit, type TemplateContent, type TemplateEdit,
} from "../../src/device/sync/edit"; // prettier-ignore
import type { Settlement } from "../../src/device/sync/edits";
import { withEdits, type SessionConflict } from "../../src/device/sync/shownSessions";
import type { TemplateConflict } from "../../src/device/sync/shownTemplates";
import type { NewSession } from "../../src/device/outbox/opening";
import type { SharingCalls } from "../../src/device/sharing";
import type { AnnotationContent, Device, ShownSession, Status } from "../../src/device/view/device";
import { valuesAfter } from "../../src/device/view/shown";
import { patchOfPush } from "../../src/patient/patches";
import { CONTROLLED } from "../../src/dashboard/words";
import { ADULT_LIMITS, SIGN_NAMES, START_VALUES } from "../../src/patient/signs";
import type { DownloadedFile, Result } from "../../src/wire/api";
import type { OwnSheet } from "../../src/wire/beside";
import type { MomentChange, ServerMomentKind } from "../../src/wire/debrief";
import type { AddedAssignment, Assignment, AssignmentDraft, Try } from "../../src/wire/types";
import type { HallConflict, SchoolHalls } from "../../src/device/sync/schoolHalls";
import type { KnownColleague, SchoolDevices, SyncDevice } from "../../src/wire/sync";
import type {
  AddedHall,
  Addresses,
  Annotation,
  Case,
  CaseControl,
  Debrief,
  Hall,
  HallTrainers,
  ImportedCases,
  NewFork,
  Refusal,
  SessionEvent,
  Signs,
  Template,
  Trainee,
  Trainer,
  Upstream,
  VitalsPatch,
} from "../../src/wire/types";

import { FakeComparisons } from "./fakeComparisons";
import { FakePeople } from "./fakePeople";

export const TRAINER: Trainer = {
  id: "trainer-1",
  school_id: "school-1",
  email: "demo@shiller.local",
  name: "Demo Trainer",
  role: "trainer",
  created_at: "2026-11-01T09:00:00.000Z",
  updated_at: "2026-11-01T09:00:00.000Z",
  deleted_at: null,
  version: 1,
};

export const NOON = Date.parse("2026-11-21T12:00:00.000Z");

export function aHall(part: Partial<Hall> = {}): Hall {
  return {
    id: "hall-1",
    name: "North",
    trainers: "all",
    created_at: new Date(NOON - 3600_000).toISOString(),
    revoked_at: null,
    last_seen_at: null,
    release: null,
    waiting: null,
    clock_offset_ms: null,
    open_sessions: 0,
    ...part,
  };
}

export function anAssignment(part: Partial<Assignment> = {}): Assignment {
  return {
    id: "assignment-1",
    template_id: "template-1",
    trainer_id: TRAINER.id,
    title: "Anaphylaxis",
    until: new Date(NOON + 86_400_000).toISOString(),
    url: "http://localhost:3000/h/token",
    token: "token",
    created_at: new Date(NOON - 3600_000).toISOString(),
    withdrawn_at: null,
    tries: 0,
    open_tries: 0,
    ...part,
  };
}

export function aHallConflict(part: Partial<HallConflict> = {}): HallConflict {
  return {
    id: "conflict-1",
    hall: "North",
    theirs: aTemplate({ title: "ABC 234", description: "" }),
    mine: aTemplate({ title: "ABC 235", description: "" }),
    fields: ["title"],
    version: 7,
    written: null,
    created_at: new Date(NOON).toISOString(),
    ...part,
  };
}

export function aSession(part: Partial<ShownSession> = {}): ShownSession {
  const values = part.last_values ?? START_VALUES;
  return {
    id: "session-1",
    code: "K7M2QX",
    title: "Anaphylaxis",
    public_title: "",
    co_trainer_ids: [],
    limits: ADULT_LIMITS,
    shows_conditions: false,
    paused_at: null,
    forked_from: null,
    trainee_name: null,
    trainer_id: TRAINER.id,
    school_id: TRAINER.school_id,
    template_id: null,
    created_at: new Date(NOON - 60_000).toISOString(),
    updated_at: new Date(NOON - 60_000).toISOString(),
    expires_at: new Date(NOON + 4 * 3600_000).toISOString(),
    closed_at: null,
    close_reason: null,
    last_values: values,
    last_seq: 0,
    version: 1,
    hall: null,
    clock_offset_ms: null,
    lock: null,
    names_out_at: null,
    event_count: 0,
    trainee_count: 0,
    has_record: true,
    attendance: null,
    annotations: [],
    scores: null,
    reflections: null,
    figures: null,
    shown_values: values,
    ...part,
  };
}

export function aTemplate(part: Partial<Template> = {}): Template {
  return {
    id: "template-1",
    school_id: TRAINER.school_id,
    title: "Anaphylaxis",
    public_title: "A woman of 34",
    duration_minutes: null,
    language: "en",
    targets: [],
    pass_percent: null,
    description: "A first dose of co-amoxiclav.",
    vitals: { heart_rate: 80 },
    rhythm: "sinus",
    flags: {},
    steps: [],
    limits: ADULT_LIMITS,
    checklist: [],
    created_at: new Date(NOON).toISOString(),
    updated_at: new Date(NOON).toISOString(),
    deleted_at: null,
    version: 1,
    ...part,
  };
}

/** The copy that a session takes of a template. */
export function aCase(part: Partial<Case> = {}): Case {
  return { template_id: "template-1", template_version: 1, description: "", steps: [], checklist: [], targets: [], pass_percent: null, ...part };
}

export function anEvent(part: Partial<SessionEvent> & Pick<SessionEvent, "id" | "kind">): SessionEvent {
  return {
    session_id: "session-1",
    seq: 1,
    created_at: new Date(NOON).toISOString(),
    made_at: new Date(NOON).toISOString(),
    step: null,
    marker: null,
    by: { role: "trainer", id: TRAINER.id, name: TRAINER.name },
    ...(Object.fromEntries(SIGN_NAMES.map((name) => [name, null])) as Record<keyof Signs, null>),
    rhythm: null,
    flags: null,
    ramp_seconds: null,
    text: null,
    details: null,
    ...part,
  };
}

export function anEntry(part: Partial<OutboxEntry> = {}): OutboxEntry {
  return {
    id: "entry-1",
    position: 1,
    entity: sessionEntity("session-1"),
    kind: "vitals:push",
    body: { vitals: { heart_rate: 140 } },
    author: TRAINER.id,
    made_at: new Date(NOON).toISOString(),
    state: "waiting",
    failures: 0,
    refusal: null,
    ...part,
  };
}

export function aSessionEdit(part: Partial<SessionEdit> = {}): SessionEdit {
  const made = { id: `edit-${part.seq ?? 1}`, author: TRAINER.id, made_at: new Date(NOON).toISOString(), base_version: 1, made_on: 1 };
  const what = { session_id: "session-1", content: {}, before: contentOfSession(aSession()) };
  return { ...newSessionEdit({ ...made, ...what }), seq: 1, ...part };
}

export function aSessionConflict(part: Partial<SessionConflict> = {}): SessionConflict {
  const edit = aSessionEdit({ state: "conflict", content: { title: "Mine" }, conflict: { id: "conflict-2", reason: "changed_since" } });
  const { shown_values: _, has_record: __, ...theirs } = aSession({ title: "Theirs" });
  return {
    session_id: "session-1", theirs: { ...theirs, logged: 7, recorded_to: 0, ahead: [], watched_at: null },
    mine: { ...contentOfSession(theirs), title: "Mine" }, fields: ["title"], reason: "changed_since",
    made_at: new Date(NOON).toISOString(), version: 7, written: null, edits: [edit], ...part,
  }; // prettier-ignore
}

export function anEdit(part: Partial<TemplateEdit> = {}): TemplateEdit {
  const made = { id: `edit-${part.seq ?? 1}`, author: TRAINER.id, made_at: new Date(NOON).toISOString(), base_version: 1 };
  const what = { template_id: "template-1", operation: "UPDATE", content: {}, before: aTemplate() } as const;
  return { ...newEdit({ ...made, ...what }), seq: 1, ...part };
}

export function aConflict(part: Partial<TemplateConflict> = {}): TemplateConflict {
  const edit = anEdit({ state: "conflict", content: { title: "Mine" }, conflict: { id: "conflict-1", reason: "changed_since" } });
  return {
    template_id: "template-1", theirs: aTemplate(), mine: aTemplate({ title: "Mine" }), fields: ["title"],
    reason: "changed_since", made_at: new Date(NOON).toISOString(), version: 7, written: null, edits: [edit], ...part,
  }; // prettier-ignore
}

export type Call = [name: string, ...rest: unknown[]];

/**
 * A `Device` without network and database. Changes wait in the outbox until `confirm` or `refuse`, so that a
 * test sees every state that a trainer sees.
 */
export class FakeDevice implements Device {
  /** What was asked of it, in order. */
  readonly calls: Call[] = [];
  isKept = true;
  readonly me: Signal<Trainer | null>;
  readonly isReady = signal(true);
  readonly isOnline = signal(true);
  readonly status = signal<Status>({ word: "saved", waiting: 0 });
  readonly needsLogin = signal(false);
  readonly problem = signal<Refusal | null>(null);
  readonly hall = signal<Upstream | null>(null);
  /** As after the log was read: oneself is among them. */
  readonly colleagues = signal<readonly KnownColleague[]>([{ id: TRAINER.id, name: TRAINER.name, role: TRAINER.role }]);
  readonly addresses = signal<Addresses>({ public_url: null, network_urls: [] });
  readonly stored: Signal<ShownSession[]>;
  readonly templates: Signal<Template[]>;
  readonly edits: Signal<readonly Edit[]>;
  readonly conflicts: Signal<Conflict[]>;
  readonly entries: Signal<OutboxEntry[]>;
  readonly sessions: ReadonlySignal<ShownSession[]>;
  /** By session. */
  readonly cases: Signal<Record<string, Case>>;
  readonly drafts = signal<readonly KeptDraft[]>([]);
  /** The server's clock; a test moves it. */
  now = NOON;
  loginAnswer: Refusal | null = null;
  removeAnswer: Refusal | null = null;
  controlsAnswer: Refusal | null = null;
  /** What the next write throws: a full disk. */
  failure: Error | null = null;
  #count = 0;
  readonly #events = new Map<string, Signal<SessionEvent[]>>();
  readonly #preparations = new Map<string, Signal<Preparation | null>>();
  readonly #trainees = new Map<string, Signal<Trainee[]>>();
  readonly #trainers = new Map<string, Signal<string[]>>();

  constructor(
    given: {
      me?: Trainer | null;
      sessions?: ShownSession[];
      templates?: Template[];
      entries?: OutboxEntry[];
      edits?: Edit[];
      conflicts?: Conflict[];
      cases?: Record<string, Case>;
    } = {},
  ) {
    this.me = signal(given.me === undefined ? TRAINER : given.me);
    this.stored = signal(given.sessions ?? [aSession()]);
    this.templates = signal(given.templates ?? []);
    this.entries = signal(given.entries ?? []);
    this.edits = signal<readonly Edit[]>(given.edits ?? []);
    this.conflicts = signal(given.conflicts ?? []);
    this.cases = signal(given.cases ?? {});
    this.sessions = computed(() => this.stored.value.map((session) => this.#shown(session)));
  }

  session(id: string): ReadonlySignal<ShownSession | null> {
    return computed(() => this.sessions.value.find((session) => session.id === id) ?? null);
  }

  events(sessionId: string): Signal<SessionEvent[]> {
    return madeOnce(this.#events, sessionId);
  }

  trainersAt(sessionId: string): Signal<string[]> {
    return madeOnce(this.#trainers, sessionId);
  }

  trainees(sessionId: string): Signal<Trainee[]> {
    return madeOnce(this.#trainees, sessionId);
  }

  caseOf(sessionId: string): ReadonlySignal<Case | null> {
    return computed(() => this.cases.value[sessionId] ?? null);
  }

  preparation(sessionId: string): Signal<Preparation | null> {
    let made = this.#preparations.get(sessionId);
    if (made === undefined) this.#preparations.set(sessionId, (made = signal<Preparation | null>(null)));
    return made;
  }

  async prepare(sessionId: string, preparation: Preparation): Promise<void> {
    this.preparation(sessionId).value = preparation;
    return Promise.resolve();
  }

  serverNow(): number {
    return this.now;
  }

  async login(email: string, password: string): Promise<Refusal | null> {
    this.calls.push(["login", email, password]);
    if (this.loginAnswer === null) this.me.value = TRAINER;
    return Promise.resolve(this.loginAnswer);
  }

  readonly comparisons = new FakeComparisons(this.calls as unknown[][]);
  readonly people = new FakePeople(this.calls as unknown[][]);
  /** What a link that ends in a login is refused with. */
  linkRefusal: Refusal | null = null;

  async acceptInvitation(token: string, password: string): Promise<Refusal | null> {
    this.calls.push(["acceptInvitation", token, password]);
    if (this.linkRefusal === null) this.me.value = TRAINER;
    return Promise.resolve(this.linkRefusal);
  }

  async makeFirstAdmin(token: string, made: object): Promise<Refusal | null> {
    this.calls.push(["makeFirstAdmin", token, made]);
    if (this.linkRefusal === null) this.me.value = { ...TRAINER, role: "admin" };
    return Promise.resolve(this.linkRefusal);
  }

  async logout(): Promise<void> {
    this.calls.push(["logout"]);
    this.me.value = null;
    return Promise.resolve();
  }

  watch(sessionId: string): () => void {
    this.calls.push(["watch", sessionId]);
    return () => this.calls.push(["unwatch", sessionId]);
  }

  async refresh(): Promise<void> {
    this.calls.push(["refresh"]);
    return Promise.resolve();
  }

  async openSession(draft: NewSession): Promise<string> {
    this.calls.push(["openSession", draft]);
    const id = `opened-${++this.#count}`;
    this.stored.value = [aSession({ id, code: null, title: draft.title ?? "" }), ...this.stored.value];
    return Promise.resolve(id);
  }

  async push(sessionId: string, patch: VitalsPatch, id?: string): Promise<string> {
    this.calls.push(["push", sessionId, patch]);
    return this.#add(sessionId, "vitals:push", { ...patch }, id);
  }

  async takeAction(sessionId: string, action: string, details: Record<string, unknown>): Promise<string> {
    this.calls.push(["takeAction", sessionId, action, details]);
    return this.#add(sessionId, "action:take", { action, details });
  }

  async addNote(sessionId: string, text: string): Promise<string> {
    this.calls.push(["addNote", sessionId, text]);
    return this.#add(sessionId, "note:add", { text });
  }

  async annotate(sessionId: string, text: string, kind: Annotation["kind"] = "note", at = this.now, id?: string): Promise<string> {
    this.calls.push(["annotate", sessionId, text, ...(kind === "note" ? [] : [kind])]);
    return this.#add(sessionId, "annotation:add", { at: new Date(at).toISOString(), kind, text }, id);
  }

  async changeAnnotation(sessionId: string, annotation_id: string, content: AnnotationContent): Promise<string> {
    this.calls.push(["changeAnnotation", sessionId, annotation_id, content]);
    return this.#add(sessionId, "annotation:change", { annotation_id, ...content });
  }

  async removeAnnotation(sessionId: string, annotation_id: string): Promise<string> {
    this.calls.push(["removeAnnotation", sessionId, annotation_id]);
    return this.#add(sessionId, "annotation:remove", { annotation_id });
  }

  async score(sessionId: string, sheet: OwnSheet): Promise<string> {
    this.calls.push(["score", sessionId, sheet]);
    return this.#add(sessionId, "scores:put", { ...sheet });
  }

  lookBeside(sessionId: string): void {
    this.calls.push(["lookBeside", sessionId]);
  }

  readonly sharing: SharingCalls = {
    share: (sessionId, days) => {
      this.calls.push(["share", sessionId, days]);
      const expires_at = new Date(this.now + days * 86_400_000).toISOString();
      return Promise.resolve({ ok: true, value: { url: "http://localhost:3000/shared/token", expires_at } });
    },
    openShares: () => Promise.resolve({ ok: true, value: { items: [] } }),
    endShare: (sessionId) => {
      this.calls.push(["endShare", sessionId]);
      return Promise.resolve({ ok: true, value: {} });
    },
  };

  async addMarker(sessionId: string, marker: string, text?: string): Promise<string> {
    const words = text === undefined ? [] : [text];
    this.calls.push(["addMarker", sessionId, marker, ...words]);
    return this.#add(sessionId, "note:add", text === undefined ? { marker } : { marker, text });
  }

  async controlCase(sessionId: string, action: CaseControl): Promise<string> {
    this.calls.push(["controlCase", sessionId, action]);
    return this.#add(sessionId, "case:control", { action });
  }

  async forkSession(sessionId: string, body: NewFork): Promise<Refusal | null> {
    this.calls.push(["forkSession", sessionId, body]);
    return Promise.resolve(this.controlsAnswer);
  }

  async takeControls(sessionId: string): Promise<Refusal | null> {
    this.calls.push(["takeControls", sessionId]);
    if (this.controlsAnswer !== null) return Promise.resolve(this.controlsAnswer);
    const me = this.me.value!;
    this.stored.value = this.stored.value.map((session) =>
      session.id === sessionId ? { ...session, co_trainer_ids: [...session.co_trainer_ids, me.id] } : session,
    );
    return Promise.resolve(null);
  }

  async lockSession(sessionId: string, why: string): Promise<Refusal | null> {
    this.calls.push(["lockSession", sessionId, why]);
    const lock = { reason: why, by: { id: TRAINER.id, name: TRAINER.name }, at: new Date(this.now).toISOString() };
    this.stored.value = this.stored.value.map((session) => (session.id === sessionId ? { ...session, lock } : session));
    return Promise.resolve(null);
  }

  async unlockSession(sessionId: string): Promise<Refusal | null> {
    this.calls.push(["unlockSession", sessionId]);
    this.stored.value = this.stored.value.map((session) => (session.id === sessionId ? { ...session, lock: null } : session));
    return Promise.resolve(null);
  }

  async takeNamesOut(sessionId: string, texts: Record<string, string | null>): Promise<Refusal | null> {
    this.calls.push(["takeNamesOut", sessionId, texts]);
    return Promise.resolve(null);
  }

  async changeSession(sessionId: string, change: SessionChange): Promise<void> {
    this.calls.push(["changeSession", sessionId, change]);
    if (this.failure !== null) return Promise.reject(this.failure);
    const edit = aSessionEdit({ session_id: sessionId, content: change, seq: ++this.#count });
    this.edits.value = [...this.edits.value, edit];
    return Promise.resolve();
  }

  async endSession(sessionId: string): Promise<string> {
    this.calls.push(["endSession", sessionId]);
    return this.#add(sessionId, "session:close", {});
  }

  async changeTemplate(template: Template, content: Partial<TemplateContent>, seen?: number): Promise<void> {
    this.calls.push(["changeTemplate", template.id, content, ...(seen === undefined ? [] : [seen])]);
    return this.#edit("UPDATE", template, content);
  }

  async createTemplate(id: string, content: TemplateContent): Promise<void> {
    this.calls.push(["createTemplate", id, content]);
    return this.#edit("CREATE", aTemplate({ ...content, id }), content);
  }

  templateVersion(id: string): number {
    return this.templates.peek().find((one) => one.id === id)?.version ?? 0;
  }

  async keepDraft(draft: KeptDraft): Promise<void> {
    this.drafts.value = [draft, ...this.drafts.peek().filter((one) => one.template_id !== draft.template_id)];
    return Promise.resolve();
  }

  async dropDraft(templateId: string): Promise<void> {
    this.drafts.value = this.drafts.peek().filter((one) => one.template_id !== templateId);
    return Promise.resolve();
  }

  /** What the next file is answered with. */
  imported: Result<ImportedCases> = { ok: true, value: { templates: [], report: [] } };

  async readCases(file: Blob): Promise<Result<ImportedCases>> {
    this.calls.push(["readCases", file.size]);
    return Promise.resolve(this.imported);
  }

  /** What the next download comes to. */
  downloaded: Result<DownloadedFile> = { ok: true, value: { name: "file.csv", content: new Blob(["a"]) } };

  async download(path: string, progress: (bytes: number) => void, stop: AbortSignal): Promise<Result<DownloadedFile>> {
    this.calls.push(["download", path]);
    progress(2_340_000);
    await new Promise<void>((resolve) => {
      this.endDownload = resolve;
      stop.addEventListener("abort", () => resolve());
    });
    return this.downloaded;
  }

  endDownload: () => void = () => {};

  async duplicateTemplate(template: Template, title: string): Promise<string> {
    this.calls.push(["duplicateTemplate", template.id, title]);
    const copy = { ...template, id: `copy-${++this.#count}`, title };
    await this.#edit("CREATE", copy, contentOf(copy));
    return copy.id;
  }

  async deleteTemplate(template: Template): Promise<void> {
    this.calls.push(["deleteTemplate", template.id]);
    return this.#edit("DELETE", template, null);
  }

  async restoreTemplate(template: Template): Promise<void> {
    this.calls.push(["restoreTemplate", template.id]);
    return this.#edit("CREATE", template, contentOf(template));
  }

  async settle(conflict: Conflict, settlement: Settlement): Promise<void> {
    this.calls.push(["settle", isOfSession(conflict) ? conflict.session_id : conflict.template_id, settlement]);
    this.conflicts.value = this.conflicts.value.filter((one) => one !== conflict);
    return Promise.resolve();
  }

  async retryEdit(editId: string): Promise<void> {
    this.calls.push(["retryEdit", editId]);
    return Promise.resolve();
  }

  async dropEdit(editId: string): Promise<void> {
    this.calls.push(["dropEdit", editId]);
    this.edits.value = this.edits.value.filter((edit) => edit.id !== editId);
    return Promise.resolve();
  }

  /** What an admin is told; null: the network is gone. */
  watchHall(): () => void {
    return () => {};
  }

  async hurryHall(): Promise<void> {
    this.calls.push(["hurryHall"]);
    return Promise.resolve();
  }

  school: SchoolDevices | null = { devices: [], calls: [], conflicts: [], names: {} };

  async schoolDevices(): Promise<Result<SchoolDevices>> {
    const gone = { ok: false, refusal: { code: "network", detail: "" } } as const;
    return Promise.resolve(this.school === null ? gone : { ok: true, value: this.school });
  }

  async forgetDevice(clientId: string): Promise<Refusal | null> {
    this.calls.push(["forgetDevice", clientId]);
    if (this.school !== null) this.school = { ...this.school, devices: this.school.devices.filter((one) => one.clientId !== clientId) };
    return Promise.resolve(null);
  }

  async revokeDevice(clientId: string): Promise<Refusal | null> {
    return this.#revoked("revokeDevice", clientId, { revokedAt: "2026-11-21T11:30:00.000Z", revokedBy: { role: "trainer", id: null, name: "Ada" } });
  }

  async letDeviceIn(clientId: string): Promise<Refusal | null> {
    return this.#revoked("letDeviceIn", clientId, { revokedAt: null, revokedBy: null });
  }

  async #revoked(call: string, clientId: string, told: Pick<SyncDevice, "revokedAt" | "revokedBy">): Promise<Refusal | null> {
    this.calls.push([call, clientId]);
    const revoked = (one: SyncDevice) => (one.clientId === clientId ? { ...one, ...told } : one);
    if (this.school !== null) this.school = { ...this.school, devices: this.school.devices.map(revoked) };
    return Promise.resolve(null);
  }

  /** What an admin is told of the school's halls; null: the network is gone. */
  itsHalls: SchoolHalls | null = { halls: [], trainers: [], conflicts: [] };
  /** What adding a hall is refused with. */
  hallRefusal: Refusal | null = null;

  async schoolHalls(): Promise<Result<SchoolHalls>> {
    const gone = { ok: false, refusal: { code: "network", detail: "" } } as const;
    return Promise.resolve(this.itsHalls === null ? gone : { ok: true, value: this.itsHalls });
  }

  async addHall(name: string, trainers: HallTrainers): Promise<Result<AddedHall>> {
    this.calls.push(["addHall", name, trainers]);
    if (this.hallRefusal !== null) return Promise.resolve({ ok: false, refusal: this.hallRefusal });
    const hall = aHall({ id: `hall-${++this.#count}`, name, trainers });
    this.itsHalls = { ...this.itsHalls!, halls: [...this.itsHalls!.halls, hall] };
    return Promise.resolve({ ok: true, value: { ...hall, token: "shh_secret" } });
  }

  async revokeHall(hallId: string): Promise<Refusal | null> {
    this.calls.push(["revokeHall", hallId]);
    const { halls } = this.itsHalls!;
    const revoked_at = new Date(NOON).toISOString();
    this.itsHalls = { ...this.itsHalls!, halls: halls.map((one) => (one.id === hallId ? { ...one, revoked_at } : one)) };
    return Promise.resolve(null);
  }

  async settleHallConflict(conflict: HallConflict, settlement: Settlement): Promise<Refusal | null> {
    this.calls.push(["settleHallConflict", conflict.id, settlement]);
    if (this.hallRefusal !== null) return Promise.resolve(this.hallRefusal);
    this.itsHalls = { ...this.itsHalls!, conflicts: this.itsHalls!.conflicts.filter(({ id }) => id !== conflict.id) };
    return Promise.resolve(null);
  }

  /** The school's homework; null: the network is gone. */
  itsHomework: Assignment[] | null = [];
  itsTries: Try[] = [];

  async homework(): Promise<Result<Assignment[]>> {
    const gone = { ok: false, refusal: { code: "network", detail: "" } } as const;
    return Promise.resolve(this.itsHomework === null ? gone : { ok: true, value: this.itsHomework });
  }

  async triesOf(): Promise<Result<Try[]>> {
    return Promise.resolve({ ok: true, value: this.itsTries });
  }

  async giveHomework(draft: AssignmentDraft): Promise<Result<AddedAssignment>> {
    this.calls.push(["giveHomework", draft]);
    const { template_id, title, until } = draft;
    const given = anAssignment({ id: `assignment-${++this.#count}`, template_id, title, until });
    this.itsHomework = [given, ...(this.itsHomework ?? [])];
    return Promise.resolve({ ok: true, value: { ...given, ends_by_itself: true } });
  }

  async takeHomeworkBack(assignmentId: string): Promise<Refusal | null> {
    this.calls.push(["takeHomeworkBack", assignmentId]);
    const withdrawn_at = new Date(NOON).toISOString();
    this.itsHomework = this.itsHomework!.map((one) => (one.id === assignmentId ? { ...one, withdrawn_at } : one));
    return Promise.resolve(null);
  }

  /** What the server says of the record; null: it cannot be reached. */
  debriefed: Debrief | null = null;

  async debrief(sessionId: string): Promise<Result<Debrief>> {
    this.calls.push(["debrief", sessionId]);
    const away: Refusal = { code: "network", detail: "The server cannot be reached." };
    return Promise.resolve(this.debriefed === null ? { ok: false, refusal: away } : { ok: true, value: this.debriefed });
  }

  async changeMoment(sessionId: string, seq: number, kind: ServerMomentKind, change: MomentChange): Promise<Refusal | null> {
    this.calls.push(["changeMoment", sessionId, seq, kind, change]);
    return Promise.resolve(null);
  }

  async takeOver(sessionId: string): Promise<Refusal | null> {
    this.calls.push(["takeOver", sessionId]);
    this.stored.value = this.stored.value.map((one) => (one.id === sessionId ? { ...one, hall: null } : one));
    return Promise.resolve(null);
  }

  async removeTrainee(sessionId: string, seatId: string): Promise<Refusal | null> {
    this.calls.push(["removeTrainee", sessionId, seatId]);
    return Promise.resolve(this.removeAnswer);
  }

  async retry(entryId: string): Promise<void> {
    this.calls.push(["retry", entryId]);
    return Promise.resolve();
  }

  async discard(entryId: string): Promise<void> {
    this.calls.push(["discard", entryId]);
    this.entries.value = this.entries.value.filter((entry) => entry.id !== entryId);
    return Promise.resolve();
  }

  async keep(entryId: string): Promise<void> {
    this.calls.push(["keep", entryId]);
    return Promise.resolve();
  }

  async annotateInstead(entryId: string): Promise<void> {
    this.calls.push(["annotateInstead", entryId]);
    return Promise.resolve();
  }

  async reword(entryId: string, text: string): Promise<void> {
    this.calls.push(["reword", entryId, text]);
    return Promise.resolve();
  }

  /** The server has taken everything that waits. */
  confirm(): void {
    batch(() => {
      for (const entry of this.entries.value) {
        const events = this.events(entry.entity.id);
        const seq = events.value.length + 1;
        const { id, made_at } = entry;
        const created_at = made_at;
        if (entry.kind === "vitals:push") {
          const { step } = entry.body as VitalsPatch;
          const steps = this.cases.value[entry.entity.id]?.steps ?? [];
          const { vitals, rhythm, flags, ramp_seconds } = patchOfPush(entry.body as VitalsPatch, steps);
          const event = anEvent({ id, kind: "vitals", seq, created_at, made_at, ...vitals });
          Object.assign(event, { step: step ?? null, rhythm: rhythm ?? null, flags: flags ?? null, ramp_seconds: ramp_seconds ?? null });
          events.value = [...events.value, event];
        } else if (entry.kind === "note:add") {
          const { text = null, marker = null } = entry.body as { text?: string; marker?: string };
          events.value = [...events.value, anEvent({ id, kind: "note", seq, created_at, made_at, text, marker })];
        } else if (entry.kind === "case:control") {
          const action = CONTROLLED[entry.body["action"] as CaseControl];
          events.value = [...events.value, anEvent({ id, kind: "case", seq, created_at, made_at, details: { action } })];
        }
        this.#store(entry);
      }
      this.entries.value = [];
    });
  }

  refuse(refusal: Refusal): void {
    this.entries.value = this.entries.value.map((entry) => ({ ...entry, state: "rejected", refusal }));
  }

  pushes(): VitalsPatch[] {
    return this.calls.filter(([name]) => name === "push").map(([, , patch]) => patch as VitalsPatch);
  }

  #store(entry: OutboxEntry): void {
    const steps = this.cases.value[entry.entity.id]?.steps ?? [];
    this.stored.value = this.stored.value.map((session) =>
      session.id === entry.entity.id ? { ...session, last_values: valuesAfter(session.last_values, entry, steps) } : session,
    );
  }

  async #add(sessionId: string, kind: MutationKind, body: Record<string, unknown>, given?: string): Promise<string> {
    if (this.failure !== null) return Promise.reject(this.failure);
    const count = ++this.#count;
    const id = given ?? `entry-${count}`;
    const made_at = new Date(this.now).toISOString();
    this.entries.value = [...this.entries.value, anEntry({ id, position: this.#count, entity: sessionEntity(sessionId), kind, body, made_at })];
    return Promise.resolve(id);
  }

  async #edit(operation: TemplateEdit["operation"], template: Template, content: TemplateEdit["content"]): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    const edit = anEdit({ operation, template_id: template.id, content, before: template, seq: ++this.#count });
    this.edits.value = [...this.edits.value, edit];
    const others = this.templates.value.filter((one) => one.id !== template.id);
    const after = afterEdit(template, edit);
    this.templates.value = (after === null ? others : [...others, after]).sort((a, b) => a.title.localeCompare(b.title));
    return Promise.resolve();
  }

  #shown(session: ShownSession): ShownSession {
    const edits = this.edits.value.filter(isOfSession).filter((edit) => edit.session_id === session.id);
    const shown = withEdits({ ...session, shown_values: session.last_values }, edits);
    for (const entry of this.entries.value) {
      if (!isAboutSession(entry, session.id) || (entry.state !== "waiting" && entry.state !== "sending")) continue;
      shown.shown_values = valuesAfter(shown.shown_values, entry, this.cases.value[session.id]?.steps ?? []);
    }
    shown.paused_at = shown.shown_values.paused_at ?? null;
    return shown;
  }
}

function madeOnce<T>(map: Map<string, Signal<T[]>>, key: string): Signal<T[]> {
  let made = map.get(key);
  if (made === undefined) {
    made = signal<T[]>([]);
    map.set(key, made);
  }
  return made;
}
