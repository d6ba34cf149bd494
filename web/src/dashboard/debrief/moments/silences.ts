import type { Rhythm } from "../../../wire/types";
import type { RecordBands } from "../chart/spans";
import { caseSeconds } from "./caseSeconds";

/** Without a pulse in them; asystole and PEA never are: as the server has it (`arrests.py`). */
const SHOCKABLE: ReadonlySet<Rhythm> = new Set([
  "ventricular_fibrillation", "ventricular_fibrillation_fine", "ventricular_tachycardia", "torsades",
]); // prettier-ignore

const LONG_SECONDS = 60;

/** Something that was done; `seq` says what came first of one millisecond. */
export interface Done {
  at: number;
  seq: number;
}

/** `until`: when it was over; null where it cannot be told. */
export interface Critical extends Done {
  what: "arrest" | "news2_7";
  until: number | null;
}

/** `seconds`: how long it was until something was done; null: nothing was. */
export interface Silence {
  after: Critical;
  seconds: number | null;
}

/** Where for a minute of the case nothing was done about something critical; `done` in order. As the server finds it. */
export function silencesAfter(criticals: readonly Critical[], done: readonly Done[], bands: RecordBands, until: number): Silence[] {
  return criticals.flatMap((after): Silence[] => {
    const over = Math.min(after.until ?? until, until);
    if (caseSeconds(after.at, over, bands.paused) < LONG_SECONDS) return [];
    // What a marker led to in its own millisecond came after it.
    const first = done.find(({ at, seq }) => at > after.at || (at === after.at && seq >= after.seq));
    const seconds = first === undefined ? null : caseSeconds(after.at, first.at, bands.paused);
    return seconds === null || seconds > LONG_SECONDS ? [{ after, seconds }] : [];
  });
}

/** When, without a pulse, the chest was pressed: as that began, and with each rhythm that is treated otherwise. */
export function pressedAt({ pulseless, compressions, rhythms }: RecordBands): number[] {
  return pulseless.flatMap((arrest) =>
    compressions
      .filter(({ from, until }) => from < arrest.until && until > arrest.from)
      .flatMap((pressing) => {
        const [from, until] = [Math.max(arrest.from, pressing.from), Math.min(arrest.until, pressing.until)];
        const turns = rhythms.filter((one, place) => one.from > from && one.from < until && isTurn(rhythms[place - 1]?.is, one.is));
        return [from, ...turns.map((one) => one.from)];
      }),
  );
}

function isTurn(before: Rhythm | undefined, after: Rhythm): boolean {
  return before !== undefined && SHOCKABLE.has(before) !== SHOCKABLE.has(after);
}
