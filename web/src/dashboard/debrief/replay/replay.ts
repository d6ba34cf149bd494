import { signal, type ReadonlySignal } from "@preact/signals";

export const SPEEDS = [0.5, 1, 2, 4, 8, 16] as const;
export type Speed = (typeof SPEEDS)[number];

/** ms between two moments that a page is told of while it plays; waves ask for themselves, frame by frame. */
const TOLD_EVERY = 100;

/** ms. */
export interface Span {
  from: number;
  until: number;
}

/** Which moment of a record is shown. It stands until somebody plays it, and stops at the end. */
export class Replay {
  readonly #at: ReturnType<typeof signal<number>>;
  readonly #isPlaying = signal(false);
  readonly #speed = signal<Speed>(1);
  readonly #span: () => Span;
  readonly #clock: () => number;
  /** Where it stood when it began to play at this speed, and when that was by the device's own clock. */
  #base: number;
  #since = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(span: () => Span, clock: () => number = () => performance.now()) {
    this.#span = span;
    this.#clock = clock;
    this.#base = span().from;
    this.#at = signal(this.#base);
  }

  /** The moment shown, told at most ten times a second (milliseconds of the server's clock). */
  get at(): ReadonlySignal<number> {
    return this.#at as ReadonlySignal<number>;
  }

  get isPlaying(): ReadonlySignal<boolean> {
    return this.#isPlaying;
  }

  get speed(): ReadonlySignal<Speed> {
    return this.#speed;
  }

  /** The moment shown, to the millisecond, also between two that are told. */
  now(): number {
    if (!this.#isPlaying.peek()) return this.#base;
    return Math.min(this.#span().until, this.#base + (this.#clock() - this.#since) * this.#speed.peek());
  }

  seek(at: number): void {
    const { from, until } = this.#span();
    this.#begin(Math.round(Math.min(until, Math.max(from, at))));
  }

  play(): void {
    const { from, until } = this.#span();
    if (this.now() >= until) this.#begin(from);
    this.#begin(this.now());
    this.#isPlaying.value = true;
    this.#timer ??= setInterval(() => this.#tell(), TOLD_EVERY);
  }

  pause(): void {
    this.#base = Math.round(this.now());
    this.#isPlaying.value = false;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#at.value = this.#base;
  }

  toggle(): void {
    if (this.#isPlaying.peek()) this.pause();
    else this.play();
  }

  setSpeed(speed: Speed): void {
    this.#begin(this.now());
    this.#speed.value = speed;
  }

  #begin(at: number): void {
    this.#base = at;
    this.#since = this.#clock();
    this.#at.value = at;
  }

  #tell(): void {
    const now = this.now();
    this.#at.value = Math.round(now);
    if (now >= this.#span().until) this.pause();
  }
}
