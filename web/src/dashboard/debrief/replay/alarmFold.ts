import { NO_ALARMS, type Alarm, type AlarmBook } from "../../../monitor/alarms";
import { afterSilenceKey, judgedAt, QUARTER, quarterOf, renewedEverySecond } from "../../../monitor/judging";
import type { Measured } from "../../../monitor/readings";
import { createWaves, seedOf, type Waves } from "../../../waves";
import type { RecordCourse, Remembered } from "../../room/record/course";
import { placeAt } from "../../room/record/placeAt";
import { limitsAt, type LimitsCourse } from "../limitsCourse";

/** One alarm of a record: from when it was told until its cause went; null while it lasts. */
export interface ToldAlarm extends Pick<Alarm, "id" | "priority" | "tile" | "family" | "passed"> {
  raised_at: number;
  ended_at: number | null;
}

export interface AlarmSetting {
  sessionId: string;
  limits: LimitsCourse;
  /** When somebody at the bedside pressed the key that silences, in order. */
  silencedAt: readonly number[];
}

/** A book as it stood from `at` on. */
interface Page {
  at: number;
  book: AlarmBook;
}

/**
 * The alarms of a record: the monitor's own looks at the quarters of every second, one after the other, without a screen.
 * It goes on in pieces, as far as it is asked, and comes to the same however it is cut; neither the pages in which the
 * record came nor the speed of a replay can be seen in it.
 */
export class AlarmFold {
  readonly #course: RecordCourse;
  readonly #setting: AlarmSetting;
  readonly #seed: number;
  readonly #waves: Waves;
  readonly #measured: Measured;
  readonly #told = new Map<string, ToldAlarm>();
  readonly #pages: Page[] = [];
  #book: AlarmBook = NO_ALARMS;
  #state: Remembered;
  /** The next quarter, and how many changes, limits and silences have come. */
  #due: number;
  #place = 0;
  #limits = 1;
  #silences = 0;

  constructor(course: RecordCourse, setting: AlarmSetting) {
    this.#course = course;
    this.#setting = setting;
    this.#seed = seedOf(setting.sessionId);
    this.#waves = createWaves(setting.sessionId);
    this.#measured = renewedEverySecond(this.#waves);
    this.#due = quarterOf(course.openedAt);
    this.#state = course.after(0);
    this.#waves.update(this.#state.last, this.#state.at);
  }

  /** Everything before it is told. */
  get reached(): number {
    return this.#due;
  }

  /** In the order in which they were raised. */
  get told(): readonly ToldAlarm[] {
    return [...this.#told.values()].sort((a, b) => a.raised_at - b.raised_at);
  }

  /** Everything that came up to `until`, that moment included. */
  advance(until: number): void {
    for (;;) {
      const changeAt = this.#course.changes[this.#place]?.at ?? Number.POSITIVE_INFINITY;
      const limitsFrom = this.#setting.limits[this.#limits]?.at ?? Number.POSITIVE_INFINITY;
      const silenceAt = this.#setting.silencedAt[this.#silences] ?? Number.POSITIVE_INFINITY;
      const next = Math.min(changeAt, limitsFrom, silenceAt, this.#due);
      if (next > until) return;
      if (changeAt === next) this.#change(changeAt);
      else if (limitsFrom === next) this.#setLimits(limitsFrom);
      else if (silenceAt === next) this.#silence(silenceAt);
      else this.#look(this.#due);
    }
  }

  /** As the book stood at `at`; null where it has not come so far. */
  bookAt(at: number): AlarmBook | null {
    if (at >= this.#due) return null;
    return this.#pages[placeAt(this.#pages, at, (page) => page.at) - 1]?.book ?? NO_ALARMS;
  }

  /** A screen that is told of a change looks at once, and its clock shows the quarter that has begun. */
  #change(at: number): void {
    this.#place++;
    this.#state = this.#course.after(this.#place);
    this.#waves.update(this.#state.last, at);
    this.#judge(quarterOf(at), at);
  }

  /** A screen looks at once, as at a change. */
  #setLimits(at: number): void {
    this.#limits++;
    this.#judge(quarterOf(at), at);
  }

  #silence(at: number): void {
    this.#silences++;
    this.#keep(afterSilenceKey(this.#book, at).book, at);
  }

  #look(at: number): void {
    this.#due += QUARTER;
    this.#judge(at, at);
  }

  #judge(quarter: number, at: number): void {
    const { history } = this.#state.memory;
    const setting = { seed: this.#seed, limits: limitsAt(this.#setting.limits, at), latches: true };
    const { book } = judgedAt(history, this.#book, quarter, this.#measured, setting);
    for (const alarm of book.active) this.#tell(alarm);
    this.#endWhatIsGone(book, quarter);
    this.#keep(book, at);
  }

  #tell(alarm: Alarm): void {
    const key = `${alarm.id} ${alarm.raised_at}`;
    const known = this.#told.get(key);
    const { id, priority, tile, family, passed, raised_at, ended_at } = alarm;
    if (known === undefined) this.#told.set(key, { id, priority, tile, family, raised_at, ended_at, ...(passed && { passed }) });
    else known.ended_at ??= ended_at;
  }

  /** A low alarm, and one that a worse one takes the place of, leave the book without a word. */
  #endWhatIsGone(book: AlarmBook, now: number): void {
    const active = new Set(book.active.map((alarm) => alarm.id));
    for (const { id, raised_at, ended_at } of this.#book.active) {
      if (ended_at !== null || active.has(id)) continue;
      const known = this.#told.get(`${id} ${raised_at}`);
      if (known !== undefined) known.ended_at ??= now;
    }
  }

  #keep(book: AlarmBook, at: number): void {
    const before = this.#pages.at(-1);
    this.#book = book;
    if (before !== undefined && isAlike(before.book, book)) return;
    if (before === undefined && isAlike(NO_ALARMS, book)) return;
    this.#pages.push({ at, book });
  }
}

/** But for the numbers in it, which the next look reads anew. */
function isAlike(one: AlarmBook, other: AlarmBook): boolean {
  if (one === other) return true;
  if (one.held.size !== other.held.size || one.active.length !== other.active.length) return false;
  if (one.silenced_until !== other.silenced_until || one.silenced.size !== other.silenced.size) return false;
  for (const [id, since] of one.held) if (other.held.get(id) !== since) return false;
  return one.active.every((alarm, place) => {
    const same = other.active[place];
    return alarm.id === same?.id && alarm.raised_at === same.raised_at && alarm.ended_at === same.ended_at;
  });
}
