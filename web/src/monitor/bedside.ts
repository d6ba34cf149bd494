import { batch, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { isOn } from "../patient/circulation";
import { SIGN_NAMES } from "../patient/signs";
import type { LastValues, Limits } from "../wire/types";
import { NO_HISTORY, present, withStretch, type History } from "../patient/history";
import type { Waves } from "../waves";
import {
  hasEnded,
  judge,
  NO_ALARMS,
  silence,
  silenceLeft,
  sounding,
  unsilence,
  withoutEnded,
  type Alarm,
  type AlarmBook,
} from "./alarms";
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
import { livePressures, readingsAt, type Measured, type ReadingName, type Shown } from "./readings";

/** One monitor at one bed: pure rules, and the signals that a screen is made of. Only what changed is told. */
export interface Bedside {
  readonly readings: Record<ReadingName, ReadonlySignal<Shown>>;
  readonly heartRateFrom: ReadonlySignal<"ecg" | "pleth">;
  /** Compressions hide the ECG. */
  readonly isArtefact: ReadonlySignal<boolean>;
  /** The saturation is that of before the pulse was lost. */
  readonly isSaturationOld: ReadonlySignal<boolean>;
  readonly isCuffResult: ReadonlySignal<boolean>;
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
  /** From `at` on (milliseconds of the server's clock) `last` holds. Call it before the first tick. */
  update(last: LastValues, at: number): void;
  /** Bring everything to `now`. */
  tick(limits: Limits, now: number): void;
  /** `at` may lie in the past: somebody else has pressed the button. False if one is running already. */
  startCuff(at: number): boolean;
  stopCuff(): void;
  /** Silence what sounds, take note of what has ended, or else sound again. True unless it sounds again. */
  toggleSilence(now: number): boolean;
}

const READING_NAMES: readonly ReadingName[] = [...SIGN_NAMES, "mean", "pulse"];

export interface BedsideSetting {
  /** The session's, as of its waves. */
  seed: number;
  /** From before this screen was opened. */
  cuffBefore: CuffReading | null;
  /** Whether somebody can take note of an alarm here; else what has ended is gone. */
  latches: boolean;
}

/** `waves` are those that are drawn. */
export function createBedside(waves: Waves, setting: BedsideSetting): Bedside {
  const { seed, cuffBefore, latches } = setting;
  const measured = renewedEverySecond(waves);
  let history: History = NO_HISTORY;
  let book: AlarmBook = NO_ALARMS;
  let cuff: Cuff = restingCuff(cuffBefore);

  const readings = Object.fromEntries(READING_NAMES.map((name) => [name, signal<Shown>("none")])) as Record<
    ReadingName,
    Signal<Shown>
  >;
  const heartRateFrom = signal<"ecg" | "pleth">("ecg");
  const isArtefact = signal(false);
  const isSaturationOld = signal(false);
  const isCuffResult = signal(false);
  const alarms = signal<readonly Alarm[]>([]);
  const sounds = signal<Alarm | null>(null);
  const ended = signal(false);
  const silent = signal(0);
  const phase = signal<CuffPhase>("idle");
  const pressure = signal(0);
  const lastCuff = signal<CuffReading | null>(cuffBefore);
  const hasCuffFailed = signal(false);

  const showAlarms = (now: number) => {
    if (!sameAlarms(alarms.peek(), book.active)) alarms.value = book.active;
    const loud = sounding(book);
    if (sounds.peek()?.id !== loud?.id || sounds.peek()?.raised_at !== loud?.raised_at) sounds.value = loud;
    ended.value = hasEnded(book);
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
    isArtefact,
    isSaturationOld,
    isCuffResult,
    alarms,
    sounding: sounds,
    hasEnded: ended,
    silenceLeft: silent,
    cuffPhase: phase,
    cuffPressure: pressure,
    lastCuff,
    hasCuffFailed,

    update(last, at) {
      history = withStretch(history, last, at);
    },
    tick(limits, now) {
      const last = present(history);
      cuff = cuffAt(cuff, now, (at) => (isOn(last, "nibp_off") ? null : livePressures(last, at)));
      const read = readingsAt(history, now, measured, { seed, limits, cuff: cuff.last });
      book = judge(book, conditionsOf(read, limits, cuff.failed_at !== null), now);
      if (!latches) book = withoutEnded(book);
      batch(() => {
        for (const name of READING_NAMES) readings[name].value = read[name];
        heartRateFrom.value = read.heart_rate_from;
        isArtefact.value = read.is_artefact;
        isSaturationOld.value = read.is_saturation_old;
        isCuffResult.value = read.is_cuff_result;
        showAlarms(now);
        showCuff(now);
      });
    },
    startCuff(at) {
      if (cuff.started_at !== null) return false;
      cuff = startCuff(cuff, at, cuff.last?.systolic ?? present(history).systolic);
      batch(() => showCuff(at));
      return true;
    },
    stopCuff() {
      cuff = stopCuff(cuff);
      batch(() => showCuff(0));
    },
    toggleSilence(now) {
      const isLoud = sounding(book) !== null;
      const isNoted = !isLoud && hasEnded(book);
      if (isLoud) book = silence(book, now);
      else book = isNoted ? withoutEnded(book) : unsilence(book);
      batch(() => showAlarms(now));
      return isLoud || isNoted;
    },
  };
}

/** A number of the curve is renewed once a second, on all screens at once; and at once when the patient changes. */
function renewedEverySecond(waves: Waves): Measured {
  let [second, version, highest] = [Number.NaN, -1, 0];
  return {
    lastBreathAt: waves.lastBreathAt,
    pulsesPerBeatAt: waves.pulsesPerBeatAt,
    endTidalAt(now) {
      const whole = Math.floor(now / 1000) * 1000;
      if (whole !== second || version !== waves.version) highest = waves.endTidalAt(whole);
      [second, version] = [whole, waves.version];
      return highest;
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
    if (alarm.id !== same?.id || alarm.raised_at !== same.raised_at || alarm.ended_at !== same.ended_at) return false;
    return alarm.passed?.value === same.passed?.value && alarm.passed?.limit === same.passed?.limit;
  });
}
