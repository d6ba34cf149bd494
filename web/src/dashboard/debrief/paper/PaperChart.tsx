import { trainerTexts as t } from "../../../i18n/trainers";
import type { SignName } from "../../../wire/types";
import { clockTime, minuteTime } from "../../fmt";
import { CURVES } from "../../room/record/curves";
import type { Track } from "../../room/record/track";
import { stagger, type PaperCourse, type PaperMark } from "./sheetData";

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
/** Above the strips: the numbers of what happened, in lines one above the other, and a shape for each. */
const NUMBER_LINES = 3;
const NUMBER_LINE = 15;
const NUMBER_WIDTH = 24;
const SHAPE = 18;
const MARKS = NUMBER_LINES * NUMBER_LINE + SHAPE;
const STRIP = 86;
const LEGEND = 26;
const AXIS = 24;
/** Seconds between two times below the chart. */
const STEPS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const MOST_TIMES = 9;
/** Half the width of a time: the last one does not stand out of the page. */
const HALF_TIME = 22;
const HALF_FINE_TIME = 34;

export interface ArrestSpan {
  from: number;
  until: number;
}

export function PaperChart(props: { course: PaperCourse; arrests: readonly ArrestSpan[]; label: string }) {
  const { track, marks } = props.course;
  const { xs } = track;
  const [from, until] = [xs[0] ?? 0, xs.at(-1) ?? 1];
  const x = (at: number) => LEFT + ((at - from) / Math.max(1, until - from)) * (WIDTH - LEFT - RIGHT);
  const bottom = MARKS + STRIPS.length * (LEGEND + STRIP);
  const times = timesBetween(from, until);
  const isFine = (times[1] ?? until) - (times[0] ?? from) < 60;
  const within = marks.filter(({ at }) => at / 1000 >= from && at / 1000 <= until);
  return (
    <svg class="db-paper-chart" viewBox={`0 0 ${WIDTH} ${bottom + AXIS}`} role="img" aria-label={props.label}>
      <defs>
        <pattern id="paper-arrest" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path class="db-paper-hatch" d="M0 0V9" />
        </pattern>
      </defs>
      {props.arrests.map(({ from: onset, until: end }) => (
        <rect
          key={onset}
          class="db-paper-arrest"
          x={x(onset / 1000)}
          y={MARKS}
          width={Math.max(1, x(end / 1000) - x(onset / 1000))}
          height={bottom - MARKS}
          fill="url(#paper-arrest)"
        />
      ))}
      {times.map((at) => (
        <g key={at}>
          <path class="db-paper-grid" d={`M${x(at)} ${MARKS}V${bottom}`} />
          <text x={Math.min(x(at), WIDTH - (isFine ? HALF_FINE_TIME : HALF_TIME))} y={bottom + 18} text-anchor="middle">
            {isFine ? clockTime(at * 1000) : minuteTime(at * 1000)}
          </text>
        </g>
      ))}
      {within.map((mark, place) => (
        <g key={place} transform={`translate(${x(mark.at / 1000)} ${MARKS - SHAPE})`}>
          <path class="db-paper-mark" d={`M0 ${SHAPE}V${bottom - MARKS + SHAPE}`} />
          <path d={SHAPES[mark.kind]} />
        </g>
      ))}
      <Numbers marks={within} x={x} />
      {STRIPS.map((names, place) => (
        <Strip key={place} names={names} top={MARKS + place * (LEGEND + STRIP)} track={track} x={x} />
      ))}
    </svg>
  );
}

/** Of their rows in the record; where many happen at once, those that find no room are told by their times. */
function Numbers(props: { marks: readonly PaperMark[]; x: (at: number) => number }) {
  const numbered = props.marks.filter(({ number }) => number !== null).sort((a, b) => a.at - b.at);
  const places = numbered.map(({ at }) => props.x(at / 1000));
  return (
    <g>
      {stagger(places, NUMBER_WIDTH, NUMBER_LINES).map((line, place) =>
        line === null ? null : (
          <text key={place} x={places[place]} y={(NUMBER_LINES - line) * NUMBER_LINE - 2} text-anchor="middle">
            {numbered[place]?.number}
          </text>
        ),
      )}
    </g>
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
const SHAPES: Record<PaperMark["kind"], string> = {
  note: "M-6 4H6L0 15z",
  action: "M0 4a5.5 5.5 0 100 11A5.5 5.5 0 000 4z",
  case: "M-5.5 4h11v11h-11z",
  lifecycle: "M-5.5 4h11v11h-11z",
};
