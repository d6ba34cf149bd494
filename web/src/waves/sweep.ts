import { firstSample, type WaveKind, type WaveSource } from "./waves";

/** How a lane looks. Lengths in CSS pixels. */
export interface LaneLook {
  kind: WaveKind;
  colour: string;
  lineWidth: number;
  /** Values at the bottom and the top edge: mV, mmHg … */
  low: number;
  high: number;
  /** Time from the left to the right edge, ms; spanOf() gives it from a speed. */
  span: number;
  /** Where there is no signal: nothing, or a dashed line at the value `0`. */
  off: "nothing" | "dashed";
}

/** mm/s (facts). */
const SPEEDS: Record<WaveKind, number> = { ecg: 25, pleth: 25, resp: 6.25, co2: 6.25 };
/** Shortest and longest lane, ms: the longest are the facts'; on a telephone two or three beats must fit. */
const SPANS: Record<WaveKind, readonly [number, number]> = {
  ecg: [4_000, 9_000],
  pleth: [4_000, 9_000],
  resp: [10_000, 15_000],
  co2: [10_000, 15_000],
};
/** A CSS millimetre. */
const PIXELS_PER_MM = 96 / 25.4;
/** ms between points: 250/s shows an R peak, 125/s are plenty for the round ones (facts: 100/s is enough). */
const STEPS: Record<WaveKind, number> = { ecg: 4, pleth: 8, resp: 8, co2: 8 };
/** The gap ahead of the newest point (facts: 10-16 px). */
const ERASE = 14;
/** Dashes of the line of no signal, ms on, ms in all. */
const DASH = [120, 300] as const;
/** Ends of strokes reach over a column that is cleared; so many points are drawn once more after a correction. */
const OVERLAP = 3;

/** ms that a lane of `width` CSS pixels holds at 25 mm/s (ECG, pleth) or 6.25 mm/s (CO2, respiration), within bounds. */
export function spanOf(kind: WaveKind, width: number): number {
  const [shortest, longest] = SPANS[kind];
  const natural = (width / PIXELS_PER_MM / SPEEDS[kind]) * 1_000;
  return Math.round(Math.min(longest, Math.max(shortest, natural)));
}

/**
 * One lane of a sweeping monitor: the trace stands still, the writing point moves over it from left to right
 * and wipes a bar ahead of itself. The place of a point follows from its server time alone, so lanes of one
 * width agree on every screen. A frame draws only what is new; a resize, another look, a gap longer than the
 * lane or a step back in time draw everything.
 */
export class Sweep {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #source: WaveSource;
  #look: LaneLook;
  /** Device pixels. */
  #width = 0;
  #height = 0;
  #ratio = 1;
  #wanted: { width: number; height: number; ratio: number } | null = null;
  #samples = new Float32Array(4_096);
  #stale = true;
  #version = 0;
  /** Time of the next point that is not drawn yet, and where the bar ends. */
  #next = 0;
  #wipedTo = 0;
  #seen = 0;
  /** The last point in device pixels; NaN: the pen is up. */
  #x = Number.NaN;
  #y = Number.NaN;

  constructor(canvas: HTMLCanvasElement, source: WaveSource, look: LaneLook) {
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("This browser has no 2D canvas.");
    this.#canvas = canvas;
    this.#context = context;
    this.#source = source;
    this.#look = look;
  }

  /** CSS pixels, and devicePixelRatio. Takes effect with the next frame, together with its redraw: no flicker. */
  resize(width: number, height: number, ratio: number): void {
    this.#wanted = { width: Math.max(1, Math.round(width * ratio)), height: Math.max(1, Math.round(height * ratio)), ratio };
  }

  /** May be called with every render: only a look that differs costs a redraw. */
  restyle(look: Partial<LaneLook>): void {
    const before = this.#look;
    const differs = (Object.keys(look) as (keyof LaneLook)[]).some((key) => look[key] !== before[key]);
    if (!differs) return;
    this.#look = { ...before, ...look };
    this.#stale = true;
  }

  /** `now`: the server's time, ms. Makes no objects. */
  draw(now: number): void {
    this.#applySize();
    if (this.#width === 0) return;
    this.#noticeChanges();
    // Longer than the lane or backwards: nothing on it is right any more.
    if (now < this.#seen || now - this.#next > this.#look.span * 0.9) this.#stale = true;
    if (this.#stale) this.#beginAnew(now);
    else if ((now - this.#next) * this.#pixelsPerMs() < 1) return;
    this.#seen = now;
    this.#wipe(now);
    this.#stroke(now);
  }

  #applySize(): void {
    const wanted = this.#wanted;
    this.#wanted = null;
    if (wanted === null) return;
    if (wanted.width === this.#width && wanted.height === this.#height && wanted.ratio === this.#ratio) return;
    this.#width = this.#canvas.width = wanted.width;
    this.#height = this.#canvas.height = wanted.height;
    this.#ratio = wanted.ratio;
    this.#stale = true;
  }

  /** A push that arrives says what holds since its `at`: the last moments were drawn without it, so go back there. */
  #noticeChanges(): void {
    const { version } = this.#source;
    if (version === this.#version) return;
    const from = this.#source.changedSince(this.#version);
    this.#version = version;
    if (this.#stale || from >= this.#next) return;
    if (this.#next - from > this.#look.span * 0.5) {
      this.#stale = true;
      return;
    }
    const step = STEPS[this.#look.kind];
    this.#clear(Math.floor(from * this.#pixelsPerMs()), this.#wipedTo);
    this.#next = firstSample(from, step) - OVERLAP * step;
    this.#x = this.#y = Number.NaN;
  }

  #beginAnew(now: number): void {
    this.#stale = false;
    this.#context.clearRect(0, 0, this.#width, this.#height);
    const bar = ERASE * this.#ratio;
    // Clear of the bar, or the round end of the first stroke would stand in it for a whole turn.
    const clear = bar + this.#look.lineWidth * this.#ratio;
    this.#next = firstSample(now - this.#look.span + clear / this.#pixelsPerMs(), STEPS[this.#look.kind]);
    this.#wipedTo = Math.ceil(now * this.#pixelsPerMs() + bar);
    this.#x = this.#y = Number.NaN;
  }

  /** Device pixels per ms. Times are laid out on an endless strip, of which the lane shows a window, folded. */
  #pixelsPerMs(): number {
    return this.#width / this.#look.span;
  }

  #wipe(now: number): void {
    const to = Math.ceil(now * this.#pixelsPerMs() + ERASE * this.#ratio);
    if (to > this.#wipedTo) this.#clear(this.#wipedTo, to);
    this.#wipedTo = Math.max(to, this.#wipedTo);
  }

  /** Clears columns of the endless strip. */
  #clear(from: number, to: number): void {
    const wide = Math.min(this.#width, to - from);
    const left = from - Math.floor(from / this.#width) * this.#width;
    this.#context.clearRect(left, 0, Math.min(wide, this.#width - left), this.#height);
    if (left + wide > this.#width) this.#context.clearRect(0, 0, left + wide - this.#width, this.#height);
  }

  #stroke(now: number): void {
    const { kind, colour, lineWidth } = this.#look;
    const step = STEPS[kind];
    const context = this.#context;
    context.strokeStyle = colour;
    context.lineWidth = lineWidth * this.#ratio;
    context.lineJoin = "round";
    context.lineCap = "round";
    context.beginPath();
    if (!Number.isNaN(this.#x)) context.moveTo(this.#x, this.#y);
    while (this.#next <= now) {
      // `to` is not in, `now` should be.
      const count = this.#source.sample(kind, this.#next, now + step * 1e-3, step, this.#samples);
      if (count === 0) break;
      for (let at = 0; at < count; at++) this.#point(this.#next + at * step, this.#samples[at] as number);
      this.#next += count * step;
    }
    context.stroke();
  }

  #point(time: number, value: number): void {
    let height = value;
    if (Number.isNaN(value)) {
      const dark = this.#look.off === "nothing" || time - Math.floor(time / DASH[1]) * DASH[1] >= DASH[0];
      if (dark) {
        this.#x = Number.NaN;
        return;
      }
      height = 0;
    }
    const { low, high } = this.#look;
    const margin = this.#look.lineWidth * this.#ratio;
    const part = Math.min(1, Math.max(0, (height - low) / (high - low)));
    const y = this.#height - margin - part * (this.#height - 2 * margin);
    const along = time * this.#pixelsPerMs();
    const x = along - Math.floor(along / this.#width) * this.#width;
    const context = this.#context;
    if (Number.isNaN(this.#x)) context.moveTo(x, y);
    else if (x >= this.#x) context.lineTo(x, y);
    else {
      // Over the right edge: the piece is drawn at both ends, each half outside of the canvas.
      context.lineTo(x + this.#width, y);
      context.moveTo(this.#x - this.#width, this.#y);
      context.lineTo(x, y);
    }
    this.#x = x;
    this.#y = y;
  }
}
