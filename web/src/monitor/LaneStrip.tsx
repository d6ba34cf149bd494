import { useEffect, useRef } from "preact/hooks";
import type { Theme } from "../theme/theme";
import { isOn } from "../patient/circulation";
import type { LastValues } from "../wire/types";
import { paperOf, spanOf, Sweep, type DrawLoop, type WaveKind, type Waves } from "../waves";
import { capnogramTop, ecgGain, ecgScale, laneColours, traceWidth, watchPixels, WAVE_SCALES } from "./lanes";

/** CSS pixels that a lane needs to say something. */
const LOWEST = 30;

/** As many as there is room for, the most telling first. */
export function lanesWithin(height: number, breathing: WaveKind): readonly WaveKind[] {
  const kinds: readonly WaveKind[] = ["ecg", "pleth", breathing];
  return kinds.slice(0, Math.max(1, Math.min(kinds.length, Math.floor(height / LOWEST))));
}

/**
 * Sweeping lanes below each other on one canvas, without words: of a monitor that stands among many. Three canvases for
 * each of a dozen monitors cost a browser more to put together than all that is drawn on them.
 */
export function LaneStrip(props: {
  waves: Waves;
  last: LastValues;
  /** Of the page: all strips move in one frame. */
  loop: DrawLoop;
  /** What is added to the loop's time, ms: a hall has a clock of its own. */
  ahead: number;
  theme: Theme;
  stale: boolean;
  /** For a screen reader. */
  label: string;
}) {
  const { waves, last, loop, ahead, theme, stale } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const strip = useRef<Strip | null>(null);
  const breathing: WaveKind = isOn(last, "co2_off") ? "resp" : "co2";
  useEffect(() => {
    const paper = canvas.current && paperOf(canvas.current);
    // A browser without canvas (and a test's DOM) still has its numbers and alarms.
    if (!canvas.current || !paper) return;
    const drawn = (strip.current = new Strip(canvas.current, paper, waves, breathing));
    const stopWatching = watchPixels(canvas.current, (width, height) => drawn.resize(width, height));
    const remove = loop.add((now) => drawn.draw(now + ahead));
    return () => {
      remove();
      stopWatching();
      strip.current = null;
    };
  }, [waves, loop, ahead, breathing]);
  useEffect(() => strip.current?.restyle(last, stale), [waves, loop, ahead, breathing, theme, stale, last]);
  return <canvas ref={canvas} role="img" aria-label={props.label} />;
}

class Strip {
  readonly #canvas: HTMLCanvasElement;
  readonly #paper: CanvasRenderingContext2D;
  readonly #waves: Waves;
  readonly #breathing: WaveKind;
  #lanes: { kind: WaveKind; sweep: Sweep }[] = [];
  #looks: { last: LastValues; stale: boolean } | null = null;

  constructor(canvas: HTMLCanvasElement, paper: CanvasRenderingContext2D, waves: Waves, breathing: WaveKind) {
    this.#canvas = canvas;
    this.#paper = paper;
    this.#waves = waves;
    this.#breathing = breathing;
  }

  /** Device pixels. */
  resize(width: number, height: number): void {
    const { clientWidth, clientHeight } = this.#canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    const kinds = lanesWithin(clientHeight, this.#breathing);
    if (kinds.length !== this.#lanes.length) this.#lanes = kinds.map((kind) => ({ kind, sweep: this.#newSweep(kind) }));
    const whole = Math.max(1, Math.round(height));
    const edge = (place: number) => Math.round((whole * place) / kinds.length);
    for (const [place, { kind, sweep }] of this.#lanes.entries()) {
      const top = edge(place);
      sweep.resize(width, edge(place + 1) - top, devicePixelRatio, { top, whole });
      sweep.restyle({ span: spanOf(kind, clientWidth), lineWidth: traceWidth(clientHeight / kinds.length) });
    }
    this.#restyle();
  }

  restyle(last: LastValues, stale: boolean): void {
    this.#looks = { last, stale };
    this.#restyle();
  }

  draw(now: number): void {
    for (const { sweep } of this.#lanes) sweep.draw(now);
  }

  #newSweep(kind: WaveKind): Sweep {
    const look = { kind, colour: "#888", ground: "#000", lineWidth: 1.7, span: spanOf(kind, 1), off: "dashed" } as const;
    return new Sweep(this.#paper, this.#waves, { ...look, ...WAVE_SCALES[kind] });
  }

  #restyle(): void {
    if (this.#looks === null) return;
    const { last, stale } = this.#looks;
    const top = capnogramTop(last);
    for (const { kind, sweep } of this.#lanes) {
      const scale =
        kind === "ecg" ? ecgScale(ecgGain(last)) : kind === "co2" ? { low: -0.06 * top, high: top } : WAVE_SCALES[kind];
      sweep.restyle({ ...laneColours(this.#canvas, kind, stale), ...scale });
    }
  }
}
