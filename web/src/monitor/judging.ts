import { present, type History } from "../patient/history";
import type { Waves } from "../waves";
import type { Limits } from "../wire/types";
import { hasEnded, judge, silence, sounding, unsilence, withoutEnded, type AlarmBook } from "./alarms";
import { conditionsOf } from "./conditions";
import { cuffAt, type ShownCuff } from "./nibp";
import { readingsAt, type Measured, type Readings } from "./readings";

/**
 * One look of a monitor at its patient, as a pure step: what it reads, and what it makes of it. A bedside takes one with
 * every tick; whoever reads a record afterwards takes the same ones, and is told the same alarms.
 */

/** ms: numbers and alarms move four times a second, at the quarters of the server's seconds, on all screens together. */
export const QUARTER = 250;

export function quarterOf(moment: number): number {
  return Math.floor(moment / QUARTER) * QUARTER;
}

export interface Judged {
  read: Readings;
  cuff: ShownCuff;
  book: AlarmBook;
}

export interface JudgeSetting {
  /** The session's, as of its waves. */
  seed: number;
  limits: Limits;
  /** Whether somebody can take note of an alarm here; else what has ended is gone. */
  latches: boolean;
}

export function judgedAt(history: History, before: AlarmBook, now: number, measured: Measured, setting: JudgeSetting): Judged {
  const { seed, limits, latches } = setting;
  const cuff = cuffAt(present(history), now);
  const read = readingsAt(history, now, measured, { seed, limits, cuff: cuff.last });
  const book = judge(before, conditionsOf(read, limits, cuff.hasFailed), now);
  return { read, cuff, book: latches ? book : withoutEnded(book) };
}

/** Whoever presses the key silences what sounds, or takes note of what has ended, or else lets it sound again. */
export function afterSilenceKey(book: AlarmBook, now: number): { book: AlarmBook; isTaken: boolean } {
  if (sounding(book) !== null) return { book: silence(book, now), isTaken: true };
  if (hasEnded(book)) return { book: withoutEnded(book), isTaken: true };
  return { book: unsilence(book), isTaken: false };
}

/** A number of the curve is renewed once a second, on all screens at once; and at once when the patient changes. */
export function renewedEverySecond(waves: Waves): Measured {
  let [second, version, highest] = [Number.NaN, -1, 0];
  return {
    lastBreathAt: (now) => waves.lastBreathAt(now),
    pulsesPerBeatAt: (now, from) => waves.pulsesPerBeatAt(now, from),
    endTidalAt(now) {
      const whole = Math.floor(now / 1000) * 1000;
      if (whole !== second || version !== waves.version) highest = waves.endTidalAt(whole);
      [second, version] = [whole, waves.version];
      return highest;
    },
  };
}
