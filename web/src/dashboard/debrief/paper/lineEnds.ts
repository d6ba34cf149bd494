import { placeAt } from "../../room/record/placeAt";
import type { SignName } from "../../../wire/types";
import type { Track } from "../../room/record/track";
import type { LaneData, TruePath } from "../chart/lanes";

/** A line of a lane that is named at its end, so that in grey it is told from the others; `value` is its last one. */
export interface LineEnd {
  sign: SignName;
  /** Shown by the monitors, or the patient's own. */
  whose: "monitor" | "patient";
  value: number;
}

/** Of a lane's height: what lies closer is one line on paper. */
const ONE_LINE = 0.05;

/** Of a lane that has a single line, which is what was shown, its name at the left says enough. */
export function lineEnds(lane: LaneData, track: Track): LineEnd[] {
  const ends = lane.signs.flatMap((sign): LineEnd[] => {
    const shown = track.values[sign].findLast((value) => value !== null) ?? null;
    const own = lane.truth[sign] ?? { xs: [], values: [] };
    const last = isApart(own, track, sign, ONE_LINE * (lane.high - lane.low)) ? own.values.at(-1) : undefined;
    return [
      ...(shown === null ? [] : [{ sign, whose: "monitor" as const, value: shown }]),
      ...(last === undefined ? [] : [{ sign, whose: "patient" as const, value: last }]),
    ];
  });
  return ends.length === 1 && ends[0]?.whose === "monitor" ? [] : ends;
}

/** Whether at some moment the patient's own value is seen beside what was shown. */
function isApart(own: TruePath, track: Track, sign: SignName, least: number): boolean {
  return track.values[sign].some((shown, place) => {
    const was = valueOf(own, track.xs[place] ?? 0);
    return was !== null && (shown === null || Math.abs(was - shown) > least);
  });
}

function valueOf({ xs, values }: TruePath, at: number): number | null {
  const next = placeAt(xs, at, (one) => one);
  const [before, after] = [values[next - 1], values[next]];
  if (before === undefined || after === undefined) return before ?? null;
  const [from, until] = [xs[next - 1] as number, xs[next] as number];
  return before + ((after - before) * (at - from)) / (until - from);
}

/** As near to where they are wanted as they can stand from `low` to `high` without covering each other. */
export function spread(wanted: readonly number[], apart: number, low: number, high: number): number[] {
  const order = wanted.map((_, place) => place).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  const places = [...wanted];
  let least = low;
  for (const place of order) {
    places[place] = Math.max(least, wanted[place] as number);
    least = (places[place] as number) + apart;
  }
  let most = high;
  for (const place of order.reverse()) {
    places[place] = Math.min(most, places[place] as number);
    most = (places[place] as number) - apart;
  }
  return places;
}
