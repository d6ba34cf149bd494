import { cuffOf, downAt, MEASURING, resultOf, type Cuff, type Pressures } from "../patient/cuff";
import { momentOf } from "../patient/nibp";
import type { LastValues } from "../wire/types";

/** What a monitor shows of the cuff. Pressures in mmHg, moments in milliseconds of the server's clock. */

/** Of each pumping: 16 s up, 1 s held, 13 s down (Gas Notes). */
const INFLATING = 16_000;
const HOLDING = 1_000;
const DEFLATING = MEASURING - INFLATING - HOLDING;

const LOWEST_PEAK = 160;
const HIGHEST_PEAK = 280;
const ABOVE_SYSTOLIC = 35;
/** Having found nothing it pumps once more, higher. */
const SECOND_PEAK = 200;
/** A deflating cuff lets air out in steps, and opens wide when it has heard enough. */
const STEP = 8;
const OPENS_AT = 0.85;
const WIDE_OPEN_BELOW = 40;

export interface CuffReading extends Pressures {
  /** When the cuff was down. */
  at: number;
}

export type CuffPhase = "idle" | "inflating" | "holding" | "deflating";

export interface ShownCuff {
  phase: CuffPhase;
  /** In the cuff, in whole mmHg; 0 at rest. */
  pressure: number;
  /** The last result; it stands, with its time, until the next one. */
  last: CuffReading | null;
  /** The newest measurement is over and has found nothing, and nobody had stopped it. */
  hasFailed: boolean;
  /** Null: it measures by hand only. */
  cycle_minutes: number | null;
}

const NO_CUFF: ShownCuff = { phase: "idle", pressure: 0, last: null, hasFailed: false, cycle_minutes: null };

/** The same on every screen, whenever it was opened: it follows from the state and the time. */
export function cuffAt(last: LastValues, now: number): ShownCuff {
  const cuff = cuffOf(last);
  if (cuff === null) return NO_CUFF;
  const moment = momentOf(last, now);
  const isDown = moment >= downAt(cuff);
  return {
    phase: isDown ? "idle" : phaseAt(cuff, moment),
    pressure: isDown ? 0 : pressureAt(cuff, moment),
    last: readingOf(isDown ? resultOf(cuff) : cuff.before),
    hasFailed: isDown && cuff.found === null && cuff.stopped_at === null,
    cycle_minutes: cuff.cycle_minutes,
  };
}

function readingOf(result: ReturnType<typeof resultOf>): CuffReading | null {
  if (result === null) return null;
  const { started_at, ...pressures } = result;
  return { ...pressures, at: started_at + MEASURING };
}

/** How long it has been pumping this time. A clock may be a little ahead of ours. */
function pumpingFor(cuff: Cuff, moment: number): number {
  return Math.max(0, moment - cuff.started_at) % MEASURING;
}

function phaseAt(cuff: Cuff, moment: number): CuffPhase {
  const pumping = pumpingFor(cuff, moment);
  if (pumping < INFLATING) return "inflating";
  return pumping < INFLATING + HOLDING ? "holding" : "deflating";
}

function pressureAt(cuff: Cuff, moment: number): number {
  const pumping = pumpingFor(cuff, moment);
  const peak = peakAt(cuff, moment);
  if (pumping < INFLATING) return Math.round(peak * (pumping / INFLATING));
  const falling = (pumping - INFLATING - HOLDING) / DEFLATING;
  if (falling <= 0) return peak;
  if (falling > OPENS_AT) return Math.round(WIDE_OPEN_BELOW * (1 - (falling - OPENS_AT) / (1 - OPENS_AT)));
  const smooth = peak - (peak - WIDE_OPEN_BELOW) * (falling / OPENS_AT);
  return Math.ceil(smooth / STEP) * STEP;
}

/** Above what it found the last time; the first time, and of what it is about to find, it knows nothing. */
function peakAt(cuff: Cuff, moment: number): number {
  const known = cuff.before === null ? LOWEST_PEAK : cuff.before.systolic + ABOVE_SYSTOLIC;
  const needed = cuff.found === null ? 0 : cuff.found.systolic + ABOVE_SYSTOLIC;
  const isSecond = moment - cuff.started_at >= MEASURING;
  const peak = Math.max(LOWEST_PEAK, known, needed, isSecond ? SECOND_PEAK : 0);
  return Math.min(HIGHEST_PEAK, peak);
}
