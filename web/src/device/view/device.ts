import type { ReadonlySignal } from "@preact/signals";
import type {
  AddedAssignment,
  AddedHall,
  Addresses,
  Annotation,
  Assignment,
  AssignmentDraft,
  Case,
  CaseControl,
  Debrief,
  HallTrainers,
  ImportedCases,
  LastValues,
  NewFork,
  Refusal,
  SeatAttendance,
  Session,
  SessionEvent,
  Template,
  Trainee,
  Trainer,
  Try,
  Upstream,
  VitalsPatch,
} from "../../wire/types";
import type { Figures, Reflection, Scores } from "../../wire/beside";
import type { ComparisonCalls } from "../comparisons";
import type { MomentChange, ServerMomentKind } from "../../wire/debrief";
import type { KeptDraft } from "../database/draft";
import type { Preparation } from "../database/preparation";
import type { OutboxEntry } from "../outbox/entry";
import type { DownloadedFile, NewSchool, Result } from "../../wire/api";
import type { KnownColleague, SchoolDevices } from "../../wire/sync";
import type { LookedFor } from "../sync/readBeside";
import type { Conflict } from "../sync/conflicts";
import type { Edit, SessionChange, TemplateContent } from "../sync/edit";
import type { PeopleCalls } from "../people";
import type { SharingCalls } from "../sharing";
import type { HallConflict, SchoolHalls } from "../sync/schoolHalls";
import type { Settlement } from "../sync/edits";
import type { NewSession } from "../outbox/opening";
import type { MadeSheet } from "../outbox/sheets";

/** One word for a person. `offline` and `saving` count what waits; `saving` and nothing waits: it is being fetched. */
export type StatusWord = "saved" | "saving" | "offline" | "problem";
export interface Status {
  word: StatusWord;
  waiting: number;
}

/** A session as this device knows it. `code` is null until the server has given one (opened offline). */
export interface ShownSession extends Omit<Session, "code"> {
  code: string | null;
  event_count: number;
  /** Null: not known on this device. */
  trainee_count: number | null;
  /** Whether the whole record is on this device. */
  has_record: boolean;
  /** Who was there when, as last read from the server; null: never read. */
  attendance: SeatAttendance[] | null;
  /** As last read, and in the order of adding. */
  annotations: Annotation[];
  /** Everybody's sheets, and the trainees' own words, as last read; null: never read. */
  scores: Scores | null;
  reflections: Reflection[] | null;
  figures: Figures | null;
  /** What the trainer sees: the server's values with everything still in the outbox folded on top. */
  shown_values: LastValues;
}

export type AnnotationContent = Pick<Annotation, "at" | "kind" | "text">;

/** Everything that the dashboard may ask for. It never touches the network or the database itself. */
export interface Device {
  /** Whether this device has what is done here after the page was closed; false: this browser keeps nothing. */
  readonly isKept: boolean;
  readonly me: ReadonlySignal<Trainer | null>;
  readonly isReady: ReadonlySignal<boolean>;
  readonly isOnline: ReadonlySignal<boolean>;
  readonly status: ReadonlySignal<Status>;
  /**
   * The login has run out in the middle of the work: everything goes on here, and nothing is sent until
   * `login` is called again (`me` stays).
   */
  readonly needsLogin: ReadonlySignal<boolean>;
  /** Why the status is `problem`, when it is not an entry: codes `device_full`, `device_storage`,
   * `device_revoked`. */
  readonly problem: ReadonlySignal<Refusal | null>;
  /** Newest first. */
  readonly sessions: ReadonlySignal<ShownSession[]>;
  /** By title, with the edits made here that the server has not judged yet. */
  readonly templates: ReadonlySignal<Template[]>;
  /** Edits of templates and of sessions that are not confirmed, oldest first; those in a conflict are among them. */
  readonly edits: ReadonlySignal<readonly Edit[]>;
  readonly conflicts: ReadonlySignal<Conflict[]>;
  /** Everybody of the school, oneself included, by name; empty until the server's log was read. */
  readonly colleagues: ReadonlySignal<readonly KnownColleague[]>;
  /** Everything not confirmed, oldest first. */
  readonly entries: ReadonlySignal<OutboxEntry[]>;

  /** Where trainees reach the server; what join links and QR codes begin with. */
  readonly addresses: ReadonlySignal<Addresses>;

  /** How this hall stands with its central server, as last read; null at a server that is no hall. */
  readonly hall: ReadonlySignal<Upstream | null>;

  session(id: string): ReadonlySignal<ShownSession | null>;
  /** In seq order; what is still in the outbox is not among them. */
  events(sessionId: string): ReadonlySignal<SessionEvent[]>;
  trainees(sessionId: string): ReadonlySignal<Trainee[]>;
  /** The ids of trainers who have the session on a screen now, as far as it is told: of oneself alone it is not. */
  trainersAt(sessionId: string): ReadonlySignal<readonly string[]>;
  /** What the session took of its template when it opened; null if it has none, or until it is here. */
  caseOf(sessionId: string): ReadonlySignal<Case | null>;

  /** What was in hand when the session was last shown on this device, or is in another tab of it; null: nothing. */
  preparation(sessionId: string): ReadonlySignal<Preparation | null>;

  /** Milliseconds of the server's clock. */
  serverNow(): number;

  login(email: string, password: string): Promise<Refusal | null>;
  /** Log in by the link of an invitation, which makes the account. */
  acceptInvitation(token: string, password: string): Promise<Refusal | null>;
  /** Log in by the link of a new server, which makes its school and first account. */
  makeFirstAdmin(token: string, made: NewSchool): Promise<Refusal | null>;
  logout(): Promise<void>;
  /** Follow a session live while a page shows it; the answer stops following. */
  watch(sessionId: string): () => void;
  refresh(): Promise<void>;
  /** Read how the hall stands while a page shows it; the answer stops it. */
  watchHall(): () => void;
  /** The hall talks to its central server now. */
  hurryHall(): Promise<void>;

  /**
   * Each is on the screen before the call returns, and on this device when its promise resolves; none waits for the
   * network. It rejects, and is off the screen again, if it could not be written down.
   */
  openSession(draft: NewSession): Promise<string>;
  /** `id`: of the push, where whoever makes it has to know it. */
  push(sessionId: string, patch: VitalsPatch, id?: string): Promise<string>;
  addNote(sessionId: string, text: string): Promise<string>;
  /** What happened, by its key; with words for whoever does not know the key. */
  addMarker(sessionId: string, marker: string, text?: string): Promise<string>;
  controlCase(sessionId: string, action: CaseControl): Promise<string>;
  /** At the bedside, as a trainee does it: `nibp_start`, … */
  takeAction(sessionId: string, action: string, details: Record<string, unknown>): Promise<string>;
  /** A text beside the record, at this moment or at another one (ms). `id`: where whoever writes it has to know it. */
  annotate(sessionId: string, text: string, kind?: Annotation["kind"], at?: number, id?: string): Promise<string>;
  /** All that can be changed of it, its own or, for admins, anybody's. */
  changeAnnotation(sessionId: string, annotationId: string, content: AnnotationContent): Promise<string>;
  removeAnnotation(sessionId: string, annotationId: string): Promise<string>;
  /** One's own sheet: it replaces what was said before, or is laid on that, if it is made as a part of it. */
  score(sessionId: string, sheet: MadeSheet): Promise<string>;
  /** Nothing tells of what colleagues write beside the record: read it now. What comes of it is shown by `session`. */
  lookBeside(sessionId: string, what: LookedFor): void;
  /** Need the network. */
  readonly sharing: SharingCalls;
  changeSession(sessionId: string, change: SessionChange): Promise<void>;
  endSession(sessionId: string): Promise<string>;
  /** Keep what is in hand on this device, until the session ends. It is not sent. */
  prepare(sessionId: string, preparation: Preparation): Promise<void>;

  /** `seen`: the version of it that the author had before them; the newest one here if it is left out. */
  changeTemplate(template: Template, content: Partial<TemplateContent>, seen?: number): Promise<void>;
  /** A new one, under an id that its author has chosen. */
  createTemplate(id: string, content: TemplateContent): Promise<void>;
  /** Of the server's log, that of the case as it is here; 0: the server has not told it. */
  templateVersion(id: string): number;
  /** Cases that are being written on this device and are not saved, the newest first. They are not sent. */
  readonly drafts: ReadonlySignal<readonly KeptDraft[]>;
  keepDraft(draft: KeptDraft): Promise<void>;
  dropDraft(templateId: string): Promise<void>;
  /** A new one with everything of the old, under another title. */
  duplicateTemplate(template: Template, title: string): Promise<string>;
  deleteTemplate(template: Template): Promise<void>;
  /** As it was when it was deleted. */
  restoreTemplate(template: Template): Promise<void>;
  /** Needs the network: the cases of a file, as drafts. Nothing is stored. */
  readCases(file: Blob): Promise<Result<ImportedCases>>;
  /** Needs the network: a file of the server's, fetched by the page, for `isKept` is false; `progress` in bytes. */
  download(path: string, progress: (bytes: number) => void, stop: AbortSignal): Promise<Result<DownloadedFile>>;
  settle(conflict: Conflict, settlement: Settlement): Promise<void>;
  retryEdit(editId: string): Promise<void>;
  dropEdit(editId: string): Promise<void>;

  /** Need the network, and an admin: the school's devices, and what they did. */
  schoolDevices(): Promise<Result<SchoolDevices>>;
  forgetDevice(clientId: string): Promise<Refusal | null>;
  revokeDevice(clientId: string): Promise<Refusal | null>;
  letDeviceIn(clientId: string): Promise<Refusal | null>;

  /** Need the network, and an admin: the school's hall servers. */
  schoolHalls(): Promise<Result<SchoolHalls>>;
  addHall(name: string, trainers: HallTrainers): Promise<Result<AddedHall>>;
  revokeHall(hallId: string): Promise<Refusal | null>;
  /** Need the network: the homework of the school, newest first, and the tries of one. */
  homework(): Promise<Result<Assignment[]>>;
  triesOf(assignmentId: string): Promise<Result<Try[]>>;
  /** Need the network: the attempts at a case beside each other, and what one of them came to. */
  readonly comparisons: ComparisonCalls;
  giveHomework(draft: AssignmentDraft): Promise<Result<AddedAssignment>>;
  takeHomeworkBack(assignmentId: string): Promise<Refusal | null>;
  /** Needs the network. */
  settleHallConflict(conflict: HallConflict, settlement: Settlement): Promise<Refusal | null>;
  /** This server is the home of the session from now on, and no longer its hall, which is lost. */
  takeOver(sessionId: string): Promise<Refusal | null>;

  /** Need the network: who works in the school, one's own logins, and who did what. */
  readonly people: PeopleCalls;

  /** Needs the network: a session that goes on from a moment of that one's record; its trainees may be sent over. */
  forkSession(sessionId: string, body: NewFork): Promise<Refusal | null>;
  /** Need the network: what the server makes of a record; what a person makes of a moment of it. */
  debrief(sessionId: string): Promise<Result<Debrief>>;
  changeMoment(sessionId: string, seq: number, kind: ServerMomentKind, change: MomentChange): Promise<Refusal | null>;

  /** Needs the network: whose session it is is told of it now, or it is not done at all. */
  takeControls(sessionId: string): Promise<Refusal | null>;
  /** Need the network: no retention touches the session, for this reason; or does again. */
  lockSession(sessionId: string, reason: string): Promise<Refusal | null>;
  unlockSession(sessionId: string): Promise<Refusal | null>;
  /** Needs the network: the names of trainees go out of an ended session, for good. `texts` by the ids of free texts. */
  takeNamesOut(sessionId: string, texts: Record<string, string | null>): Promise<Refusal | null>;
  /** Needs the network: somebody is cut off now, or not at all. */
  removeTrainee(sessionId: string, seatId: string): Promise<Refusal | null>;

  retry(entryId: string): Promise<void>;
  discard(entryId: string): Promise<void>;
  /** Leave it in the list for the record, out of the way of the others. */
  keep(entryId: string): Promise<void>;
  /** A refused note goes beside the record instead, at the moment at which it was made. */
  annotateInstead(entryId: string): Promise<void>;
  /** A refused text is sent in other words. */
  reword(entryId: string, text: string): Promise<void>;
}
