import { firstSample, type WaveKind, type WaveSource } from "./waves";

/** How a lane looks. Lengths in CSS pixels. */
export interface LaneLook {
  kind: WaveKind;
  colour: string;
  /** What is under the trace: the lane is opaque, for its whole area is put on the screen with every frame. */
  ground: string;
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
/** How high a pacemaker's spike is, of the lane: always the same, whatever the gain. */
const SPIKE_PART = 0.45;
/** Dashes of the line of no signal, ms on, ms in all. */
const DASH = [120, 300] as const;

/** ms that a lane of `width` CSS pixels holds at 25 mm/s (ECG, pleth) or 6.25 mm/s (CO2, respiration), within bounds. */
export function spanOf(kind: WaveKind, width: number): number {
  const [shortest, longest] = SPANS[kind];
  const natural = (width / PIXELS_PER_MM / SPEEDS[kind]) * 1_000;
  return Math.round(Math.min(longest, Math.max(shortest, natural)));
}

/** Device pixels, and how many of them a CSS pixel has. */
interface Size {
  width: number;
  height: number;
  ratio: number;
  top: number;
  whole: number;
}

/**
 * What a lane is drawn on; null where there is no canvas. Opaque: blending three large lanes into the page
 * took a browser without a GPU more than all the rest of the monitor together (docs/performance.md).
 */
export function paperOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  return canvas.getContext("2d", { alpha: false });
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
  #wanted: Size | null = null;
  /** Of the canvas, device pixels: where this lane begins on it, and how high all of it is. */
  #top = 0;
  #whole = 0;
  #samples = new Float32Array(4_096);
  #spikes = new Float64Array(64);
  #stale = true;
  #version = 0;
  /** Time of the next point that is not drawn yet, and where the bar ends. */
  #next = 0;
  #wipedTo = 0;
  #seen = 0;
  /** The last point in device pixels; NaN: the pen is up. */
  #x = Number.NaN;
  #y = Number.NaN;
  /** After a correction: nothing is drawn left of this column of the endless strip. NaN: anywhere. */
  #cutAt = Number.NaN;

  /** `paper` is what paperOf() gave. */
  constructor(paper: CanvasRenderingContext2D, source: WaveSource, look: LaneLook) {
    this.#canvas = paper.canvas;
    this.#context = paper;
    this.#source = source;
    this.#look = look;
  }

  /**
   * Device pixels, and how many of them a CSS pixel has. To be those that the canvas covers, exactly: a picture that
   * has to be stretched by half a pixel is blurred, and costs five times as much to put on the screen.
   * Takes effect with the next frame, together with its redraw: no flicker.
   *
   * `band`: the lane is one of several below each other on a canvas of that height; each is to be told of the whole.
   */
  resize(width: number, height: number, ratio: number, band?: { top: number; whole: number }): void {
    const high = Math.max(1, Math.round(height));
    const { top, whole } = band ?? { top: 0, whole: high };
    this.#wanted = { width: Math.max(1, Math.round(width)), height: high, ratio, top, whole };
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
    // Lanes of one width move together: what one of them left out between two columns, all would.
    else if (Number.isNaN(this.#cutAt) && this.#barEnd(now) <= this.#wipedTo) return;
    this.#seen = now;
    this.#wipe(now);
    if (Number.isNaN(this.#cutAt)) this.#stroke(now);
    else this.#strokeAgain(now);
  }

  #applySize(): void {
    const wanted = this.#wanted;
    this.#wanted = null;
    if (wanted === null) return;
    const { width, height, ratio, top, whole } = wanted;
    const isSame = width === this.#width && height === this.#height && ratio === this.#ratio;
    if (isSame && top === this.#top && whole === this.#whole) return;
    // Whoever sets it empties all of it: of several lanes on one canvas the first one does.
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== whole) this.#canvas.height = whole;
    [this.#width, this.#height, this.#ratio, this.#top, this.#whole] = [width, height, ratio, top, whole];
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
    // The stroke to the first point that is another begins at the point before it and is round and soft at its
    // ends: so much further left it has left something. What is drawn there again ends sharply at that column,
    // as what was left standing does; drawn twice, its soft edges would be seen.
    const step = STEPS[this.#look.kind];
    const reach = this.#reach();
    this.#cutAt = Math.floor((from - step) * this.#pixelsPerMs() - reach);
    this.#clear(this.#cutAt, this.#wipedTo);
    this.#next = firstSample((this.#cutAt - reach) / this.#pixelsPerMs() - step, step);
    this.#x = this.#y = Number.NaN;
  }

  #beginAnew(now: number): void {
    this.#stale = false;
    this.#cutAt = Number.NaN;
    this.#context.fillStyle = this.#look.ground;
    this.#context.fillRect(0, this.#top, this.#width, this.#height);
    this.#wipedTo = this.#barEnd(now);
    // Its first point stands clear of the bar with all of its round end: what is wiped is not wiped again.
    const oldest = (this.#wipedTo + this.#reach()) / this.#pixelsPerMs() - this.#look.span;
    this.#next = firstSample(oldest, STEPS[this.#look.kind]);
    this.#x = this.#y = Number.NaN;
  }

  /** How far from a point its stroke is seen, soft edge included; device pixels. */
  #reach(): number {
    return (this.#look.lineWidth * this.#ratio) / 2 + 1;
  }

  /** Device pixels per ms. Times are laid out on an endless strip, of which the lane shows a window, folded. */
  #pixelsPerMs(): number {
    return this.#width / this.#look.span;
  }

  /** Where the bar ends: the first column behind it. */
  #barEnd(now: number): number {
    return Math.ceil(now * this.#pixelsPerMs() + ERASE * this.#ratio);
  }

  #wipe(now: number): void {
    const to = this.#barEnd(now);
    if (to > this.#wipedTo) this.#clear(this.#wipedTo, to);
    this.#wipedTo = Math.max(to, this.#wipedTo);
  }

  /** The place on the lane of a place on the endless strip. */
  #folded(along: number): number {
    return along - Math.floor(along / this.#width) * this.#width;
  }

  /** Clears columns of the endless strip. */
  #clear(from: number, to: number): void {
    const wide = Math.min(this.#width, to - from);
    const left = this.#folded(from);
    this.#context.fillStyle = this.#look.ground;
    this.#context.fillRect(left, this.#top, Math.min(wide, this.#width - left), this.#height);
    if (left + wide > this.#width) this.#context.fillRect(0, this.#top, left + wide - this.#width, this.#height);
  }

  #strokeAgain(now: number): void {
    const left = this.#folded(this.#cutAt);
    const wide = this.#wipedTo - this.#cutAt;
    this.#cutAt = Number.NaN;
    this.#context.save();
    this.#context.beginPath();
    this.#context.rect(left, this.#top, wide, this.#height);
    this.#context.rect(left - this.#width, this.#top, wide, this.#height);
    this.#context.clip();
    this.#stroke(now);
    this.#context.restore();
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
    const begin = this.#next;
    while (this.#next <= now) {
      // `to` is not in, `now` should be.
      const count = this.#source.sample(kind, this.#next, now + step * 1e-3, step, this.#samples);
      if (count === 0) break;
      for (let at = 0; at < count; at++) this.#point(this.#next + at * step, this.#samples[at] as number);
      this.#next += count * step;
    }
    context.stroke();
    if (kind === "ecg") this.#mark(begin, this.#next);
  }

  /** The pacemaker's spikes, over the trace. */
  #mark(from: number, to: number): void {
    const count = this.#source.spikes(from, to, this.#spikes);
    const wide = Math.max(1, Math.round(this.#look.lineWidth * this.#ratio * 0.75));
    const high = Math.round(SPIKE_PART * this.#height);
    const top = Math.round(this.#heightOf(0)) - high;
    for (let at = 0; at < count; at++) {
      const left = Math.round(this.#folded((this.#spikes[at] as number) * this.#pixelsPerMs()) - wide / 2);
      this.#context.fillStyle = this.#look.colour;
      this.#context.fillRect(left, top, wide, high);
      if (left < 0 || left + wide > this.#width)
        this.#context.fillRect(left < 0 ? left + this.#width : left - this.#width, top, wide, high);
    }
  }

  /** Where a value lies, device pixels from the upper edge of the canvas. */
  #heightOf(value: number): number {
    const { low, high, lineWidth } = this.#look;
    const margin = lineWidth * this.#ratio;
    const part = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return this.#top + this.#height - margin - part * (this.#height - 2 * margin);
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
    const y = this.#heightOf(height);
    const along = time * this.#pixelsPerMs();
    const x = this.#folded(along);
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
