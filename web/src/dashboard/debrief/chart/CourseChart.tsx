import { useComputed, useSignal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { DebriefModel } from "../model";
import type { Span } from "../replay/replay";
import { ChartDrawing } from "./ChartDrawing";
import { chartOf } from "./lanes";
import { gutterOf, type Gutter } from "./layout";
import { useChartSentence } from "./ChartInWords";

/** Minutes; null: the whole session. */
const WINDOWS = [null, 60, 15, 5] as const;
const USUAL_WIDTH = 800;

/** One lane a sign over one axis of time, with what was so below and what happened above; a tap goes there. */
export function CourseChart({ model, children }: { model: DebriefModel; children: ComponentChildren }) {
  const texts = t.value.debrief.chart;
  const frame = useRef<HTMLDivElement>(null);
  const { width, screen } = useSize(frame);
  const gutter = gutterOf(width.value);
  const minutes = useSignal<number | null>(null);
  const view = useView(model, minutes);
  const data = useComputed(() => chartOf(model.course.value, view.value, model.limits.value, width.value));
  const sentence = useChartSentence(model);
  const seekTo = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect();
    if (box === undefined) return;
    const { left, right } = gutterOf(width.peek());
    const share = (event.clientX - box.left - left) / Math.max(1, box.width - left - right);
    const { from, until } = view.peek();
    if (share >= 0 && share <= 1) model.replay.seek(from + share * (until - from));
  };
  return (
    <section
      class="db-panel db-chart"
      aria-labelledby="part-chart-title"
      style={{ "--db-chart-left": `${gutter.left}px`, "--db-chart-right": `${gutter.right}px` }}
    >
      <div class="db-chart-head">
        <h2 id="part-chart-title">{texts.title}</h2>
        <Key />
        <Windows model={model} minutes={minutes} />
      </div>
      <div
        ref={frame}
        class="db-chart-frame"
        onPointerDown={(event) => {
          if (event.button === 0) seekTo(event);
        }}
        onPointerMove={(event) => {
          if (event.buttons === 1 && event.pointerType === "mouse") seekTo(event);
        }}
      >
        <ChartDrawing model={model} data={data.value} width={width.value} screen={screen.value} label={sentence} />
        <Cursor model={model} view={view} gutter={gutter} />
      </div>
      {children}
    </section>
  );
}

/** Only this moves while somebody scrubs. */
function Cursor({ model, view, gutter }: { model: DebriefModel; view: ReadonlySignal<Span>; gutter: Gutter }) {
  const share = useComputed(() => (model.replay.at.value - view.value.from) / Math.max(1, view.value.until - view.value.from)).value;
  if (share < 0 || share > 1) return null;
  return (
    <div class="db-chart-at" style={{ left: `${gutter.left}px`, right: `${gutter.right}px` }}>
      <div class="db-chart-cursor" style={{ transform: `translateX(${share * 100}%)` }} />
    </div>
  );
}

function Key() {
  const texts = t.value.debrief.chart;
  return (
    <ul class="db-chart-key">
      <li>
        <svg viewBox="0 0 28 8" aria-hidden="true">
          <path class="db-chart-shown" d="M0 4h28" />
        </svg>
        {texts.key_shown}
      </li>
      <li>
        <svg viewBox="0 0 28 8" aria-hidden="true">
          <path class="db-chart-true" d="M0 4h28" />
        </svg>
        {texts.key_true}
      </li>
      <li>
        <svg viewBox="0 0 28 8" aria-hidden="true">
          <rect class="db-chart-limits" width="28" height="8" />
        </svg>
        {texts.key_limits}
      </li>
    </ul>
  );
}

function Windows({ model, minutes }: { model: DebriefModel; minutes: Signal<number | null> }) {
  const texts = t.value.debrief.chart;
  const { from, until } = model.span.value;
  const offered = WINDOWS.filter((one) => one === null || one * 60_000 < until - from);
  if (offered.length < 2) return null;
  return (
    <fieldset class="db-windows">
      <legend class="visually-hidden">{texts.window}</legend>
      {offered.map((one) => (
        <label key={one} class="db-ramp-option">
          <input type="radio" name="debrief-window" checked={minutes.value === one} onChange={() => (minutes.value = one)} />
          <span>{one === null ? texts.all : fill(texts.minutes, { count: one })}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A part of the session stands still until the moment shown leaves it; then it turns to where that is. */
function useView(model: DebriefModel, minutes: ReadonlySignal<number | null>): ReadonlySignal<Span> {
  const shown = useRef<Span>({ from: 0, until: 0 });
  return useComputed((): Span => {
    const whole = model.span.value;
    if (minutes.value === null) return whole;
    const wide = Math.min(minutes.value * 60_000, whole.until - whole.from);
    const at = model.replay.at.value;
    const { from, until } = shown.current;
    const isInside = at >= from && at <= until && until - from === wide && until <= whole.until;
    if (isInside) return shown.current;
    const begin = Math.min(whole.until - wide, Math.max(whole.from, at - wide / 4));
    return (shown.current = { from: begin, until: begin + wide });
  });
}

/** CSS pixels: of the chart, and of the screen that it may grow with. */
function useSize(frame: { current: HTMLElement | null }): { width: ReadonlySignal<number>; screen: ReadonlySignal<number> } {
  const width = useSignal(USUAL_WIDTH);
  const screen = useSignal(innerHeight);
  useEffect(() => {
    const box = frame.current;
    if (box === null) return;
    const measure = () => {
      if (box.clientWidth > 0) width.value = box.clientWidth;
      screen.value = innerHeight;
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(box);
    addEventListener("resize", measure);
    return () => {
      watcher.disconnect();
      removeEventListener("resize", measure);
    };
  }, []);
  return { width, screen };
}
