import { judge, NO_ALARMS, silence, type Alarm, type AlarmBook } from "../../src/monitor/alarms";
import { conditionsOf } from "../../src/monitor/conditions";
import type { CuffReading } from "../../src/monitor/nibp";
import { readingsAt, type Readings } from "../../src/monitor/readings";
import { NO_HISTORY, withStretch, type History } from "../../src/patient/history";
import { ADULT_LIMITS, SIGN_NAMES } from "../../src/patient/signs";
import { createWaves, seedOf, type Waves } from "../../src/waves";
import type { LastValues, Limits, SignName } from "../../src/wire/types";
import { seconds } from "./patient";

const SESSION = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

/** One monitor without a screen: it is told states, and looked at four times a second as the screen does. */
export class Bed {
  history: History = NO_HISTORY;
  book: AlarmBook = NO_ALARMS;
  limits: Limits = ADULT_LIMITS;
  cuff: CuffReading | null = null;
  readonly waves: Waves = createWaves(SESSION);
  #at: number;
  #last: LastValues | null = null;

  /** Seconds after NOW. */
  constructor(from = 0) {
    this.#at = from;
  }

  get now(): number {
    return seconds(this.#at);
  }

  /** Those that last; then those that have ended. */
  get ids(): string[] {
    return this.book.active.filter((alarm) => alarm.ended_at === null).map((alarm) => alarm.id);
  }

  get ended(): string[] {
    return this.book.active.filter((alarm) => alarm.ended_at !== null).map((alarm) => alarm.id);
  }

  get first(): Alarm | undefined {
    return this.book.active[0];
  }

  tell(last: LastValues, at = this.now): this {
    if (last === this.#last) return this;
    this.#last = last;
    this.waves.update(last, at);
    this.history = withStretch(this.history, last, at);
    return this;
  }

  /** No number wanders: it has just been set. */
  still(): this {
    const steadySince = Object.fromEntries(SIGN_NAMES.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<SignName, number>;
    this.history = { ...this.history, steadySince };
    return this;
  }

  read(now = this.now): Readings {
    const { limits, cuff } = this;
    return readingsAt(this.history, now, this.waves, { seed: seedOf(SESSION), limits, cuff });
  }

  play(length: number, last: LastValues): this {
    this.tell(last);
    const end = this.#at + length;
    for (; this.#at <= end; this.#at += 0.25) {
      if (this.#last !== last) this.tell(last);
      this.book = judge(this.book, conditionsOf(this.read(), this.limits, false), this.now);
    }
    return this;
  }

  silence(): this {
    this.book = silence(this.book, this.now);
    return this;
  }
}

/** What a screen shows that has always known `last`. */
export function shown(last: LastValues, cuff: CuffReading | null = null): Readings {
  const bed = new Bed();
  bed.cuff = cuff;
  return bed.tell(last).still().read();
}
