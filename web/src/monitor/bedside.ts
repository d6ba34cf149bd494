import { batch, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { SIGN_NAMES } from "../patient/signs";
import type { LastValues, Limits } from "../wire/types";
import { NO_HISTORY, withStretch, type History } from "../patient/history";
import type { Waves } from "../waves";
import { hasEnded, NO_ALARMS, silenceLeft, sounding, type Alarm, type AlarmBook } from "./alarms";
import { afterSilenceKey, judgedAt, renewedEverySecond } from "./judging";
import type { CuffPhase, CuffReading, ShownCuff } from "./nibp";
import type { ReadingName, Shown } from "./readings";

/** One monitor at one bed: pure rules, and the signals that a screen is made of. Only what changed is told. */
export interface Bedside {
  readonly readings: Record<ReadingName, ReadonlySignal<Shown>>;
  readonly heartRateFrom: ReadonlySignal<"ecg" | "pleth">;
  /** Compressions hide the ECG. */
  readonly isArtefact: ReadonlySignal<boolean>;
  /** The saturation is that of before the pulse was lost. */
  readonly isSaturationOld: ReadonlySignal<boolean>;
  readonly alarms: ReadonlySignal<readonly Alarm[]>;
  readonly sounding: ReadonlySignal<Alarm | null>;
  /** Alarms that have ended and that nobody has taken note of. */
  readonly hasEnded: ReadonlySignal<boolean>;
  /** Whole seconds; 0 when nothing is silenced, or something sounds in spite of it. */
  readonly silenceLeft: ReadonlySignal<number>;
  readonly cuffPhase: ReadonlySignal<CuffPhase>;
  readonly cuffPressure: ReadonlySignal<number>;
  readonly lastCuff: ReadonlySignal<CuffReading | null>;
  readonly hasCuffFailed: ReadonlySignal<boolean>;
  /** Null: it measures by hand only. */
  readonly cuffCycle: ReadonlySignal<number | null>;
  /** From `at` on (milliseconds of the server's clock) `last` holds. Call it before the first tick. */
  update(last: LastValues, at: number): void;
  /** Bring everything to `now`. */
  tick(limits: Limits, now: number): void;
  /** Silence what sounds, take note of what has ended, or else sound again. True unless it sounds again. */
  toggleSilence(now: number): boolean;
  /** It has seen that, and told these alarms: of a replay that has jumped. A tick shows it. */
  recall(seen: History, told: AlarmBook): void;
}

const READING_NAMES: readonly ReadingName[] = [...SIGN_NAMES, "mean", "pulse"];

export interface BedsideSetting {
  /** The session's, as of its waves. */
  seed: number;
  /** Whether somebody can take note of an alarm here; else what has ended is gone. */
  latches: boolean;
}

/** `waves` are those that are drawn. */
export function createBedside(waves: Waves, setting: BedsideSetting): Bedside {
  const { seed, latches } = setting;
  const measured = renewedEverySecond(waves);
  let history: History = NO_HISTORY;
  let book: AlarmBook = NO_ALARMS;

  const readings = Object.fromEntries(READING_NAMES.map((name) => [name, signal<Shown>("none")])) as Record<
    ReadingName,
    Signal<Shown>
  >;
  const heartRateFrom = signal<"ecg" | "pleth">("ecg");
  const isArtefact = signal(false);
  const isSaturationOld = signal(false);
  const alarms = signal<readonly Alarm[]>([]);
  const sounds = signal<Alarm | null>(null);
  const ended = signal(false);
  const silent = signal(0);
  const phase = signal<CuffPhase>("idle");
  const pressure = signal(0);
  const lastCuff = signal<CuffReading | null>(null);
  const hasCuffFailed = signal(false);
  const cuffCycle = signal<number | null>(null);

  const showAlarms = (now: number) => {
    if (!sameAlarms(alarms.peek(), book.active)) alarms.value = book.active;
    const loud = sounding(book);
    if (sounds.peek()?.id !== loud?.id || sounds.peek()?.raised_at !== loud?.raised_at) sounds.value = loud;
    ended.value = hasEnded(book);
    silent.value = silenceLeft(book, now);
  };
  const showCuff = (shown: ShownCuff) => {
    phase.value = shown.phase;
    pressure.value = shown.pressure;
    if (lastCuff.peek()?.at !== shown.last?.at) lastCuff.value = shown.last;
    hasCuffFailed.value = shown.hasFailed;
    cuffCycle.value = shown.cycle_minutes;
  };

  return {
    readings,
    heartRateFrom,
    isArtefact,
    isSaturationOld,
    alarms,
    sounding: sounds,
    hasEnded: ended,
    silenceLeft: silent,
    cuffPhase: phase,
    cuffPressure: pressure,
    lastCuff,
    hasCuffFailed,
    cuffCycle,

    update(last, at) {
      history = withStretch(history, last, at);
    },
    tick(limits, now) {
      const look = judgedAt(history, book, now, measured, { seed, limits, latches });
      const { read, cuff } = look;
      book = look.book;
      batch(() => {
        for (const name of READING_NAMES) readings[name].value = read[name];
        heartRateFrom.value = read.heart_rate_from;
        isArtefact.value = read.is_artefact;
        isSaturationOld.value = read.is_saturation_old;
        showAlarms(now);
        showCuff(cuff);
      });
    },
    toggleSilence(now) {
      const after = afterSilenceKey(book, now);
      book = after.book;
      batch(() => showAlarms(now));
      return after.isTaken;
    },
    recall(seen, told) {
      history = seen;
      book = told;
    },
  };
}

function sameAlarms(one: readonly Alarm[], other: readonly Alarm[]): boolean {
  if (one.length !== other.length) return false;
  return one.every((alarm, i) => {
    const same = other[i];
    if (alarm.id !== same?.id || alarm.raised_at !== same.raised_at || alarm.ended_at !== same.ended_at) return false;
    return alarm.passed?.value === same.passed?.value && alarm.passed?.limit === same.passed?.limit;
  });
}
