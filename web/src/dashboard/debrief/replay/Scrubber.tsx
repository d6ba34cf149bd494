import { useComputed } from "@preact/signals";
import { useRef } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { isPaused } from "../../../patient/ramps";
import type { DebriefModel } from "../model";
import { foremost } from "../moments/moments";
import { rhythmInSentence, spokenClock } from "../times";

const SECOND = 1_000;
const PAGE = 30_000;
/** More stand on each other. */
const MOST_TICKS = 120;

/** The whole session as a line; where it is held, the monitor is. Says its moment and the rhythm, and nothing by itself. */
export function Scrubber({ model }: { model: DebriefModel }) {
  const { replay } = model;
  const track = useRef<HTMLDivElement>(null);
  const { from, until } = model.span.value;
  const second = useComputed(() => Math.floor((replay.at.value - model.span.value.from) / SECOND)).value;
  const value = useComputed(() => valueText(model)).value;
  const share = useComputed(() => shareOf(model, replay.at.value)).value;
  const seekTo = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    if (box !== undefined && box.width > 0) replay.seek(from + ((event.clientX - box.left) / box.width) * (until - from));
  };
  return (
    <div
      class="db-scrubber"
      role="slider"
      tabIndex={0}
      aria-label={t.value.debrief.replay.scrubber}
      aria-valuemin={0}
      aria-valuemax={Math.floor((until - from) / SECOND)}
      aria-valuenow={second}
      aria-valuetext={value}
      onKeyDown={(event) => {
        const to = placeAfter(event, model);
        if (to === null) return;
        event.preventDefault();
        replay.seek(to);
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event);
      }}
    >
      <div ref={track} class="db-scrubber-track">
        <Ticks model={model} />
        {/* Moved, not laid out: nothing else on the page has to be looked at again. */}
        <div class="db-scrubber-done" style={{ transform: `scaleX(${share})` }} />
        <div class="db-scrubber-at" style={{ transform: `translateX(${share * 100}%)` }}>
          <div class="db-scrubber-thumb" />
        </div>
      </div>
    </div>
  );
}

function Ticks({ model }: { model: DebriefModel }) {
  const ticks = useComputed(() =>
    foremost(model.visible.value, MOST_TICKS).map((one) => ({ key: one.key, kind: one.kind, share: shareOf(model, one.at) })),
  ).value;
  return (
    <>
      {ticks.map(({ key, kind, share }) => (
        <i key={key} class="db-scrubber-tick" data-kind={kind} style={{ left: `${share * 100}%` }} />
      ))}
    </>
  );
}

function shareOf(model: DebriefModel, at: number): number {
  const { from, until } = model.span.value;
  return Math.min(1, Math.max(0, (at - from) / Math.max(1, until - from)));
}

/** "12 min 40, ventricular fibrillation". */
export function valueText(model: DebriefModel): string {
  const at = model.replay.at.value;
  const { last } = model.course.value.at(at);
  const texts = t.value.debrief.replay;
  const words = { time: spokenClock(model.time.value, at), rhythm: rhythmInSentence(last.rhythm) };
  return fill(isPaused(last) ? texts.value_pause : texts.value, words);
}

function placeAfter(event: KeyboardEvent, model: DebriefModel): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const now = model.replay.now();
  const { from, until } = model.span.peek();
  switch (event.key) {
    case "ArrowRight":
    case "ArrowUp":
      return now + SECOND;
    case "ArrowLeft":
    case "ArrowDown":
      return now - SECOND;
    case "PageUp":
      return now + PAGE;
    case "PageDown":
      return now - PAGE;
    case "Home":
      return from;
    case "End":
      return until;
    default:
      return null;
  }
}
