import { trainerTexts as t } from "../../../i18n/trainers";
import { clockTime, minuteTime } from "../../fmt";
import type { LaneData } from "../chart/lanes";
import { linePath } from "../chart/layout";
import { news2Words, type News2Step } from "../chart/news2Steps";
import type { LimitStretch } from "../limitsCourse";
import { lineEnds, spread, type LineEnd } from "./lineEnds";
import { PAPER_WIDTH as WIDTH, stagger, type PaperCourse, type PaperMark } from "./sheetData";

/** On paper there is no colour and no pointer: the lanes of the screen, told apart by dashes, outlines and hatching. */

/** Left of the lanes their names and scales, right of them the limits and what lines are called; no line passes behind a word. */
const LEFT = 112;
const LIMITS = 32;
const SAMPLE = 18;
const RIGHT = LIMITS + SAMPLE + 98;
/** Above the lanes: the numbers of what happened, in lines one above the other, and a shape for each. */
const NUMBER_LINES = 3;
const NUMBER_LINE = 15;
const NUMBER_WIDTH = 24;
const SHAPE = 18;
const MARKS = NUMBER_LINES * NUMBER_LINE + SHAPE;
const LANE = 46;
const GAP = 9;
/** A line of scores: of the patient, and of what the team could know. */
const SCORES = 17;
const NEWS = 2 * SCORES + 2;
const AXIS = 24;
/** How high a number in the margin stands; a word has letters below the line. */
const FINE = 11;
const FINE_WORD = 13;
/** Of a letter of a score, at most. */
const LETTER = 9;
/** Seconds between two times below the chart. */
const STEPS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const MOST_TIMES = 9;
/** Half the width of a time: the last one does not stand out of the page. */
const HALF_TIME = 22;
const HALF_FINE_TIME = 34;

type Place = (at: number) => number;

export function PaperChart(props: { course: PaperCourse; label: string }) {
  const { chart, marks, arrests, news2, news2Known } = props.course;
  const texts = t.value.debrief.chart;
  const [from, until] = [chart.view.from / 1000, chart.view.until / 1000];
  const x: Place = (at) => LEFT + ((at - from) / Math.max(1, until - from)) * (WIDTH - LEFT - RIGHT);
  const lanesEnd = MARKS + chart.lanes.length * (LANE + GAP);
  const bottom = lanesEnd + NEWS;
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
      {chart.lanes.map((lane, place) => (
        <Limits key={lane.name} lane={lane} top={MARKS + place * (LANE + GAP)} x={x} />
      ))}
      {arrests.map(({ from: onset, until: end }) => (
        <rect
          key={onset}
          class="db-paper-arrest"
          x={x(onset / 1000)}
          y={MARKS}
          width={Math.max(1, x(end / 1000) - x(onset / 1000))}
          height={lanesEnd - GAP - MARKS}
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
          <path class="db-paper-mark" d={`M0 ${SHAPE}V${lanesEnd - GAP - MARKS + SHAPE}`} />
          <path d={SHAPES[mark.kind]} />
        </g>
      ))}
      <Numbers marks={within} x={x} />
      {chart.lanes.map((lane, place) => (
        <Lane key={lane.name} lane={lane} top={MARKS + place * (LANE + GAP)} course={props.course} x={x} />
      ))}
      <text x="0" y={lanesEnd + 14}>
        {texts.news2}
      </text>
      <text class="db-paper-fine" x="0" y={lanesEnd + SCORES + 15}>
        {texts.news2_known}
      </text>
      <Scores steps={news2} top={lanesEnd} x={x} />
      <Scores steps={news2Known} top={lanesEnd + SCORES + 2} x={x} />
    </svg>
  );
}

/** Of their rows in the record; where many happen at once, those that find no room are told by their times. */
function Numbers(props: { marks: readonly PaperMark[]; x: Place }) {
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

function heightIn(lane: LaneData, top: number): (value: number) => number {
  return (value) => top + LANE * (1 - (value - lane.low) / Math.max(1, lane.high - lane.low));
}

/** Bands between the limits, outlined and named at the right: what leaves them alarms. */
function Limits({ lane, top, x }: { lane: LaneData; top: number; x: Place }) {
  const y = heightIn(lane, top);
  const within = (value: number) => Math.min(top + LANE, Math.max(top, y(value)));
  const seen = ({ low, high }: LimitStretch) => [high, low].filter((limit) => limit !== null && limit >= lane.low && limit <= lane.high) as number[];
  const nameAt = (limit: number) => Math.min(top + LANE, Math.max(top + FINE, y(limit) + 4));
  // The last ones first: where two would cover each other, an earlier one goes without its number.
  const named = [...lane.limits].reverse().flatMap(seen).reduce<number[]>((all, limit) => {
    const isFree = all.every((other) => Math.abs(nameAt(other) - nameAt(limit)) >= FINE);
    return isFree ? [...all, limit] : all;
  }, []);
  return (
    <g>
      {lane.limits.map((stretch) => {
        const { low, high } = stretch;
        if (low === null && high === null) return null;
        const [left, right] = [x(stretch.from / 1000), x(stretch.until / 1000)];
        const [upper, lower] = [within(high ?? lane.high), within(low ?? lane.low)];
        return (
          <g key={stretch.from}>
            <rect class="db-paper-limits" x={left} y={upper} width={right - left} height={Math.max(0, lower - upper)} />
            {seen(stretch).map((limit) => (
              <path key={limit} class="db-paper-limit" d={`M${left} ${y(limit)}H${right}`} />
            ))}
          </g>
        );
      })}
      {named.map((limit) => (
        <text key={limit} class="db-paper-fine" x={WIDTH - RIGHT + 4} y={nameAt(limit)}>
          {limit}
        </text>
      ))}
    </g>
  );
}

function Lane(props: { lane: LaneData; top: number; course: PaperCourse; x: Place }) {
  const { lane, top, x } = props;
  const { track } = props.course.chart;
  const { signs } = t.value.dashboard;
  const y = heightIn(lane, top);
  return (
    <g>
      <text x="0" y={top + LANE / 2 + 5}>
        {lane.name === "pressure" ? signs.pressure : signs.short[lane.name]}
      </text>
      <Scale value={lane.high} y={top + 11} />
      <Scale value={lane.low} y={top + LANE} />
      <path class="db-paper-grid" d={`M${LEFT} ${top}H${WIDTH - RIGHT}M${LEFT} ${top + LANE}H${WIDTH - RIGHT}`} />
      {lane.signs.map((sign) => (
        <path key={sign} class="db-paper-true" d={linePath(lane.truth[sign]?.xs ?? [], lane.truth[sign]?.values ?? [], x, y)} />
      ))}
      {lane.signs.map((sign) => (
        <path key={sign} class="db-paper-curve" data-sign={sign} d={linePath(track.xs, track.values[sign], x, y)} />
      ))}
      <LineEnds ends={lineEnds(lane, track)} isOfOne={lane.signs.length === 1} top={top} y={y} />
    </g>
  );
}

/** Each with a piece of its line, for two that end at one height stand one below the other. */
function LineEnds(props: { ends: readonly LineEnd[]; isOfOne: boolean; top: number; y: (value: number) => number }) {
  const { ends, top } = props;
  const { signs } = t.value.dashboard;
  const areTwo = ends.some(({ whose }) => whose === "patient");
  const middles = spread(ends.map(({ value }) => props.y(value)), FINE_WORD, top + GAP / 2, top + LANE);
  const left = WIDTH - RIGHT + LIMITS;
  return (
    <g class="db-paper-ends">
      {ends.map(({ sign, whose }, place) => (
        <g key={`${sign} ${whose}`} data-sign={sign} data-whose={whose}>
          <path class={whose === "monitor" ? "db-paper-curve" : "db-paper-true"} d={`M${left} ${middles[place]}h${SAMPLE}`} />
          <text class="db-paper-fine" x={left + SAMPLE + 4} y={(middles[place] ?? 0) + 4}>
            {[props.isOfOne ? "" : signs.short[sign], areTwo ? t.value.marks.sheet.line_ends[whose] : ""].join(" ").trim()}
          </text>
        </g>
      ))}
    </g>
  );
}

function Scale(props: { value: number; y: number }) {
  return (
    <text class="db-paper-fine" x={LEFT - 6} y={props.y} text-anchor="end">
      {props.value}
    </text>
  );
}

/** NEWS2: the darker a field, the more of it; its number stands where there is room. */
function Scores(props: { steps: readonly News2Step[]; top: number; x: Place }) {
  const { top, x } = props;
  return (
    <g>
      {props.steps.map((step) => {
        const [left, right] = [x(step.from / 1000), x(step.until / 1000)];
        const words = news2Words(step);
        return (
          <g key={step.at} class="db-paper-news" data-band={step.band ?? "arrest"}>
            <rect x={left} y={top} width={Math.max(0.5, right - left)} height={SCORES} fill={step.band === null ? "url(#paper-arrest)" : undefined} />
            {step.total === null || right - left < words.length * LETTER + 6 ? null : (
              <text x={(left + right) / 2} y={top + SCORES / 2 + 5} text-anchor="middle">
                {words}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
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
