import { NO_ALARMS } from "../../../monitor/alarms";
import { createBedside, type Bedside } from "../../../monitor/bedside";
import { QUARTER, quarterOf } from "../../../monitor/judging";
import type { Bed } from "../../../monitor/MonitorScreen";
import { createWaves, seedOf } from "../../../waves";
import type { RecordCourse } from "../../room/record/course";
import { limitsAt, limitsPlaceAt, type LimitsCourse } from "../limitsCourse";
import type { AlarmFold } from "./alarmFold";
import { ExchangedWaves } from "./exchangedWaves";

/** ms. So far back a lane is drawn and a breath is asked for, and beats that a change has moved have found their place. */
const LOOKED_BACK = 60_000;
/** As far a replay goes on tick by tick; beyond, it jumps. */
const LONGEST_STEP = 10_000;
/** A jump to where the alarms were not read yet judges from so far before: no alarm waits longer. */
const LONGEST_DELAY = 20_000;

/** A monitor's waves and numbers at any moment of a record, forwards and backwards, as a live one had them then. */
export class ReplayedBed implements Bed {
  readonly waves: ExchangedWaves;
  readonly bedside: Bedside;
  readonly #course: RecordCourse;
  readonly #alarms: AlarmFold | null;
  readonly #limits: LimitsCourse;
  readonly #own: Bedside;
  readonly #clockNow: () => number;
  readonly #sessionId: string;
  #shown = Number.NaN;
  #place = 0;

  /** `now` is the moment that the replay shows (milliseconds of the server's clock). */
  constructor(sessionId: string, course: RecordCourse, limits: LimitsCourse, alarms: AlarmFold | null, now: () => number) {
    this.#course = course;
    this.#alarms = alarms;
    this.#limits = limits;
    this.#clockNow = now;
    this.#sessionId = sessionId;
    this.waves = new ExchangedWaves(createWaves(sessionId));
    this.#own = createBedside(this.waves, { seed: seedOf(sessionId), latches: true });
    this.bedside = { ...this.#own, tick: () => this.show(this.#clockNow()) };
    this.show(now());
  }

  /** What a monitor showed at `at`. */
  show(at: number): void {
    const isNear = at >= this.#shown && at - this.#shown <= LONGEST_STEP;
    if (isNear) this.#goOn(at);
    else this.#jump(at);
    this.#shown = at;
  }

  /** As live: every change and other limits when they came, every quarter of a second. */
  #goOn(at: number): void {
    let due = quarterOf(this.#shown) + QUARTER;
    let limits = limitsPlaceAt(this.#limits, this.#shown);
    for (;;) {
      const change = this.#course.changes[this.#place];
      const limitsFrom = this.#limits[limits]?.at ?? Number.POSITIVE_INFINITY;
      const next = Math.min(change?.at ?? Number.POSITIVE_INFINITY, limitsFrom, due);
      if (next > at) return;
      if (change?.at === next) this.#take(next);
      else if (limitsFrom === next) {
        limits++;
        this.#read(quarterOf(next), next);
      } else {
        this.#read(due);
        due += QUARTER;
      }
    }
  }

  #take(at: number): void {
    this.#place++;
    const { last } = this.#course.after(this.#place);
    this.waves.update(last, at);
    this.#own.update(last, at);
    this.#read(quarterOf(at), at);
  }

  /** The book of the record counts, with what somebody silenced at the bedside; what this one judges fills in. */
  #read(quarter: number, at: number = quarter): void {
    this.#recall(at);
    this.#own.tick(limitsAt(this.#limits, at), quarter);
  }

  #recall(at: number): void {
    const book = this.#alarms?.bookAt(at - 1) ?? null;
    if (book !== null) this.#own.recall(this.#course.after(this.#place).memory.history, book);
  }

  #jump(at: number): void {
    const place = this.#course.placeAt(at);
    this.#restart(place, at);
    this.#place = place;
    const read = this.#alarms?.bookAt(at) ?? null;
    if (read !== null) {
      this.#own.recall(this.#course.after(place).memory.history, read);
      return this.#own.tick(limitsAt(this.#limits, at), quarterOf(at));
    }
    const from = Math.max(this.#course.openedAt, at - LONGEST_DELAY);
    this.#place = this.#course.placeAt(from);
    this.#own.recall(this.#course.after(this.#place).memory.history, NO_ALARMS);
    this.#own.tick(limitsAt(this.#limits, from), quarterOf(from));
    this.#shown = from;
    this.#goOn(at);
  }

  /** New curves, told everything that can still be seen of what led here. */
  #restart(place: number, at: number): void {
    const waves = createWaves(this.#sessionId);
    // Never what stood there before the session opened with its own values: no monitor has shown it.
    const first = Math.min(place, this.#course.placeAt(Math.max(this.#course.openedAt, at - LOOKED_BACK)));
    for (let each = first; each <= place; each++) {
      const state = this.#course.after(each);
      waves.update(state.last, state.at);
    }
    this.waves.exchange(waves);
  }
}
