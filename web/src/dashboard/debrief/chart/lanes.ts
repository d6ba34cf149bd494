import { valueAt } from "../../../patient/ramps";
import { SIGNS } from "../../../patient/signs";
import type { SignName } from "../../../wire/types";
import { isPaused } from "../../../patient/ramps";
import type { RecordCourse } from "../../room/record/course";
import { trackOf, type Track } from "../../room/record/track";
import { limitStretches, type LimitsCourse, type LimitStretch } from "../limitsCourse";
import type { Span } from "../replay/replay";

/** One lane of the chart: one sign, or the two pressures of a cuff, over the one axis of time. */
export interface LanePlan {
  name: "heart_rate" | "pressure" | "spo2" | "respiratory_rate" | "etco2" | "temperature";
  signs: readonly SignName[];
  /** The least that it spans. */
  low: number;
  high: number;
  step: number;
}

const PLANS: readonly LanePlan[] = [
  { name: "heart_rate", signs: ["heart_rate"], low: 40, high: 140, step: 20 },
  { name: "pressure", signs: ["systolic", "diastolic"], low: 40, high: 160, step: 20 },
  { name: "spo2", signs: ["spo2"], low: 80, high: 100, step: 10 },
  { name: "respiratory_rate", signs: ["respiratory_rate"], low: 0, high: 30, step: 10 },
  { name: "etco2", signs: ["etco2"], low: 0, high: 50, step: 10 },
  { name: "temperature", signs: ["temperature"], low: 36, high: 38, step: 1 },
];

/** A sign over time as the patient had it: moments in seconds, as in a track. */
export interface TruePath {
  xs: number[];
  values: number[];
}

export interface LaneData extends LanePlan {
  /** The alarm limits of the lane's first sign over the time in view. */
  limits: readonly LimitStretch[];
  truth: Partial<Record<SignName, TruePath>>;
}

export interface ChartData {
  view: Span;
  track: Track;
  lanes: LaneData[];
}

/** Pieces in which a part of the record is read: more than a projector has room for is not seen. */
const MOST_PIECES = 500;

export function chartOf(course: RecordCourse, view: Span, limits: LimitsCourse, width: number): ChartData {
  const pieces = Math.min(MOST_PIECES, Math.max(80, Math.floor(width / 2.5)));
  const track = trackOf(course, view.from, view.until, pieces);
  const truth = truthOf(course, view, pieces);
  const lanes = PLANS.filter((plan) => plan.name !== "temperature" || moves(truth.temperature)).map((plan) =>
    laneOf(plan, track, truth, limitStretches(limits, plan.signs[0] as SignName, view)),
  );
  return { view, track, lanes };
}

function moves({ values }: TruePath): boolean {
  return values.some((value) => value !== values[0]);
}

function laneOf(plan: LanePlan, track: Track, truth: Record<SignName, TruePath>, limits: readonly LimitStretch[]): LaneData {
  const [first] = plan.signs as readonly [SignName];
  const values = plan.signs.flatMap((name) => [...track.values[name].filter((value) => value !== null), ...truth[name].values]);
  const least = Math.min(plan.low, ...extremes(values).slice(0, 1));
  const most = Math.max(plan.high, ...extremes(values).slice(1));
  return {
    ...plan,
    low: Math.max(0, Math.floor(least / plan.step) * plan.step),
    high: Math.min(SIGNS[first].max, Math.ceil(most / plan.step) * plan.step),
    limits,
    truth: Object.fromEntries(plan.signs.map((name) => [name, truth[name]])),
  };
}

/** Without spreading a long list over the arguments of a call. */
function extremes(values: readonly number[]): [number, number] | [] {
  if (values.length === 0) return [];
  return values.reduce<[number, number]>(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

/** Jumps as jumps and ramps as ramps: a line between two of these moments is what the patient did. */
function truthOf(course: RecordCourse, view: Span, pieces: number): Record<SignName, TruePath> {
  const names = Object.keys(SIGNS) as SignName[];
  const paths = Object.fromEntries(names.map((name) => [name, { xs: [], values: [] }])) as unknown as Record<SignName, TruePath>;
  const piece = (view.until - view.from) / (pieces * 2);
  let before: { last: Parameters<typeof valueAt>[0] } | null = null;
  let drawnAt = Number.NEGATIVE_INFINITY;
  for (const state of course.states(view.from, view.until)) {
    const at = Math.max(view.from, state.at);
    const isDense = at - drawnAt < piece && at > view.from;
    if (!isDense) {
      if (before !== null) addAll(paths, before.last, at - 1, at);
      drawnAt = at;
      addAll(paths, state.last, at, at);
    }
    const nextAt = course.changes[course.placeAt(state.at)]?.at ?? view.until;
    addEnds(paths, state.last, at, Math.min(nextAt, view.until), piece);
    before = state;
  }
  if (before !== null) addAll(paths, before.last, view.until, view.until);
  return paths;
}

function addAll(paths: Record<SignName, TruePath>, last: Parameters<typeof valueAt>[0], read: number, at: number): void {
  for (const name of Object.keys(paths) as SignName[]) {
    paths[name].xs.push(at / 1000);
    paths[name].values.push(valueAt(last, name, read));
  }
}

/** Where a ramp comes to its end it bends. */
function addEnds(paths: Record<SignName, TruePath>, last: Parameters<typeof valueAt>[0], from: number, until: number, piece: number): void {
  if (isPaused(last)) return;
  const ends = Object.values(last.ramps).map(({ started_at, seconds }) => Date.parse(started_at) + seconds * 1000);
  for (const end of [...new Set(ends)].sort((a, b) => a - b)) if (end > from + piece && end < until) addAll(paths, last, end, end);
}
