import { expect } from "vitest";

interface Place {
  x: number;
  y: number;
}

/**
 * A canvas for tests: whole pixels, black or white. A stroke whitens what lies within half its width of the line,
 * round at both ends, so what is drawn does not depend on how a line was cut into strokes, and two pictures may be
 * compared pixel by pixel. It knows what a lane asks for and no more.
 */
export class Paper {
  /** What stands for the context's own canvas. */
  readonly canvas = this;
  pixels = new Uint8Array(0);
  /** By device column: the heights of the points drawn there since it was last cleared. */
  columns: number[][] = [];
  /** Rectangles of the trace's colour, in the order in which they were drawn. */
  marks: { x: number; y: number; width: number; height: number }[] = [];
  /** Several lanes draw on it, each in a band of its own. */
  hasBands = false;
  points = 0;
  cleared = 0;
  sizes = 0;
  strokeStyle = "";
  fillStyle = "";
  lineWidth = 0;
  lineJoin = "";
  lineCap = "";
  #width = 0;
  #height = 0;
  #pen: Place | null = null;
  #lines: [Place, Place][] = [];
  #rects: [from: number, to: number][] = [];
  #clip: [from: number, to: number][] | null = null;

  get width() {
    return this.#width;
  }

  set width(width: number) {
    this.#width = width;
    this.columns = Array.from({ length: width }, () => []);
    this.sizes++;
    this.#blank();
  }

  get height() {
    return this.#height;
  }

  set height(height: number) {
    this.#height = height;
    this.#blank();
  }

  #blank(): void {
    this.pixels = new Uint8Array(this.#width * this.#height);
  }

  /** In the trace's colour it is a mark. Else all columns from the top to the bottom: a lane clears nothing else. */
  fillRect(x: number, y: number, width: number, height: number): void {
    expect([x, width]).toEqual([Math.round(x), Math.round(width)]);
    if (this.fillStyle === this.strokeStyle) return this.#mark(x, y, width, height);
    if (!this.hasBands) expect([y, height]).toEqual([0, this.#height]);
    for (let at = x; at < x + width; at++) {
      this.columns[at] = [];
      for (let row = y; row < y + height; row++) this.pixels[row * this.#width + at] = 0;
    }
    this.cleared += width;
  }

  #mark(x: number, y: number, width: number, height: number): void {
    this.marks.push({ x, y, width, height });
    for (let at = Math.max(0, x); at < Math.min(this.#width, x + width); at++) {
      if (!this.#isInside(at)) continue;
      for (let row = y; row < y + height; row++) this.pixels[row * this.#width + at] = 1;
    }
  }

  #isInside(x: number): boolean {
    return this.#clip === null || this.#clip.some(([begin, end]) => x >= begin && x < end);
  }

  save(): void {}

  restore(): void {
    this.#clip = null;
  }

  beginPath(): void {
    this.#lines = [];
    this.#rects = [];
    this.#pen = null;
  }

  rect(x: number, _y: number, width: number): void {
    this.#rects.push([x, x + width]);
  }

  clip(): void {
    this.#clip = this.#rects;
  }

  moveTo(x: number, y: number): void {
    this.#pen = { x, y };
  }

  lineTo(x: number, y: number): void {
    this.points++;
    // A line over the edge is drawn at both ends: half of it lies outside of the canvas.
    if (x < this.#width) this.columns[Math.floor(x)]?.push(Math.round(y * 100) / 100);
    const from = this.#pen ?? { x, y };
    this.#pen = { x, y };
    this.#lines.push([from, this.#pen]);
  }

  stroke(): void {
    for (const [from, to] of this.#lines) this.#whiten(from, to);
  }

  #whiten(from: Place, to: Place): void {
    const half = this.lineWidth / 2;
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - half));
    const right = Math.min(this.#width - 1, Math.ceil(Math.max(from.x, to.x) + half));
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - half));
    const bottom = Math.min(this.#height - 1, Math.ceil(Math.max(from.y, to.y) + half));
    for (let x = left; x <= right; x++) {
      if (!this.#isInside(x)) continue;
      for (let y = top; y <= bottom; y++)
        if (distance({ x: x + 0.5, y: y + 0.5 }, from, to) <= half) this.pixels[y * this.#width + x] = 1;
    }
  }
}

/** From a place to a line between two others. */
function distance(place: Place, from: Place, to: Place): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : ((place.x - from.x) * dx + (place.y - from.y) * dy) / length;
  const near = Math.min(1, Math.max(0, part));
  return Math.hypot(place.x - from.x - near * dx, place.y - from.y - near * dy);
}

/** Columns in which two papers of one size differ, in what they show; `bar` is left out, and what its edges cut. */
export function differing(one: Paper, other: Paper, bar: [from: number, to: number]): number[] {
  const wrong = new Set<number>();
  for (let at = 0; at < one.pixels.length; at++) {
    const x = at % one.width;
    const ahead = (((x - bar[0]) % one.width) + one.width) % one.width;
    if (ahead > bar[1] - bar[0] && one.pixels[at] !== other.pixels[at]) wrong.add(x);
  }
  return [...wrong].sort((a, b) => a - b);
}
