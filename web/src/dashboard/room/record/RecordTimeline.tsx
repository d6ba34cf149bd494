import { effect, useComputed, useSignal, type ReadonlySignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import "uplot/dist/uPlot.min.css";
import { fill, language } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { theme } from "../../../theme/theme";
import type { ShownSession } from "../../../device/view/device";
import type { SignName } from "../../../wire/types";
import { clockTime } from "../../fmt";
import { withUnit, inOwnUnit } from "../../words";
import { createChart, type Chart } from "./chart";
import { CURVES, type Marker } from "./curves";
import type { CaseTime } from "../case/caseTime";
import { markersOf } from "./markersOf";
import { clockWords } from "./lineWords";
import type { RecordLine } from "./record";
import { RecordTable } from "./RecordTable";
import { endOf } from "./endOf";
import { useRoom } from "../room";
import { recordCourseOf, trackOf, type Track } from "./track";
import "./timeline.css";

/** Minutes; null shows the whole session. */
const WINDOWS = [5, 15, 60, null] as const;
/** The chart never stands in the way of a click: it follows this much later, at most this often. */
const BETWEEN_DRAWINGS = 500;
const LABEL_NEAR_SECONDS = 0.02;

/** The shapes at the top of the chart (chart.ts draws the same). */
const MARKS: readonly [Marker["kind"], string][] = [
  ["note", "M1 1h10L6 11z"],
  ["action", "M6 1a5 5 0 100 10A5 5 0 006 1z"],
  ["case", "M1 1h10v10H1z"],
  ["lifecycle", "M1 1h10v10H1z"],
  ["push", "M5 3h2v6H5z"],
];

export function RecordTimeline(props: { lines: ReadonlySignal<readonly RecordLine[]>; time: ReadonlySignal<CaseTime> }) {
  const texts = t.value.dashboard.timeline;
  const room = useRoom();
  const minutes = useSignal<number | null>(15);
  const lacks = room.lacksRecord.value;
  return (
    <section class="db-panel db-timeline" id="part-timeline" aria-labelledby="part-timeline-title" tabIndex={-1}>
      <div class="db-panel-head">
        <h2 id="part-timeline-title">{texts.title}</h2>
        {lacks ? null : <Windows minutes={minutes} />}
      </div>
      {lacks ? <p class="db-hint">{t.value.dashboard.room.lacking}</p> : <Curves {...props} minutes={minutes} />}
    </section>
  );
}

function Windows({ minutes }: { minutes: Signal<number | null> }) {
  const texts = t.value.dashboard.timeline;
  return (
    <fieldset class="db-windows">
      <legend class="visually-hidden">{texts.window}</legend>
      {WINDOWS.map((window) => (
        <label key={window} class="db-ramp-option">
          <input
            type="radio"
            name="window"
            checked={minutes.value === window}
            onChange={() => {
              minutes.value = window;
            }}
          />
          <span>{window === null ? texts.all : fill(texts.minutes, { count: window })}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Curves(props: {
  lines: ReadonlySignal<readonly RecordLine[]>;
  time: ReadonlySignal<CaseTime>;
  minutes: ReadonlySignal<number | null>;
}) {
  const texts = t.value.dashboard.timeline;
  const hidden = useSignal<readonly SignName[]>([]);
  return (
    <>
      <div class="db-curves" role="group" aria-label={texts.curves}>
        {CURVES.map((curve) => (
          <button
            key={curve.name}
            type="button"
            class="db-curve"
            aria-pressed={!hidden.value.includes(curve.name)}
            onClick={() => {
              hidden.value = hidden.value.includes(curve.name)
                ? hidden.value.filter((name) => name !== curve.name)
                : [...hidden.value, curve.name];
            }}
          >
            <svg class={`db-curve-key db-curve-${curve.name}`} viewBox="0 0 28 8" aria-hidden="true">
              <path d="M0 4h28" stroke-dasharray={curve.dash.join(" ")} stroke-width={curve.width * 1.3} />
            </svg>
            {t.value.dashboard.signs.short[curve.name]}
          </button>
        ))}
      </div>
      <Plot {...props} hidden={hidden} />
      <ul class="db-marks">
        {MARKS.map(([kind, shape]) => (
          <li key={kind} class={`db-marks-${kind}`}>
            <svg viewBox="0 0 12 12" aria-hidden="true">
              <path d={shape} />
            </svg>
            {texts[kind]}
          </li>
        ))}
      </ul>
      <RecordTable {...props} />
    </>
  );
}

interface Point {
  index: number;
  left: number;
}

function Plot(props: {
  lines: ReadonlySignal<readonly RecordLine[]>;
  time: ReadonlySignal<CaseTime>;
  minutes: ReadonlySignal<number | null>;
  hidden: ReadonlySignal<readonly SignName[]>;
}) {
  const room = useRoom();
  const place = useRef<HTMLDivElement>(null);
  const track = useRef<Track | null>(null);
  const markers = useRef<readonly Marker[]>([]);
  const point = useSignal<Point | null>(null);
  const course = useComputed(() => recordCourseOf(props.lines.value, Date.parse(room.session.value?.created_at ?? "")));
  const span = useComputed(() => spanOf(room.session.value, room.time.second.value, props.minutes.value));
  const label = useComputed(() => {
    const { from, until } = span.value;
    return fill(t.value.dashboard.timeline.summary, { from: clockTime(from), until: clockTime(until) });
  });

  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let chart: Chart | null = null;
    const draw = () => {
      timer = undefined;
      if (chart === null) return;
      const { from, until } = span.peek();
      track.current = trackOf(course.peek(), from, until, Math.min(400, Math.max(60, Math.floor(box.clientWidth / 3))));
      markers.current = markersOf(props.lines.peek(), from, room.steps.peek());
      chart.draw(track.current, markers.current);
    };
    const build = () => {
      chart?.destroy();
      chart = createChart(box, Math.max(240, box.clientWidth), (index, left) => {
        point.value = index === null || left < 0 ? null : { index, left };
      });
      for (const name of props.hidden.peek()) chart.show(name, false);
      draw();
    };
    // A new theme or language means new colours and texts on the canvas.
    const stopBuilding = effect(() => {
      void theme.value;
      void language.value;
      build();
    });
    const stopDrawing = effect(() => {
      void span.value;
      void props.lines.value;
      timer ??= setTimeout(draw, BETWEEN_DRAWINGS);
    });
    const stopHiding = effect(() => {
      for (const curve of CURVES) chart?.show(curve.name, !props.hidden.value.includes(curve.name));
    });
    const watcher = new ResizeObserver(() => chart?.resize(Math.max(240, box.clientWidth)));
    watcher.observe(box);
    return () => {
      watcher.disconnect();
      stopBuilding();
      stopDrawing();
      stopHiding();
      clearTimeout(timer);
      chart?.destroy();
    };
  }, [room, props.lines]);

  return (
    <div class="db-plot-frame">
      <div class="db-plot" ref={place} role="img" aria-label={label} />
      <Readout point={point} track={track} markers={markers} time={props.time} hidden={props.hidden} />
    </div>
  );
}

function Readout(props: {
  point: ReadonlySignal<Point | null>;
  track: { current: Track | null };
  markers: { current: readonly Marker[] };
  time: ReadonlySignal<CaseTime>;
  hidden: ReadonlySignal<readonly SignName[]>;
}) {
  const point = props.point.value;
  const track = props.track.current;
  const at = point === null ? undefined : track?.xs[point.index];
  if (point === null || track === null || at === undefined) return null;
  const width = (track.xs.at(-1) ?? at) - (track.xs[0] ?? at);
  const near = props.markers.current.filter((marker) => Math.abs(marker.at / 1000 - at) <= width * LABEL_NEAR_SECONDS);
  return (
    <div class="db-readout" data-side={point.left > 320 ? "left" : "right"} aria-hidden="true">
      <p class="db-readout-time">
        {clockTime(at * 1000)} <small>{clockWords(props.time.value, at * 1000)}</small>
      </p>
      <dl>
        {CURVES.filter((curve) => !props.hidden.value.includes(curve.name)).map((curve) => {
          const value = track.values[curve.name][point.index] ?? null;
          return (
            <div key={curve.name}>
              <dt class={`db-curve-${curve.name}`}>{t.value.dashboard.signs.short[curve.name]}</dt>
              <dd>{value === null ? "–" : (inOwnUnit(curve.name, value) ?? withUnit(curve.name, value))}</dd>
            </div>
          );
        })}
      </dl>
      {near.slice(0, 4).map((marker, place) => (
        <p key={place} class="db-readout-mark">
          {marker.text}
        </p>
      ))}
    </div>
  );
}

function spanOf(session: ShownSession | null, now: number, minutes: number | null): { from: number; until: number } {
  const opened = session === null ? now : Date.parse(session.created_at);
  const until = session === null ? opened + 1000 : endOf(session, now);
  return { from: minutes === null ? opened : Math.max(opened, until - minutes * 60_000), until };
}
