import { ERA, Law } from "./law";
import { sameLine, type Line } from "./line";

/** How the happenings of a rhythm lie inside one turn: a beat, or a group of beats that repeats. */
export interface Plan {
  /** Two plans of one name are one plan. */
  readonly name: string;
  /** Where in a turn something happens, ascending, in mean intervals; a turn is `intervals` of them long. */
  readonly places: readonly number[];
  readonly intervals: number;
  /** This many milliseconds before its time it begins to show (the P wave before an R). */
  readonly lead: number;
  /** Milliseconds that number `n`, at place `i`, comes after its place; `interval` is the mean one, in ms. */
  drift(n: number, i: number, interval: number): number;
  /** How much before its place chance may bring it at most, in mean intervals. */
  readonly early: number;
  /** Happens only at whole multiples of this many milliseconds since the law's ERA: waits for the next. */
  readonly snap?: number;
}

/**
 * One thing that happens: a beat, a lone P wave, a breath. The objects are reused: read, never keep.
 */
export interface Happening {
  /** Milliseconds of the server's clock: the R peak, the P peak, the start of inspiration. */
  time: number;
  /** Mean interval of that moment, ms. */
  interval: number;
  /** Milliseconds since the one before. */
  since: number;
  n: number;
  /** Which place of the turn. */
  i: number;
  score: Score;
}

/** Two neighbours closer than this part of the mean interval: the later one is left out, once, at a change. */
const CLOSEST = 0.45;
/**
 * When everything happens under one plan and one rate, from the push that set them until the next.
 *
 * Law.turnsAt depends on nothing but the rate. After a push its count is therefore somewhere else in its
 * turn than the old one was: up to half a turn off. That rest, the echo, is carried over, so that the beat
 * on its way comes when a heart would send it, and is given back evenly over the next turns. From then on
 * nothing is left of the past, and a late joiner's beats are everybody's beats, to the last bit.
 */
export class Score {
  readonly plan: Plan;
  readonly line: Line;
  readonly start: number;
  readonly law: Law;
  #echo = 0;
  #from = 0;
  #turns: number;
  #lastTime = Number.NEGATIVE_INFINITY;

  /** `lastTime`: the last happening before this began, null when unknown. */
  constructor(plan: Plan, line: Line, shift: number, start: number, before: Score | null, lastTime: number | null) {
    this.plan = plan;
    this.line = line;
    this.start = start;
    this.law = new Law(line, 1 / plan.intervals, shift);
    // About four beats for a single one; longer groups give it back in two turns.
    this.#turns = Math.max(2, 4 / plan.intervals);
    if (before === null || this.law.still || before.law.rateAt(start) <= 0) return;
    if (lastTime !== null) this.#lastTime = lastTime;
    this.#from = this.law.turnsAt(start);
    if (before.plan.intervals !== plan.intervals || plan.snap !== undefined) return;
    const due = plan.intervals === 1 ? this.#dueAt(before) : null;
    if (due !== null) this.#echo = this.#echoFor(Math.round(this.law.turnsAt(due)) - this.law.turnsAt(due), due);
    else {
      const behind = before.turnsAt(start) - this.#from;
      this.#echo = this.#echoFor(behind - Math.round(behind), start);
    }
  }

  /** The echo of which `rest` turns are left at `time`: a part of it has been given back by then. */
  #echoFor(rest: number, time: number): number {
    const gone = Math.max(0, this.law.turnsAt(time) + rest - this.#from);
    return rest / (1 - Math.min(0.9, gone / this.#turns));
  }

  /**
   * A moment at which the count must be whole. The beat that was on its way at the push: the next comes one
   * interval after it. Or, where the next one is so near that its P wave would have had to begin before the
   * push, and it would be left out: the soonest possible; a rate that rises must not begin with a pause.
   * Null: neither; the count just goes on.
   */
  #dueAt(before: Score): number | null {
    if (this.#lastTime >= this.start) return this.#lastTime;
    const turns = before.turnsAt(this.start);
    const interval = this.#intervalAt(this.start);
    const left = (Math.floor(turns) + 1 - turns) * interval;
    const soonest = this.plan.lead + this.plan.early * interval;
    return left < soonest ? this.start + soonest : null;
  }

  continues(plan: Plan, line: Line): boolean {
    return plan.name === this.plan.name && sameLine(line, this.line);
  }

  /** Turns gone by at `time`, the echo included. */
  turnsAt(time: number): number {
    const turns = this.law.turnsAt(time);
    if (this.#echo === 0 || turns >= this.#from + this.#turns) return turns;
    if (turns + this.#echo <= this.#from) return turns + this.#echo;
    const share = this.#echo / this.#turns;
    return (turns + this.#echo + share * this.#from) / (1 + share);
  }

  /** The number of something that happens at or before `time`, whatever its drift and the echo. */
  firstAround(time: number): number {
    const longest = 3 * this.plan.lead + 500;
    return (Math.floor(this.law.turnsAt(time - longest)) - 2) * this.plan.places.length;
  }

  /** Writes number `n` into `into`; false when it does not happen. */
  read(n: number, into: Happening): boolean {
    const time = this.#timeOf(n);
    if (!Number.isFinite(time)) return false;
    const before = this.#timeOf(n - 1);
    into.time = time;
    into.interval = this.#intervalAt(time);
    into.since = Number.isFinite(before) ? time - before : into.interval;
    into.n = n;
    into.i = placeOf(n, this.plan.places.length);
    into.score = this;
    return into.since > 1 && time - this.#lastTime > CLOSEST * into.interval;
  }

  /** The time of number `n` before any drift; plus infinity when the turning stops before it. */
  placeTime(n: number): number {
    const { places, intervals } = this.plan;
    const i = placeOf(n, places.length);
    let turn = (n - i) / places.length + (places[i] ?? 0) / intervals;
    if (this.#echo !== 0) {
      const gone = Math.max(0, turn - this.#from);
      turn -= this.#echo * Math.max(0, 1 - gone / this.#turns);
    }
    return this.law.timeOf(turn);
  }

  #timeOf(n: number): number {
    const { places, snap } = this.plan;
    const time = this.placeTime(n);
    if (!Number.isFinite(time)) return time;
    const drifted = time + this.plan.drift(n, placeOf(n, places.length), this.#intervalAt(time));
    return snap === undefined ? drifted : ERA + Math.ceil((drifted - ERA) / snap) * snap;
  }

  /** Never endless: at a rate near 0 shapes and drifts still want a number. 12 s is 5/min. */
  #intervalAt(time: number): number {
    const rate = this.law.rateAt(time) * this.plan.intervals;
    return rate > 0 ? Math.min(12_000, 1 / rate) : 12_000;
  }
}

function placeOf(n: number, count: number): number {
  return n - Math.floor(n / count) * count;
}
