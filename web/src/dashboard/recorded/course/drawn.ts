import { SIGNS } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";
import type { Work } from "../slices";
import { GRID_SECONDS } from "./grid";
import type { Made } from "./made";
import type { PlayedSign } from "./played";
import type { ReadCourse, Series } from "./series";

/** A lane's two curves as paths in a box of STROKES by 100, and the values at its bottom and top. */
export interface DrawnSign {
  name: SignName;
  before: string;
  after: string;
  low: number;
  high: number;
}

/** So many upright strokes are drawn, however many values there are. */
export const STROKES = 600;
const VALUES_A_BIT = 1000;

/** Made beside the case and not while the page is drawn: of a large file it is as much work as the rest. */
export function* drawn({ signs, from, seconds }: Made, { series }: ReadCourse): Work<DrawnSign[]> {
  const lanes: DrawnSign[] = [];
  const perStroke = Math.max(GRID_SECONDS, seconds) / STROKES;
  for (const sign of signs) {
    const [low, high] = rangeOf(sign);
    const y = (value: number) => (100 - ((value - low) / (high - low)) * 100).toFixed(1);
    const before = yield* spreads(sign.name, series[sign.name]!, (at) => Math.round((at - from) / perStroke));
    yield;
    const after = curveOf(sign.shown, GRID_SECONDS / perStroke, y);
    lanes.push({ name: sign.name, before: strokesOf(before, y), after, low, high });
  }
  return lanes;
}

/** The lowest and the highest value of each stroke. */
interface Spreads {
  lows: Float64Array;
  highs: Float64Array;
}

function* spreads(name: SignName, { at, values }: Series, strokeOf: (at: number) => number): Work<Spreads> {
  const lows = new Float64Array(STROKES + 1).fill(Number.NaN);
  const highs = lows.slice();
  const { min, max } = SIGNS[name];
  for (let place = 0; place < at.length; place += 1) {
    if (place % VALUES_A_BIT === 0) yield;
    const value = values[place]!;
    const stroke = strokeOf(at[place]!);
    if (!(stroke >= 0 && stroke <= STROKES) || value < min || value > max) continue;
    if (!(value >= lows[stroke]!)) lows[stroke] = value;
    if (!(value <= highs[stroke]!)) highs[stroke] = value;
  }
  return { lows, highs };
}

function strokesOf({ lows, highs }: Spreads, y: (value: number) => string): string {
  let path = "";
  for (const [stroke, value] of lows.entries())
    if (!Number.isNaN(value)) path += `M${stroke} ${y(value)}L${stroke} ${y(highs[stroke]!)}`;
  return path;
}

/** A point where the value becomes another one, and before it: what stays is a line. */
function curveOf(shown: Float64Array, strokesPerCell: number, y: (value: number) => string): string {
  let [path, isDrawing] = ["", false];
  for (const [cell, value] of shown.entries()) {
    const isCorner = value !== shown[cell - 1] || value !== shown[cell + 1];
    if (Number.isNaN(value)) isDrawing = false;
    else if (isCorner || !isDrawing) {
      path += `${isDrawing ? "L" : "M"}${(cell * strokesPerCell).toFixed(1)} ${y(value)}`;
      isDrawing = true;
    }
  }
  return path;
}

/** Whole numbers around what is shown, never so close that a heartbeat's difference looks like a fall. */
function rangeOf({ name, shown }: PlayedSign): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of shown) if (!Number.isNaN(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low > high) return [SIGNS[name].min, SIGNS[name].max];
  const least = name === "temperature" ? 2 : 20;
  const room = Math.max((high - low) * 0.15, (least - (high - low)) / 2, 0);
  return [Math.max(SIGNS[name].min, Math.floor(low - room)), Math.min(SIGNS[name].max, Math.ceil(high + room))];
}
