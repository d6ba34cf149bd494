import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { isAboutSession, type OutboxEntry } from "../../device/outbox/entry";
import { may, relationTo, type PermittedAction, type Relation } from "../../device/permissions";
import { isOfSession, type SessionEdit } from "../../device/sync/edit";
import type { Device, ShownSession } from "../../device/view/device";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { patchOfCompressions } from "../../patient/presets";
import { waysOut, type Progress, type Way } from "../../patient/moves";
import { START_VALUES } from "../../patient/signs";
import type { Case, CaseControl, LastValues, Refusal, TemplateStep, Trainee } from "../../wire/types";
import { announce } from "../shell/announce";
import { isOver as hasEnded } from "../sessions/finding";
import { actionWords, controlWords, markerName } from "../words";
import { caseProgress } from "./case/caseProgress";
import type { ChecklistItem } from "./case/itemMarkers";
import { tellNotWritten } from "./notWritten";
import { turnOf, type Turn } from "./people/trainers";
import { RoomTime } from "./roomTime";
import { Preparing } from "./sending/preparing";
import { Pushes } from "./sending/pushes";
import { StagedChanges } from "./sending/stagedChanges";
import { SessionEdits } from "./sessionEdits";

const BESIDE_THE_RECORD: ReadonlySet<PermittedAction> = new Set<PermittedAction>([
  "watch",
  "annotate",
  "edit_annotations_of_others",
  "score",
]);

const DOUBLE_TAP = 600;

/** One control room: the session that it shows, and what can be done there. Its components read single signals. */
export class Room {
  readonly session: ReadonlySignal<ShownSession | null>;
  /** The targets as the trainees have them, or will have in a moment: everything pushed here is in it. */
  readonly shown: ReadonlySignal<LastValues>;
  /** What the session took of its template when it opened. */
  readonly itsCase: ReadonlySignal<Case | null>;
  readonly steps: ReadonlySignal<readonly TemplateStep[]>;
  /** Where the case stands, if it can move by itself, and how it may go on. */
  readonly progress: ReadonlySignal<Progress | null>;
  readonly ways: ReadonlySignal<readonly Way[]>;
  readonly entries: ReadonlySignal<OutboxEntry[]>;
  /** What was edited here of the session's own fields, and the server has not taken. */
  readonly fieldEdits: ReadonlySignal<SessionEdit[]>;
  readonly isOver: ReadonlySignal<boolean>;
  /** Nothing of its record is here, and there is one: what would stand in its places would not be true. */
  readonly lacksRecord: ReadonlySignal<boolean>;
  /** It runs in a hall, and is steered there. */
  readonly isElsewhere: ReadonlySignal<boolean>;
  readonly canSteer: ReadonlySignal<boolean>;
  readonly relation: ReadonlySignal<Relation | null>;
  /** As told live; null: not told yet, so that an empty list would say of nobody that they are there. */
  readonly trainees: ReadonlySignal<readonly Trainee[] | null>;
  /** Somebody else has just given the controls, or taken them away; null: nobody has, or it was read. */
  readonly turn = signal<Turn>(null);
  readonly time: RoomTime;
  readonly changes: StagedChanges;
  readonly pushes: Pushes;
  readonly edits: SessionEdits;
  readonly #preparing: Preparing;
  readonly #now: () => number;
  /** By this device's own clock: how far it is from the server's may be known only later. */
  readonly #openedAt = Date.now();
  /** What changes then is this trainer's own doing. */
  #isOwnTurn = false;
  #playedAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly device: Device,
    readonly id: string,
  ) {
    const session = (this.session = device.session(id));
    const shown = (this.shown = computed(() => session.value?.shown_values ?? START_VALUES));
    const itsCase = (this.itsCase = device.caseOf(id));
    this.steps = computed(() => itsCase.value?.steps ?? []);
    const progress = (this.progress = caseProgress(this.steps, device.events(id)));
    this.ways = computed(() => (progress.value === null || this.isOver.value ? [] : waysOut(this.steps.value, progress.value)));
    this.entries = computed(() => device.entries.value.filter((entry) => isAboutSession(entry, id)));
    this.fieldEdits = computed(() => device.edits.value.filter(isOfSession).filter((edit) => edit.session_id === id));
    // What a hall recorded goes by its clock, and so do its ramps.
    const offset = () => (session.peek()?.hall ? (session.peek()?.clock_offset_ms ?? 0) : 0);
    this.#now = () => device.serverNow() - offset();
    this.time = new RoomTime(this.#now, shown);
    this.changes = new StagedChanges(shown, (patch) => this.pushes.push(patch));
    this.pushes = new Pushes({ device, sessionId: id, shown, failed: (patch) => this.changes.putBack(patch) });
    this.edits = new SessionEdits(device, session);
    this.isOver = computed(() => {
      const is = session.value;
      return is !== null && hasEnded(is, this.time.second.value);
    });
    this.lacksRecord = computed(() => {
      const is = session.value;
      if (is === null || is.has_record || device.events(id).value.length > 0) return false;
      // Of an open session every push is ahead of its event for a moment.
      return is.closed_at !== null || !device.isOnline.value;
    });
    this.isElsewhere = computed(() => session.value !== null && session.value.hall !== null && session.value.closed_at === null);
    this.relation = computed(() => {
      const [is, me] = [session.value, device.me.value];
      return is === null || me === null ? null : relationTo(is, me);
    });
    const trainees = device.trainees(id);
    this.trainees = computed(() => (trainees.value.length > 0 || session.value?.trainee_count === 0 ? trainees.value : null));
    this.canSteer = computed(() => this.may("push_vitals"));
    const { changes, isOver, pushes: { undoStack } } = this; // prettier-ignore
    this.#preparing = new Preparing({ device, sessionId: id, shown, isOver, changes, undoStack });
  }

  /** Whether the trainer here may do this now; what is over, or runs in a hall, can be looked at and annotated. */
  may(action: PermittedAction): boolean {
    const [is, me] = [this.session.value, this.device.me.value];
    const isReadOnly = this.isOver.value || this.isElsewhere.value;
    if (is === null || me === null || (isReadOnly && !BESIDE_THE_RECORD.has(action))) return false;
    return may(action, is, me);
  }

  /** Whether that was after the room was opened here. What this device had stored may be of yesterday, and what comes in news of then. */
  isSinceOpened(moment: string): boolean {
    return Date.parse(moment) >= this.#openedAt + this.#now() - Date.now();
  }

  /** Follow the session while the page shows it. */
  start(): () => void {
    const stopWatching = this.device.watch(this.id);
    const stopPreparing = this.#preparing.start();
    const stopTelling = effect(() => {
      const entries = this.entries.value;
      const events = this.device.events(this.id).value;
      untracked(() => this.pushes.tellOutcomes(entries, new Set(events.slice(-100).map((event) => event.id))));
    });
    const stopTurning = this.#followTurns();
    return () => {
      stopTurning();
      stopTelling();
      stopPreparing();
      stopWatching();
    };
  }

  /**
   * The second tap of a nervous finger is not a second push: under the first one the next step has come by then. `at`:
   * when it was tapped, by the event. Its handler may run much later, behind whatever was drawn after the first tap.
   */
  playStep(step: TemplateStep, at: DOMHighResTimeStamp): void {
    if (at - this.#playedAt < DOUBLE_TAP) return;
    this.#playedAt = at;
    this.pushes.play(step);
  }

  async takeControls(): Promise<Refusal | null> {
    this.#isOwnTurn = true;
    const refusal = await this.device.takeControls(this.id);
    if (refusal !== null) this.#isOwnTurn = false;
    return refusal;
  }

  invite(ids: readonly string[]): void {
    this.edits.coTrainers((now) => [...now, ...ids]);
  }

  /** They steer no longer; oneself hands the controls back. */
  letOff(id: string): void {
    this.#isOwnTurn = id === this.device.me.peek()?.id;
    this.edits.coTrainers((now) => now.filter((one) => one !== id));
  }

  #followTurns(): () => void {
    let before: Relation | null = null;
    return effect(() => {
      const now = this.relation.value;
      const turn = turnOf(before, now);
      if (now !== null) before = now;
      if (turn === null) return;
      const isNew = this.isSinceOpened(this.session.peek()?.updated_at ?? "");
      this.turn.value = this.#isOwnTurn || !isNew ? null : turn;
      this.#isOwnTurn = false;
    });
  }

  control(action: CaseControl): void {
    announce(controlWords(action));
    this.device.controlCase(this.id, action).catch(tellNotWritten);
  }

  /** At the bedside, as a trainee does it. */
  act(action: string, details: Record<string, unknown> = {}): void {
    announce(actionWords(action, details));
    this.device.takeAction(this.id, action, details).catch(tellNotWritten);
  }

  /** One tap: something happened. Compressions are seen by the patient, too, and the push that says so records them. */
  mark(marker: string): void {
    const compressions = this.canSteer.peek() ? patchOfCompressions(marker, this.shown.peek()) : null;
    if (compressions !== null && this.pushes.push(compressions)) return;
    announce(fill(t.value.dashboard.notes.added, { what: markerName(marker) }));
    this.device.addMarker(this.id, marker).catch(tellNotWritten);
  }

  /** One tap: an item of the checklist was done. Its own marker says by the item's words what it is. */
  tick(marker: string, item: ChecklistItem): void {
    if (item.marker !== null) return this.mark(marker);
    announce(fill(t.value.dashboard.notes.added, { what: item.text }));
    this.device.addMarker(this.id, marker, item.text).catch(tellNotWritten);
  }

  /** One tap: this moment is looked at in the debrief. */
  bookmark(): void {
    announce(t.value.marks.bookmark.set);
    this.device.annotate(this.id, "", "bookmark").catch(tellNotWritten);
  }

  /** Of whoever may not add to the record, and after the end: beside it. */
  note(text: string): void {
    const trimmed = text.trim();
    if (trimmed === "") return;
    announce(fill(t.value.dashboard.notes.added, { what: trimmed }));
    const { device } = this;
    const isEvent = this.may("add_note");
    (isEvent ? device.addNote(this.id, trimmed) : device.annotate(this.id, trimmed)).catch(tellNotWritten);
  }
}

export const RoomContext = createContext<Room | null>(null);

export function useRoom(): Room {
  const room = useContext(RoomContext);
  if (room === null) throw new Error("No Room around this component");
  return room;
}
