import type { AlarmId } from "../../../monitor/conditions";
import type { Annotation } from "../../../wire/types";
import type { ServerMoment, ServerMomentKind } from "../../../wire/debrief";
import { isOfMoment } from "../../room/record/record";
import type { ToldAlarm } from "../replay/alarmFold";

/** Something worth looking at, in no language yet. */
export interface FoundMoment {
  /** Of this debrief: the same moment has the same key whenever it is read. */
  key: string;
  /** Milliseconds of the server's clock. */
  at: number;
  seq: number | null;
  kind: ServerMomentKind | "alarm" | "annotation";
  details: Readonly<Record<string, unknown>>;
  /** What a person called it; null: nobody has. */
  title: string | null;
  isHidden: boolean;
}

export function ofServer({ at, seq, kind, details, title, is_hidden }: ServerMoment): FoundMoment {
  return { key: `${seq} ${kind}`, at: Date.parse(at), seq, kind, details, title: title || null, isHidden: is_hidden };
}

/** ms: an alarm so soon after something else that stands here says the same once more. */
const SAID_BY_ANOTHER = 15_000;
const SAYS_ITSELF: ReadonlySet<FoundMoment["kind"]> = new Set(["arrest", "rhythm", "alarm"]);

/**
 * Everything in order, each once. A rhythm that is an arrest is told as the arrest; of the alarms those stand here that
 * told the team something red that nothing else here tells.
 */
export function allMoments(
  found: readonly FoundMoment[],
  told: readonly ToldAlarm[],
  annotations: readonly Annotation[],
): FoundMoment[] {
  const arrests = new Set(found.flatMap(({ kind, seq }) => (kind === "arrest" ? [seq] : [])));
  const plain = found.filter(({ kind, seq }) => kind !== "rhythm" || !arrests.has(seq));
  const beside = annotations.filter((one) => isOfMoment(one) && one.deleted_at === null).map(ofAnnotation);
  const all = [...plain, ...beside].sort(byTime);
  for (const alarm of told) if (alarm.priority === "high" && !isTold(all, alarm.raised_at)) all.push(ofAlarm(alarm));
  return all.sort(byTime);
}

/** Of somebody without a pulse everything is red. */
function isTold(all: readonly FoundMoment[], raisedAt: number): boolean {
  const before = all.filter(({ at }) => at <= raisedAt);
  const turn = before.findLast(({ kind }) => kind === "arrest" || kind === "arrest_end");
  return turn?.kind === "arrest" || before.some(({ at, kind }) => SAYS_ITSELF.has(kind) && raisedAt - at <= SAID_BY_ANOTHER);
}

function ofAnnotation({ id, at, text, marker }: Annotation): FoundMoment {
  return { key: id, at: Date.parse(at), seq: null, kind: "annotation", details: { text, marker }, title: null, isHidden: false };
}

function ofAlarm({ id, raised_at }: ToldAlarm): FoundMoment {
  const details: { alarm: AlarmId } = { alarm: id };
  return { key: `${id} ${raised_at}`, at: raised_at, seq: null, kind: "alarm", details, title: null, isHidden: false };
}

const KIND_ORDER: readonly FoundMoment["kind"][] = [
  "opened", "step", "rhythm", "arrest", "arrest_end", "news2_5", "news2_7", "silence", "cuff", "sensor_off", "alarm",
  "bookmark", "annotation", "end",
]; // prettier-ignore

function byTime(a: FoundMoment, b: FoundMoment): number {
  return a.at - b.at || (a.seq ?? 0) - (b.seq ?? 0) || KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind);
}

/** How much a moment is asked for where there is room for few; what is the same, the earlier one first. */
const RANK: Record<FoundMoment["kind"], number> = {
  opened: 9, end: 9, arrest: 8, arrest_end: 7, news2_7: 6, bookmark: 5, annotation: 5, silence: 4, alarm: 4,
  news2_5: 3, step: 3, rhythm: 2, cuff: 1, sensor_off: 1,
}; // prettier-ignore

/** Those that say most, in their order of time; the first shock among them, however much was marked before it. */
export function foremost(moments: readonly FoundMoment[], most: number): FoundMoment[] {
  if (moments.length <= most) return [...moments];
  const shock = moments.find(({ details }) => details.marker === "defibrillation");
  const rank = (one: FoundMoment): number => (one === shock ? RANK.arrest_end : RANK[one.kind]);
  const chosen = new Set([...moments].sort((a, b) => rank(b) - rank(a) || a.at - b.at).slice(0, most));
  return moments.filter((moment) => chosen.has(moment));
}

/** The first behind `at`, or the last before it; a moment that is shown is not its own neighbour. */
export function neighbour(moments: readonly FoundMoment[], at: number, way: "next" | "previous"): FoundMoment | undefined {
  return way === "next" ? moments.find((one) => one.at > at) : moments.findLast((one) => one.at < at);
}
