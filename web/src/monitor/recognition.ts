import { hasBeats, isOn } from "../patient/circulation";
import { piecesUntil, rampEnd, type History, type Stretch } from "../patient/history";
import { valueAt } from "../patient/ramps";
import type { LastValues, Rhythm } from "../wire/types";

/** What a monitor takes the rhythm for. It has to see it for a while, and sees nothing through compressions. */
export type Seen =
  | "organised"
  | "asystole"
  | "ventricular_fibrillation"
  | "ventricular_tachycardia"
  | "ventricular_rhythm";

/** ms: no QRS, fibrillation waves (Edan); and as long after the compressions, whatever it is (docs/clinical.md: 4-5 s). */
const LOOKS = 4_000;
/** Five beats in a row at 100/min and more are a ventricular tachycardia; slower, a ventricular rhythm (Edan, Philips). */
const RUN = 5;
const TACHYCARDIA = 100;

const FIBRILLATION: ReadonlySet<Rhythm> = new Set(["ventricular_fibrillation", "ventricular_fibrillation_fine"]);
const VENTRICULAR: ReadonlySet<Rhythm> = new Set(["ventricular_tachycardia", "torsades", "idioventricular"]);

/** Compressions hide the rhythm, and do for a moment after they have ceased. */
export function isHidden(history: History, now: number): boolean {
  const pieces = piecesUntil(history, now);
  const last = pieces.findLast((piece) => isOn(piece.last, "cpr"));
  const next = last === undefined ? undefined : pieces[pieces.indexOf(last) + 1];
  return last !== undefined && (next === undefined || now - next.since < LOOKS);
}

/** Null while the electrodes are off. What cannot be judged yet is what it was judged to be before. */
export function recognisedAt(history: History, now: number): Seen | null {
  const pieces = piecesUntil(history, now).flatMap((piece, place, all) => byRate(piece, all[place + 1]?.since ?? now));
  const newest = pieces.at(-1);
  if (newest === undefined || isOn(newest.last, "ecg_off")) return null;
  let end = now;
  for (let place = pieces.length - 1; place >= 0; place--) {
    const seen = clearlyIn(pieces[place] as Stretch, end);
    if (seen !== null) {
      while (place > 0 && clearlyIn(pieces[place - 1] as Stretch, (pieces[place] as Stretch).since) === seen) place--;
      const { since, last } = pieces[place] as Stretch;
      const isAfterArtefact = place > 0 && clearlyIn(pieces[place - 1] as Stretch, since) === null;
      if (end - since >= Math.max(isAfterArtefact ? LOOKS : 0, needed(seen, last, end))) return seen;
    }
    end = (pieces[place] as Stretch).since;
  }
  // Opened upon compressions: it was judged before they began.
  return kindOf((pieces[0] as Stretch).last, end === Number.NEGATIVE_INFINITY ? now : end);
}

function clearlyIn(piece: Stretch, at: number): Seen | null {
  return isOn(piece.last, "cpr") || isOn(piece.last, "ecg_off") ? null : kindOf(piece.last, at);
}

function kindOf(last: LastValues, at: number): Seen {
  if (FIBRILLATION.has(last.rhythm)) return "ventricular_fibrillation";
  if (!hasBeats(last, at)) return "asystole";
  if (!VENTRICULAR.has(last.rhythm)) return "organised";
  return valueAt(last, "heart_rate", at) >= TACHYCARDIA ? "ventricular_tachycardia" : "ventricular_rhythm";
}

function needed(seen: Seen, last: LastValues, at: number): number {
  switch (seen) {
    case "organised":
      return 0;
    case "asystole":
    case "ventricular_fibrillation":
      return LOOKS;
    case "ventricular_tachycardia":
    case "ventricular_rhythm":
      return (RUN * 60_000) / Math.max(1, valueAt(last, "heart_rate", at));
  }
}

/** Cut where a ventricular rhythm on the move passes the rate of a tachycardia. */
function byRate(piece: Stretch, end: number): Stretch[] {
  const { heart_rate: to, ramps, rhythm } = piece.last;
  const ramp = ramps.heart_rate;
  if (ramp === undefined || !VENTRICULAR.has(rhythm) || ramp.from >= TACHYCARDIA === to >= TACHYCARDIA) return [piece];
  const left = ((to - TACHYCARDIA) / (to - ramp.from)) * ramp.seconds * 1000;
  const passes = rampEnd(piece.last, "heart_rate") - left;
  return passes > piece.since && passes <= end ? [piece, { since: passes, last: piece.last }] : [piece];
}
