import type { Line } from "./line";
import { type Happening, type Plan, Score } from "./score";

/** 300 beats a minute over a minute, and room to spare. */
const CAPACITY = 512;
/** Asked for an older stretch, begin this much before it: the other lanes will ask next, each a bit further back. */
const MARGIN = 15_000;
/** Looked up ahead of need, so that a frame seldom has to. A push takes it back. */
const AHEAD = 1_000;
/** No drift is longer than a third of the longest interval (12 s). */
const LONGEST_DRIFT = 4_000;
/** How far back a change looks for the one before it, ms. */
const LOOK_BACK = 12_000;

/**
 * A cache of what happens, filled as time goes on. Each happening belongs to the score that was in force when
 * it began to show (its time less the lead), so that no P wave stands without its QRS and none is cut in two.
 * It forgets and recomputes as it likes: the answer depends on the scores alone.
 */
export class Stream {
  readonly #shift: number;
  #scores: Score[] = [];
  #ring: Happening[] = [];
  #count = 0;
  /** Everything that begins to show in [low, high) is in the ring. */
  #low = 0;
  #high = 0;

  /** `shift`: where in its turn the count is at the ERA; the session's own. */
  constructor(shift: number) {
    this.#shift = shift;
  }

  /** From `at` on this plan and rate hold; whatever was to change later is dropped. */
  follow(plan: Plan, line: Line, at: number): void {
    let before = this.#scores.at(-1) ?? null;
    while (before !== null && before.start >= at) {
      this.#scores.pop();
      this.#truncate(at);
      before = this.#scores.at(-1) ?? null;
    }
    if (before === null) {
      this.#scores.push(new Score(plan, line, this.#shift, Number.NEGATIVE_INFINITY, null, null));
    } else if (!before.continues(plan, line)) {
      const last = this.#lastBefore(at);
      this.#scores.push(new Score(plan, line, this.#shift, at, before, last));
      this.#truncate(at);
    }
  }

  /** Scores that ended before `time` are wanted no more. */
  forgetBefore(time: number): void {
    while (this.#scores.length > 1 && (this.#scores[1]?.start ?? 0) < time) this.#scores.shift();
  }

  /** The score in force at `time`. */
  scoreAt(time: number): Score | null {
    for (let at = this.#scores.length - 1; at > 0; at--) {
      const score = this.#scores[at] as Score;
      if (score.start <= time) return score;
    }
    return this.#scores[0] ?? null;
  }

  /** Makes sure of everything that begins to show in [from, to), which is to be shorter than a minute. */
  cover(from: number, to: number): void {
    if (from < this.#low || from > this.#high) {
      this.#count = 0;
      this.#low = this.#high = from - MARGIN;
    }
    if (to <= this.#high) return;
    const until = to + AHEAD;
    for (let at = 0; at < this.#scores.length; at++) {
      const score = this.#scores[at] as Score;
      const begin = at === 0 ? this.#high : Math.max(this.#high, score.start);
      const end = Math.min(until, this.#scores[at + 1]?.start ?? until);
      if (begin < end && !score.law.still) this.#fill(score, begin, end);
    }
    this.#high = until;
  }

  /** Index of the first one at or after `time`. */
  find(time: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ring[middle] as Happening).time < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Undefined before the first and behind the last. */
  at(index: number): Happening | undefined {
    return index >= 0 && index < this.#count ? this.#ring[index] : undefined;
  }

  #fill(score: Score, begin: number, end: number): void {
    const { lead } = score.plan;
    const horizon = end + lead + LONGEST_DRIFT;
    for (let n = score.firstAround(begin); score.placeTime(n) <= horizon; n++) {
      const into = this.#slot(score);
      if (!score.read(n, into)) continue;
      const shows = into.time - lead;
      if (shows >= begin && shows < end) this.#count++;
    }
  }

  /** The last one that began to show before `time`; null when there was none for long. */
  #lastBefore(time: number): number | null {
    this.cover(time - LOOK_BACK, time);
    for (let at = this.#count - 1; at >= 0; at--) {
      const one = this.#ring[at] as Happening;
      if (one.time - one.score.plan.lead < time) return one.time;
    }
    return null;
  }

  #slot(score: Score): Happening {
    if (this.#count === CAPACITY) this.#dropOldest();
    const slot = this.#ring[this.#count];
    if (slot !== undefined) return slot;
    const fresh: Happening = { time: 0, interval: 0, since: 0, n: 0, i: 0, score };
    this.#ring.push(fresh);
    return fresh;
  }

  #dropOldest(): void {
    const half = CAPACITY / 2;
    for (let at = 0; at < half; at++) {
      const kept = this.#ring[at + half] as Happening;
      this.#ring[at + half] = this.#ring[at] as Happening;
      this.#ring[at] = kept;
    }
    this.#count = half;
    const oldest = this.#ring[0] as Happening;
    this.#low = oldest.time - oldest.score.plan.lead;
  }

  #truncate(time: number): void {
    if (time >= this.#high) return;
    while (this.#count > 0) {
      const newest = this.#ring[this.#count - 1] as Happening;
      if (newest.time - newest.score.plan.lead < time) break;
      this.#count--;
    }
    this.#high = Math.max(this.#low, time);
  }
}
