import { useMemo } from "preact/hooks";
import { fill, t } from "../../i18n";
import { SIGNS } from "../../patient/signs";
import type { SignName } from "../../wire/types";
import { counting } from "../fmt";
import { GRID_SECONDS } from "./course/grid";
import type { Made } from "./course/made";
import type { PlayedSign } from "./course/played";
import type { ReadCourse, Series } from "./course/series";

const INK: Record<SignName, string> = {
  heart_rate: "--ecg",
  systolic: "--pressure",
  diastolic: "--pressure",
  spo2: "--pleth",
  respiratory_rate: "--resp",
  etco2: "--co2",
  temperature: "--temperature",
};
/** So many upright strokes are drawn of what was recorded, however many values there are. */
const STROKES = 600;
const TICKS = 4;

/** Each sign in a lane of its own on one axis of time: what was recorded in grey, what the case shows over it. */
export function RecordedLanes(props: { made: Made; read: ReadCourse }) {
  const { made, read } = props;
  const { from } = made;
  const texts = t.value.recorded;
  const seconds = Math.max(GRID_SECONDS, made.seconds);
  return (
    <div class="db-recorded-lanes">
      <p class="db-recorded-legend" aria-hidden="true">
        <span data-line="before">{texts.before}</span>
        <span data-line="after">{texts.after}</span>
      </p>
      {made.signs.map((sign) => (
        <RecordedLane key={sign.name} sign={sign} series={read.series[sign.name]!} from={from} seconds={seconds} />
      ))}
      <div class="db-recorded-axis" aria-hidden="true">
        {Array.from({ length: TICKS + 1 }, (_, tick) => (
          <span key={tick}>{counting((seconds * tick) / TICKS)}</span>
        ))}
      </div>
    </div>
  );
}

function RecordedLane(props: { sign: PlayedSign; series: Series; from: number; seconds: number }) {
  const { sign, series, from, seconds } = props;
  const { name, shown } = sign;
  const drawn = useMemo(() => drawnOf(sign, series, from, seconds), [shown, series, from, seconds]);
  const named = t.value.common.signs[name];
  return (
    <div class="db-recorded-lane" style={{ "--db-ink": `var(${INK[name]})` }}>
      <span class="db-recorded-lane-name">
        {t.value.dashboard.signs.short[name]} <small>{SIGNS[name].unit}</small>
        <small class="db-recorded-lane-range">
          {drawn.low}–{drawn.high}
        </small>
      </span>
      <svg
        viewBox={`0 0 ${STROKES} 100`}
        preserveAspectRatio="none"
        role="img"
        aria-label={fill(t.value.recorded.lane, { sign: named })}
        focusable="false"
      >
        <path class="db-recorded-before" d={drawn.before} />
        <path class="db-recorded-after" d={drawn.after} />
      </svg>
    </div>
  );
}

interface Drawn {
  before: string;
  after: string;
  low: number;
  high: number;
}

function drawnOf({ name, shown }: PlayedSign, { at, values }: Series, from: number, seconds: number): Drawn {
  const [low, high] = rangeOf(name, shown);
  const y = (value: number) => (100 - ((value - low) / (high - low)) * 100).toFixed(1);
  const lows = new Float64Array(STROKES + 1).fill(Number.NaN);
  const highs = lows.slice();
  const { min, max } = SIGNS[name];
  for (let place = 0; place < at.length; place += 1) {
    const value = values[place]!;
    const stroke = Math.round(((at[place]! - from) / seconds) * STROKES);
    if (!(stroke >= 0 && stroke <= STROKES) || value < min || value > max) continue;
    lows[stroke] = Number.isNaN(lows[stroke]!) ? value : Math.min(lows[stroke]!, value);
    highs[stroke] = Number.isNaN(highs[stroke]!) ? value : Math.max(highs[stroke]!, value);
  }
  let [before, after, isDrawing] = ["", "", false];
  for (const [stroke, value] of lows.entries()) if (!Number.isNaN(value)) before += `M${stroke} ${y(value)}L${stroke} ${y(highs[stroke]!)}`;
  for (const [cell, value] of shown.entries()) {
    const x = (((cell * GRID_SECONDS) / seconds) * STROKES).toFixed(1);
    if (!Number.isNaN(value)) after += `${isDrawing ? "L" : "M"}${x} ${y(value)}`;
    isDrawing = !Number.isNaN(value);
  }
  return { before, after, low, high };
}

/** Whole numbers around what is shown, never so close that a heartbeat's difference looks like a fall. */
function rangeOf(name: SignName, shown: Float64Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of shown) if (!Number.isNaN(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const least = name === "temperature" ? 2 : 20;
  const room = Math.max((high - low) * 0.15, (least - (high - low)) / 2, 0);
  return [Math.max(SIGNS[name].min, Math.floor(low - room)), Math.min(SIGNS[name].max, Math.ceil(high + room))];
}
