import type { Beat, WaveKind, Waves } from "../../../waves";
import type { LastValues } from "../../../wire/types";

/** The same object for whoever draws, whichever curves are behind it: those of a replay are others after every jump. */
export class ExchangedWaves implements Waves {
  #inner: Waves;
  /** What is added to the version of the curves behind it, so that it grows over an exchange. */
  #before = 0;

  constructor(inner: Waves) {
    this.#inner = inner;
  }

  exchange(inner: Waves): void {
    this.#before = this.version + 1;
    this.#inner = inner;
  }

  get version(): number {
    return this.#before + this.#inner.version;
  }

  changedSince(version: number): number {
    return version < this.#before ? Number.NEGATIVE_INFINITY : this.#inner.changedSince(version - this.#before);
  }

  update(last: LastValues, at: number): void {
    this.#inner.update(last, at);
  }

  sample(kind: WaveKind, from: number, to: number, step: number, out: Float32Array): number {
    return this.#inner.sample(kind, from, to, step, out);
  }

  spikes(from: number, to: number, out: Float64Array): number {
    return this.#inner.spikes(from, to, out);
  }

  beatsBetween(from: number, to: number): readonly Beat[] {
    return this.#inner.beatsBetween(from, to);
  }

  endTidalAt(now: number): number {
    return this.#inner.endTidalAt(now);
  }

  lastBreathAt(now: number): { time: number; rate: number } {
    return this.#inner.lastBreathAt(now);
  }

  pulsesPerBeatAt(now: number, from?: number): number {
    return this.#inner.pulsesPerBeatAt(now, from);
  }
}
