import { batch, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { SIGN_NAMES } from "../patient/signs";
import type { LastValues, Limits } from "../wire/types";
import { judge, NO_ALARMS, silence, silenceLeft, sounding, unsilence, type Alarm, type AlarmBook } from "./alarms";
import { conditionsOf } from "./conditions";
import {
  cuffAt,
  cuffPhase,
  cuffPressure,
  MEASURING_SECONDS,
  restingCuff,
  startCuff,
  stopCuff,
  type Cuff,
  type CuffPhase,
  type CuffReading,
} from "./nibp";
import {
  isOn,
  livePressures,
  NO_PULSE_YET,
  readingsAt,
  watchPulse,
  type PulseMemory,
  type ReadingName,
  type Shown,
} from "./readings";

/** One monitor at one bed: pure rules, and the signals that a screen is made of. Only what changed is told. */
export interface Bedside {
  readonly readings: Record<ReadingName, ReadonlySignal<Shown>>;
  readonly heartRateFrom: ReadonlySignal<"ecg" | "pleth">;
  readonly isCuffResult: ReadonlySignal<boolean>;
  readonly alarms: ReadonlySignal<readonly Alarm[]>;
  readonly sounding: ReadonlySignal<Alarm | null>;
  /** Whole seconds; 0 when nothing is silenced. */
  readonly silenceLeft: ReadonlySignal<number>;
  readonly cuffPhase: ReadonlySignal<CuffPhase>;
  readonly cuffPressure: ReadonlySignal<number>;
  readonly lastCuff: ReadonlySignal<CuffReading | null>;
  readonly hasCuffFailed: ReadonlySignal<boolean>;
  /** Bring everything to `now` (milliseconds of the server's clock). */
  tick(last: LastValues, limits: Limits, now: number): void;
  /** `at` may lie in the past: somebody else has pressed the button. False if one is running already. */
  startCuff(last: LastValues, at: number): boolean;
  stopCuff(): void;
  /** Silence what sounds, or sound again. True if it is silent now. */
  toggleSilence(now: number): boolean;
}

const READING_NAMES: readonly ReadingName[] = [...SIGN_NAMES, "mean", "pulse"];

/** `hasPulse` is that of the waves: number and curve must not tell two stories. */
export function createBedside(
  hasPulse: (last: LastValues, now: number) => boolean,
  cuffBefore: CuffReading | null,
): Bedside {
  let pulse: PulseMemory = NO_PULSE_YET;
  let book: AlarmBook = NO_ALARMS;
  let cuff: Cuff = restingCuff(cuffBefore);

  const readings = Object.fromEntries(READING_NAMES.map((name) => [name, signal<Shown>("none")])) as Record<
    ReadingName,
    Signal<Shown>
  >;
  const heartRateFrom = signal<"ecg" | "pleth">("ecg");
  const isCuffResult = signal(false);
  const alarms = signal<readonly Alarm[]>([]);
  const sounds = signal<Alarm | null>(null);
  const silent = signal(0);
  const phase = signal<CuffPhase>("idle");
  const pressure = signal(0);
  const lastCuff = signal<CuffReading | null>(cuffBefore);
  const hasCuffFailed = signal(false);

  const showAlarms = (now: number) => {
    if (!sameAlarms(alarms.peek(), book.active)) alarms.value = book.active;
    const loud = sounding(book);
    if (sounds.peek()?.id !== loud?.id || sounds.peek()?.raised_at !== loud?.raised_at) sounds.value = loud;
    silent.value = silenceLeft(book, now);
  };
  const showCuff = (now: number) => {
    phase.value = cuffPhase(cuff, now);
    pressure.value = cuffPressure(cuff, now);
    lastCuff.value = cuff.last;
    hasCuffFailed.value = cuff.failed_at !== null;
  };

  return {
    readings,
    heartRateFrom,
    isCuffResult,
    alarms,
    sounding: sounds,
    silenceLeft: silent,
    cuffPhase: phase,
    cuffPressure: pressure,
    lastCuff,
    hasCuffFailed,

    tick(last, limits, now) {
      const isPerfused = hasPulse(last, now);
      pulse = watchPulse(pulse, last, isPerfused, now);
      cuff = cuffAt(cuff, now, (at) => (isOn(last, "nibp_off") ? null : livePressures(last, at, hasPulse(last, at))));
      const read = readingsAt(last, now, isPerfused, pulse, cuff.last);
      book = judge(book, conditionsOf(read, limits, cuff.failed_at !== null), now);
      batch(() => {
        for (const name of READING_NAMES) readings[name].value = read[name];
        heartRateFrom.value = read.heart_rate_from;
        isCuffResult.value = read.is_cuff_result;
        showAlarms(now);
        showCuff(now);
      });
    },
    startCuff(last, at) {
      if (cuff.started_at !== null) return false;
      cuff = startCuff(cuff, at, cuff.last?.systolic ?? last.systolic);
      batch(() => showCuff(at));
      return true;
    },
    stopCuff() {
      cuff = stopCuff(cuff);
      batch(() => showCuff(0));
    },
    toggleSilence(now) {
      if (sounding(book) !== null) book = silence(book, now);
      else book = unsilence(book);
      batch(() => showAlarms(now));
      return book.silenced_until > 0;
    },
  };
}

/** A press this long ago is over: its result is not known here. */
export function isCuffStillOn(startedAt: number, now: number): boolean {
  return now - startedAt < MEASURING_SECONDS * 1000;
}

function sameAlarms(one: readonly Alarm[], other: readonly Alarm[]): boolean {
  if (one.length !== other.length) return false;
  return one.every((alarm, i) => {
    const same = other[i];
    if (alarm.id !== same?.id || alarm.raised_at !== same.raised_at) return false;
    return alarm.passed?.value === same.passed?.value && alarm.passed?.limit === same.passed?.limit;
  });
}
