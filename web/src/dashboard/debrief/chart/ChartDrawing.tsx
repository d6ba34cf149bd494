import { useComputed } from "@preact/signals";
import { useId } from "preact/hooks";
import { trainerTexts as t } from "../../../i18n/trainers";
import { RHYTHM_FACTS } from "../../../patient/rhythms";
import { lineWords } from "../../room/record/lineWords";
import { named, rhythmName } from "../../words";
import type { DebriefModel } from "../model";
import { caseClock } from "../times";
import { leastWords, missingWords, news2Steps, news2Words, type News2Step } from "./news2Steps";
import { apart, numberedFlags } from "./flags";
import type { ChartData, LaneData } from "./lanes";
import { AXIS, BAND, FLAGS, GAP, gutterOf, laneHeight, NEWS, NEWS_ROW, linePath, timesBetween, type Gutter } from "./layout";
import type { Lasting } from "./spans";

type X = (at: number) => number;

/** Stands still while somebody scrubs: it is drawn for a part of the record, not for a moment. */
export function ChartDrawing(props: { model: DebriefModel; data: ChartData; width: number; screen: number; label: string }) {
  const { model, data, width } = props;
  const { from, until } = data.view;
  const gutter = gutterOf(width);
  const inner = Math.max(40, width - gutter.left - gutter.right);
  const x: X = (at) => gutter.left + ((at - from) / Math.max(1, until - from)) * inner;
  const hasNews = model.news2.value.length > 0;
  const top = FLAGS + 2 * (BAND + GAP);
  const high = laneHeight(data.lanes.length + (hasNews ? 1 : 0), props.screen);
  const bottom = top + data.lanes.length * (high + GAP) + (hasNews ? NEWS + GAP : 0);
  const hatch = useId();
  return (
    <svg class="db-chart-svg" width={width} height={bottom + AXIS} role="img" aria-label={props.label}>
      <defs>
        <pattern id={hatch} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="db-chart-hatch-ground" width="7" height="7" />
          <path class="db-chart-hatch-line" d="M0 0V7" />
        </pattern>
        <clipPath id={`${hatch}-inside`}>
          <rect x={gutter.left} y="0" width={inner} height={bottom} />
        </clipPath>
      </defs>
      <Axis model={model} data={data} x={x} bottom={bottom} inner={inner} />
      <g clip-path={`url(#${hatch}-inside)`}>
        {model.bands.value.pulseless.filter(isIn(data)).map((one) => (
          <rect key={one.from} x={x(one.from)} y={top} width={wide(one, x)} height={bottom - top} fill={`url(#${hatch})`} class="db-chart-column" />
        ))}
        <RhythmBand model={model} data={data} x={x} left={gutter.left} />
        <CirculationBand model={model} data={data} x={x} left={gutter.left} hatch={hatch} />
      </g>
      <BandNames left={gutter.left} />
      {data.lanes.map((lane, place) => (
        <Lane key={lane.name} lane={lane} data={data} x={x} top={top + place * (high + GAP)} high={high} width={width} gutter={gutter} clip={`${hatch}-inside`} />
      ))}
      {hasNews ? <NewsLane model={model} data={data} x={x} top={bottom - NEWS - GAP} left={gutter.left} clip={`${hatch}-inside`} /> : null}
      <Flags model={model} data={data} x={x} bottom={bottom} />
    </svg>
  );
}

function isIn({ view }: ChartData): (one: { from: number; until: number }) => boolean {
  return (one) => one.until > view.from && one.from < view.until;
}

function wide(one: Lasting<unknown>, x: X): number {
  return Math.max(1, x(one.until) - x(one.from));
}

function Axis(props: { model: DebriefModel; data: ChartData; x: X; bottom: number; inner: number }) {
  const { model, x, bottom } = props;
  const { from, until } = props.data.view;
  const time = model.time.value;
  return (
    <g>
      {timesBetween(from, until, time, props.inner).map((at) => (
        <g key={at}>
          <path class="db-chart-grid" d={`M${x(at).toFixed(1)} ${FLAGS}V${bottom}`} />
          <text class="db-chart-time" x={x(at)} y={bottom + 14} text-anchor="middle">
            {caseClock(time, at)}
          </text>
        </g>
      ))}
    </g>
  );
}

function BandNames({ left }: { left: number }) {
  const texts = t.value.debrief.chart;
  return (
    <g class="db-chart-name">
      <text x={left - 6} y={FLAGS + 13} text-anchor="end">
        {texts.rhythm}
      </text>
      <text x={left - 6} y={FLAGS + BAND + GAP + 13} text-anchor="end">
        {texts.circulation}
      </text>
    </g>
  );
}

/** A name where there is room for it; else it is told by the pointer, and stands in the table. */
const LETTER = 6.2;

function RhythmBand({ model, data, x, left: edge }: { model: DebriefModel; data: ChartData; x: X; left: number }) {
  return (
    <g>
      {model.bands.value.rhythms.filter(isIn(data)).map((one, place) => {
        const name = rhythmName(one.is);
        const left = Math.max(x(one.from), edge);
        const right = x(Math.min(one.until, data.view.until));
        const isArrest = RHYTHM_FACTS[one.is]?.isArrest === true;
        return (
          <g key={one.from} class="db-chart-rhythm" data-arrest={isArrest ? "yes" : "no"} data-odd={place % 2 === 0 ? "no" : "yes"}>
            <title>{name}</title>
            <rect x={x(one.from)} y={FLAGS} width={wide(one, x)} height={BAND} />
            {right - left > name.length * LETTER + 8 ? (
              <text x={left + 4} y={FLAGS + 13}>
                {name}
              </text>
            ) : null}
          </g>
        );
      })}
    </g>
  );
}

function CirculationBand({ model, data, x, left, hatch }: { model: DebriefModel; data: ChartData; x: X; left: number; hatch: string }) {
  const texts = t.value.debrief.chart;
  const { pulseless, compressions, paused } = model.bands.value;
  const y = FLAGS + BAND + GAP;
  const draw = (all: readonly Lasting[], kind: "pulseless" | "compressions" | "paused") =>
    all.filter(isIn(data)).map((one) => {
      const isLow = kind === "compressions";
      return (
        <g key={`${kind} ${one.from}`} class={`db-chart-${kind}`}>
          <title>{texts[kind]}</title>
          <rect
            x={x(one.from)}
            y={isLow ? y + BAND / 2 : y}
            width={wide(one, x)}
            height={isLow ? BAND / 2 : BAND}
            fill={kind === "pulseless" ? `url(#${hatch})` : undefined}
          />
        </g>
      );
    });
  return (
    <g>
      <rect class="db-chart-band" x={left} y={y} width={x(data.view.until) - left} height={BAND} />
      {draw(paused, "paused")}
      {draw(pulseless, "pulseless")}
      {draw(compressions, "compressions")}
    </g>
  );
}

function Lane(props: { lane: LaneData; data: ChartData; x: X; top: number; high: number; width: number; gutter: Gutter; clip: string }) {
  const { lane, data, x, top, high, gutter } = props;
  const y = (value: number) => top + high * (1 - (value - lane.low) / Math.max(1, lane.high - lane.low));
  const within = (value: number) => Math.min(top + high, Math.max(top, y(value)));
  const seconds: X = (at) => x(at * 1000);
  const right = props.width - gutter.right;
  const { signs } = t.value.dashboard;
  const name = lane.name === "pressure" ? signs.pressure : signs.short[lane.name];
  return (
    <g class={`db-chart-lane db-chart-lane-${lane.name}`}>
      {lane.limits.map(({ from, until, low, high: most }) => {
        if (low === null && most === null) return null;
        const [upper, lower] = [within(most ?? lane.high), within(low ?? lane.low)];
        return <rect key={from} class="db-chart-limits" x={x(from)} y={upper} width={x(until) - x(from)} height={Math.max(0, lower - upper)} />;
      })}
      <path class="db-chart-edge" d={`M${gutter.left} ${top + high}H${right}`} />
      <text class="db-chart-sign" x="4" y={top + high / 2 + 4}>
        {name}
      </text>
      <text class="db-chart-scale" x={gutter.left - 6} y={top + 9} text-anchor="end">
        {lane.high}
      </text>
      <text class="db-chart-scale" x={gutter.left - 6} y={top + high} text-anchor="end">
        {lane.low}
      </text>
      <g clip-path={`url(#${props.clip})`}>
        {lane.signs.map((sign) => (
          <g key={sign} data-sign={sign}>
            <path class="db-chart-true" d={linePath(lane.truth[sign]?.xs ?? [], lane.truth[sign]?.values ?? [], seconds, y)} />
            <path class="db-chart-shown" d={linePath(data.track.xs, data.track.values[sign], seconds, y)} />
          </g>
        ))}
      </g>
    </g>
  );
}

function NewsLane({ model, data, x, top, left, clip }: { model: DebriefModel; data: ChartData; x: X; top: number; left: number; clip: string }) {
  const texts = t.value.debrief.chart;
  const patient = useComputed(() => news2Steps(model.news2.value, model.span.value.until)).value;
  const team = useComputed(() => news2Steps(model.news2Known.value, model.span.value.until)).value;
  return (
    <g class="db-chart-news">
      <text class="db-chart-sign" x="4" y={top + 13}>
        {texts.news2}
      </text>
      <text class="db-chart-scale" x="4" y={top + NEWS_ROW + 13}>
        {texts.news2_known}
      </text>
      <NewsRow name={t.value.debrief.now.patient} steps={patient} data={data} x={x} top={top} left={left} clip={clip} />
      <NewsRow name={t.value.debrief.now.team} steps={team} data={data} x={x} top={top + NEWS_ROW + 1} left={left} clip={clip} />
    </g>
  );
}

function NewsRow(props: { name: string; steps: readonly News2Step[]; data: ChartData; x: X; top: number; left: number; clip: string }) {
  const { x, top, left: edge } = props;
  return (
    <g clip-path={`url(#${props.clip})`}>
      {props.steps.filter(isIn(props.data)).map((one) => {
        const total = news2Words(one);
        const { unseen, never } = missingWords(one.total === null ? [] : one.missing);
        const [left, right] = [Math.max(x(one.from), edge), x(Math.min(one.until, props.data.view.until))];
        return (
          <g key={one.at} data-band={one.total === null ? "arrest" : (one.band ?? "low")}>
            <title>{[named(props.name, leastWords(one)), unseen, never].filter((words) => words !== null).join("\n")}</title>
            <rect x={x(one.from)} y={top} width={Math.max(1, right - x(one.from))} height={NEWS_ROW} />
            {right - left > total.length * 7 + 4 ? (
              <text x={left + 3} y={top + 13}>
                {total}
              </text>
            ) : null}
          </g>
        );
      })}
    </g>
  );
}

const FLAG_APART = 20;

function Flags({ model, data, x, bottom }: { model: DebriefModel; data: ChartData; x: X; bottom: number }) {
  const { view } = data;
  const shown = useComputed(() => numberedFlags(model.lines.value)).value.filter(({ at }) => at >= view.from && at <= view.until);
  const steps = model.room.steps.value;
  return (
    <g>
      {apart(shown, x, FLAG_APART).map(({ x: left, kind, flags }) => {
        const [first] = flags;
        const label = flags.length > 1 ? `${first?.number}…` : String(first?.number);
        return (
          <g key={first?.number} class="db-chart-flag" data-kind={kind}>
            <title>{flags.map(({ number, line }) => `${number} ${lineWords(line, steps)}`).join("\n")}</title>
            <path d={`M${left.toFixed(1)} ${FLAGS - 3}V${bottom}`} />
            <rect x={left - 9} y="1" width="18" height="16" rx={kind === "step" ? 2 : 8} />
            <text x={left} y="13" text-anchor="middle">
              {label}
            </text>
          </g>
        );
      })}
    </g>
  );
}
