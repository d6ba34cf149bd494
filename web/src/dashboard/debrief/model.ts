import { computed, effect, signal, untracked, type ReadonlySignal, type Signal } from "@preact/signals";
import type { MomentChange, News2 } from "../../wire/debrief";
import type { Debrief, Refusal } from "../../wire/types";
import type { EarlyWarnings } from "../../patient/earlyWarning";
import { ADULT_LIMITS } from "../../patient/signs";
import { caseTimeOf, type CaseTime } from "../room/case/caseTime";
import { RecordCourse } from "../room/record/course";
import { linesOf, type RecordLine } from "../room/record/record";
import { endOf } from "../room/record/endOf";
import { signChangesOf } from "../room/record/track";
import type { Room } from "../room/room";
import { Asking } from "./asking";
import { knowing, warningsOf } from "./chart/news2Steps";
import { bandsOf, type RecordBands } from "./chart/spans";
import { limitsCourse, type LimitsCourse } from "./limitsCourse";
import { allMoments, ofServer, type FoundMoment } from "./moments/moments";
import { ownMoments } from "./moments/ownMoments";
import { AlarmFold, type ToldAlarm } from "./replay/alarmFold";
import { ReplayedBed } from "./replay/replayedBed";
import { Replay, type Span } from "./replay/replay";

/** ms of work at a time while the alarms of a record are read, and of record between two looks at the clock. */
const SLICE = 6;
const PIECE = 2_000;
/** The server is asked what it makes of a record once that stands; of one that is still being read, behind its pages. */
const SETTLES = 250;
const PAGES_APART = 4_000;

/** What the debrief of one session shows; its components read single signals. */
export class DebriefModel {
  readonly room: Room;
  readonly lines: ReadonlySignal<readonly RecordLine[]>;
  readonly time: ReadonlySignal<CaseTime>;
  readonly span: ReadonlySignal<Span>;
  /** As the monitors had them, one after the other. */
  readonly limits: ReadonlySignal<LimitsCourse>;
  readonly course: ReadonlySignal<RecordCourse>;
  readonly bands: ReadonlySignal<RecordBands>;
  readonly alarms: ReadonlySignal<AlarmFold>;
  readonly bed: ReadonlySignal<ReplayedBed>;
  readonly replay: Replay;
  /** The alarms as far as they were read. */
  readonly told = signal<readonly ToldAlarm[]>([]);
  /** What the server makes of the record; null: it was not asked yet, or could not say. */
  readonly answer = signal<Debrief | null>(null);
  readonly refusal = signal<Refusal | null>(null);
  /** By the server, or by this device where the server could not say it. */
  readonly news2: ReadonlySignal<readonly News2[]>;
  /** As the team could know it. */
  /** As the team could know it: it comes a moment after the rest, and the server has no part in it. */
  readonly news2Known = signal<readonly News2[]>([]);
  /** In order, the hidden ones among them. */
  readonly moments: ReadonlySignal<readonly FoundMoment[]>;
  readonly visible: ReadonlySignal<readonly FoundMoment[]>;
  /** Of a session that still runs: so far it is shown. */
  readonly #takenAt = signal(0);
  readonly #all: ReadonlySignal<readonly RecordLine[]>;
  readonly #read: Signal<readonly RecordLine[]>;
  readonly #asking: Asking<Debrief>;

  constructor(room: Room) {
    this.room = room;
    this.#takenAt.value = room.device.serverNow();
    this.#asking = new Asking(
      () => room.device.debrief(room.id),
      (answer) => {
        if (answer.ok) this.answer.value = answer.value;
        this.refusal.value = answer.ok ? null : answer.refusal;
      },
    );
    this.#all = linesOf(room);
    const read = (this.#read = signal<readonly RecordLine[]>(this.#all.peek()));
    const isOver = computed(() => room.isOver.value);
    const span = (this.span = stable(() => this.#spanNow()));
    const lines = (this.lines = computed((): readonly RecordLine[] =>
      isOver.value ? read.value : read.value.filter((line) => line.stored_at <= span.value.until),
    ));
    const changes = stable(() => signChangesOf([...lines.value]));
    const openedAt = computed(() => span.value.from);
    this.time = computed(() => caseTimeOf(lines.value, openedAt.value));
    this.limits = stable(() =>
      limitsCourse(
        this.answer.value?.limits_since ?? room.session.value?.figures?.limits_since,
        room.session.value?.limits ?? ADULT_LIMITS,
      ),
    );
    this.course = computed(() => new RecordCourse(changes.value, openedAt.value));
    this.bands = computed(() => bandsOf(this.course.value, span.value.until));
    const silencedAt = stable(() => silencesIn(lines.value));
    this.alarms = computed(
      () => new AlarmFold(this.course.value, { sessionId: room.id, limits: this.limits.value, silencedAt: silencedAt.value }),
    );
    this.replay = new Replay(() => this.span.peek());
    this.bed = computed(
      () => new ReplayedBed(room.id, this.course.value, this.limits.value, this.alarms.value, () => this.replay.now()),
    );
    // Reckoned only where the server could not: of a long record it takes a while.
    const lacksServer = computed(() => this.answer.value === null && this.refusal.value !== null);
    const warnings = computed((): EarlyWarnings => (lacksServer.value ? warningsOf(this.course.value, span.value.until) : NO_WARNINGS));
    this.news2 = computed(() => this.answer.value?.news2 ?? warnings.value.scores);
    const found = computed(() => {
      const told = this.answer.value?.moments;
      if (told !== undefined) return told.map(ofServer);
      return ownMoments(lines.value, this.course.value, this.bands.value, warnings.value.crossings, span.value.until);
    });
    this.moments = computed(() => allMoments(found.value, this.told.value, room.session.value?.annotations ?? []));
    this.visible = computed(() => this.moments.value.filter((moment) => !moment.isHidden));
  }

  /** Read what has to be read while a page shows it. */
  start(): () => void {
    const stopFollowing = this.#followRecord();
    const stopReading = effect(() => {
      const fold = this.alarms.value;
      const { until } = this.span.value;
      return untracked(() => this.#readAlarms(fold, until));
    });
    const stopKnowing = effect(() => {
      const course = this.course.value;
      const { until } = this.span.value;
      return untracked(() => this.#readKnown(course, until));
    });
    // Of a session that is over the record stands, and only comes to this device piece by piece.
    const record = computed(() => (isWholeAtServer(this.room) ? (this.room.session.value?.last_seq ?? 0) : this.course.value));
    const withoutNames = computed(() => (this.room.session.value?.names_out_at ? this.room.session.value.version : 0));
    const isComing = computed(() => this.room.session.value?.has_record === false && this.room.device.isOnline.value);
    const stopAskingAgain = this.#asking.start();
    const limits = stable(() => this.room.session.value?.limits);
    const stopAsking = effect(() => {
      // What was pushed, or the end: the server makes something else of it.
      void record.value;
      // Since when they hold it knows.
      void limits.value;
      // Its moments named people.
      void withoutNames.value;
      void this.room.device.isOnline.value;
      void this.span.value;
      const timer = setTimeout(() => void this.#asking.now(), isComing.value ? PAGES_APART : SETTLES);
      return () => clearTimeout(timer);
    });
    return () => {
      this.replay.pause();
      stopFollowing();
      stopReading();
      stopKnowing();
      stopAsking();
      stopAskingAgain();
    };
  }

  /** Of a session that still runs: up to now. */
  takeAgain(): void {
    this.#takenAt.value = this.room.device.serverNow();
  }

  async change(moment: FoundMoment, change: MomentChange): Promise<Refusal | null> {
    if (moment.seq === null || moment.kind === "alarm" || moment.kind === "annotation") return null;
    const refusal = await this.room.device.changeMoment(this.room.id, moment.seq, moment.kind, change);
    if (refusal === null) await this.#asking.now();
    return refusal;
  }

  /** While a long record comes in page by page it is not folded anew for each of them. */
  #followRecord(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const take = () => {
      timer = undefined;
      this.#read.value = this.#all.peek();
    };
    const stop = effect(() => {
      void this.#all.value;
      const isWhole = this.room.session.value?.has_record ?? false;
      clearTimeout(isWhole ? timer : undefined);
      if (isWhole) untracked(take);
      else timer ??= setTimeout(take, PAGES_APART);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }

  #spanNow(): Span {
    const session = this.room.session.value;
    if (session === null) return { from: 0, until: 1000 };
    const until = this.room.isOver.value ? endOf(session, Date.parse(session.expires_at)) : endOf(session, this.#takenAt.value);
    return { from: Date.parse(session.created_at), until };
  }

  #readAlarms(fold: AlarmFold, until: number): () => void {
    return inSlices(() => {
      if (fold.reached <= until) fold.advance(Math.min(until, fold.reached + PIECE));
      const isRead = fold.reached > until;
      if (isRead) this.told.value = fold.told;
      return isRead;
    });
  }

  #readKnown(course: RecordCourse, until: number): () => void {
    const work = knowing(course, until);
    return inSlices(() => {
      const { done, value } = work.next();
      if (done === true) this.news2Known.value = value;
      return done === true;
    });
  }
}

/** So that whoever scrubs meanwhile does not wait: `work` does a little, and says whether that was all. Returns how to stop. */
function inSlices(work: () => boolean): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const slice = () => {
    const begun = performance.now();
    while (performance.now() - begun < SLICE) if (work()) return;
    timer = setTimeout(slice, 0);
  };
  timer = setTimeout(slice, 0);
  return () => clearTimeout(timer);
}

const NO_WARNINGS: EarlyWarnings = { scores: [], crossings: [] };

/** It ended there, and nothing of it still waits here. */
function isWholeAtServer({ session, entries }: Room): boolean {
  return session.value !== null && session.value.closed_at !== null && entries.value.length === 0;
}

function silencesIn(lines: readonly RecordLine[]): number[] {
  return lines
    .flatMap((line) => (line.action === "alarm_silence" ? [line.at] : []))
    .sort((a, b) => a - b);
}

/** The same object for the same content: what was computed of it stands. */
function stable<T>(read: () => T): ReadonlySignal<T> {
  let before: { written: string; value: T } | null = null;
  return computed(() => {
    const value = read();
    const written = JSON.stringify(value);
    if (before?.written !== written) before = { written, value };
    return before.value;
  });
}
