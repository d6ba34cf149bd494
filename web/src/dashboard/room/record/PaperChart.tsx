import { t } from "../../../i18n";
import type { SignName } from "../../../wire/types";
import { clockTime, minuteTime } from "../../fmt";
import { CURVES, type Marker } from "./chart";
import type { Track } from "./track";

/** On paper there is no colour and no pointer: three strips, one below the other, over one axis of time. */
const STRIPS: readonly (readonly SignName[])[] = [
  ["heart_rate", "spo2"],
  ["systolic", "diastolic"],
  ["respiratory_rate", "etco2"],
];

/** Of the drawing's own units; it is as wide as the page. */
const WIDTH = 1000;
const LEFT = 46;
const RIGHT = 8;
const MARKS = 18;
const STRIP = 150;
const LEGEND = 28;
const AXIS = 24;
/** Seconds between two times below the chart. */
const STEPS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const MOST_TIMES = 9;

export function PaperChart(props: { track: Track; markers: readonly Marker[]; label: string }) {
  const { xs } = props.track;
  const [from, until] = [xs[0] ?? 0, xs.at(-1) ?? 1];
  const x = (at: number) => LEFT + ((at - from) / Math.max(1, until - from)) * (WIDTH - LEFT - RIGHT);
  const bottom = MARKS + STRIPS.length * (LEGEND + STRIP);
  const times = timesBetween(from, until);
  const isFine = (times[1] ?? until) - (times[0] ?? from) < 60;
  return (
    <svg class="db-paper-chart" viewBox={`0 0 ${WIDTH} ${bottom + AXIS}`} role="img" aria-label={props.label}>
      {times.map((at) => (
        <g key={at}>
          <path class="db-paper-grid" d={`M${x(at)} ${MARKS}V${bottom}`} />
          <text x={x(at)} y={bottom + 17} text-anchor="middle">
            {isFine ? clockTime(at * 1000) : minuteTime(at * 1000)}
          </text>
        </g>
      ))}
      {props.markers
        .filter(({ at, kind }) => kind !== "push" && at / 1000 >= from && at / 1000 <= until)
        .map((marker, place) => (
          <g key={place} transform={`translate(${x(marker.at / 1000)} 0)`}>
            <path class="db-paper-mark" d={`M0 ${MARKS}V${bottom}`} />
            <path d={SHAPES[marker.kind]} />
          </g>
        ))}
      {STRIPS.map((names, place) => (
        <Strip key={place} names={names} top={MARKS + place * (LEGEND + STRIP)} track={props.track} x={x} />
      ))}
    </svg>
  );
}

function Strip(props: { names: readonly SignName[]; top: number; track: Track; x: (at: number) => number }) {
  const { names, track, x } = props;
  const top = props.top + LEGEND;
  const highest = Math.max(1, ...names.flatMap((name) => track.values[name].map((value) => value ?? 0)));
  const step = [10, 25, 50, 100].find((one) => highest / one <= 4) ?? 100;
  const most = Math.ceil(highest / step) * step;
  const y = (value: number) => top + STRIP * (1 - value / most);
  const levels = Array.from({ length: most / step + 1 }, (_, count) => count * step);
  return (
    <g>
      {names.map((name, place) => (
        <g key={name} transform={`translate(${LEFT + 12 + place * 150} ${props.top + 14})`}>
          <Stroke name={name} d="M0 0h34" />
          <text x="40" y="4">
            {t.value.dashboard.signs.short[name]}
          </text>
        </g>
      ))}
      {levels.map((level) => (
        <g key={level}>
          <path class="db-paper-grid" d={`M${LEFT} ${y(level)}H${WIDTH - RIGHT}`} />
          <text x={LEFT - 6} y={y(level) + 4} text-anchor="end">
            {level}
          </text>
        </g>
      ))}
      {names.map((name) => (
        <Stroke key={name} name={name} d={lineOf(track.xs, track.values[name], x, y)} />
      ))}
    </g>
  );
}

function Stroke(props: { name: SignName; d: string }) {
  const curve = CURVES.find((one) => one.name === props.name);
  return <path class="db-paper-curve" d={props.d} stroke-width={curve?.width} stroke-dasharray={curve?.dash.join(" ")} />;
}

/** A gap where no number was shown. */
function lineOf(
  xs: readonly number[],
  values: readonly (number | null)[],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let isDown = false;
  return xs
    .map((at, place) => {
      const value = values[place] ?? null;
      const point = value === null ? "" : `${isDown ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      isDown = value !== null;
      return point;
    })
    .join("");
}

/** Whole minutes of the clock on the wall, as far as its zone goes by minutes. */
function timesBetween(from: number, until: number): number[] {
  const step = STEPS.find((one) => (until - from) / one <= MOST_TIMES) ?? Math.ceil((until - from) / MOST_TIMES / 3600) * 3600;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((until - first) / step) + 1) }, (_, count) => first + count * step);
}

/** At the top of the chart, as on the screen. */
const SHAPES: Record<Exclude<Marker["kind"], "push">, string> & { push: string } = {
  note: "M-6 4H6L0 15z",
  action: "M0 4a5.5 5.5 0 100 11A5.5 5.5 0 000 4z",
  case: "M-5.5 4h11v11h-11z",
  lifecycle: "M-5.5 4h11v11h-11z",
  push: "",
};
