import { BOUNDS } from "../../generated/catalogue";
import { fold } from "../../patient/fold";
import { looseEnds } from "../../patient/looseEnds";
import type { Transition } from "../../patient/moves";
import { patchOfStep } from "../../patient/patches";
import { START_VALUES } from "../../patient/signs";
import type { LastValues } from "../../wire/types";
import type { CaseDraft } from "./draft";
import { fieldFaults, type Fault } from "./faults";
import type { DraftStep } from "./parts";

/** Everything that is wrong with a case, the errors first. */
export function faultsOf(draft: CaseDraft): Fault[] {
  const found = [...fieldFaults(draft), ...restlessRound(draft.steps), ...mergeFaults(draft), ...caseWarnings(draft)];
  return [...found.filter(({ level }) => level === "error"), ...found.filter(({ level }) => level === "warning")];
}

/** What a monitor shows when the session opens, and after each step in the order of the list; ramps are at their end. */
export function valuesInOrder({ vitals, rhythm, flags, steps }: CaseDraft): LastValues[] {
  let last = fold(START_VALUES, { vitals, flags, ...(rhythm === null ? {} : { rhythm }) }, 0);
  const all = [last];
  for (const step of steps) {
    last = fold(last, { ...patchOfStep(step), ramp_seconds: 0 }, 0);
    all.push(last);
  }
  return all;
}

/** The first place in the order of the list at which the case cannot be. */
function mergeFaults(draft: CaseDraft): Fault[] {
  for (const [place, { systolic, diastolic, flags }] of valuesInOrder(draft).entries()) {
    const prefix = place === 0 ? "" : `steps.${place - 1}.`;
    const { vitals } = place === 0 ? draft : draft.steps[place - 1]!;
    const named = vitals.diastolic === undefined ? "systolic" : "diastolic";
    const values = { diastolic, systolic };
    if (diastolic > systolic)
      return [{ field: `${prefix}vitals.${named}`, level: "error", code: "diastolic_above", values }];
    const most = BOUNDS.flags;
    if (Object.keys(flags).length > most)
      return [{ field: `${prefix}flags`, level: "error", code: "too_many", values: { most } }];
  }
  return [];
}

/** A round of steps that is gone by automatic conditions alone, and would never come to rest. */
function restlessRound(steps: readonly DraftStep[]): Fault[] {
  const places = new Map(steps.map(({ key }, place) => [key, place]));
  const ways = new Map(
    steps.map(({ key, transitions }) => [
      key,
      transitions.flatMap(({ to, automatic, on }) =>
        automatic && "when" in on && to !== null && places.has(to) ? [to] : [],
      ),
    ]),
  );
  const round = roundIn(ways);
  if (round === null) return [];
  return [{ field: `steps.${places.get(round[0]!)!}.transitions`, level: "error", code: "restless", steps: round }];
}

function roundIn(ways: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const look = (key: string, path: readonly string[]): string[] | null => {
    const at = path.indexOf(key);
    if (at >= 0) return path.slice(at);
    if (done.has(key)) return null;
    for (const to of ways.get(key) ?? []) {
      const found = look(to, [...path, key]);
      if (found !== null) return found;
    }
    done.add(key);
    return null;
  };
  for (const start of ways.keys()) {
    const found = look(start, []);
    if (found !== null) return found;
  }
  return null;
}

function caseWarnings(draft: CaseDraft): Fault[] {
  const { steps } = draft;
  const loose = looseEnds(steps);
  if (loose === null) return [];
  const at = (place: number): Pick<Fault, "field" | "level"> => ({ field: `steps.${place}`, level: "warning" });
  const ending = canEnd(steps);
  const endless = steps.findIndex(({ key }) => loose.reached.has(key) && !ending.has(key));
  return [
    ...loose.unreachable.map((place): Fault => ({ ...at(place), code: "unreachable" })),
    ...loose.stuck.map((place): Fault => ({ ...at(place), code: "no_way_out" })),
    ...(endless < 0 ? [] : [{ ...at(endless), code: "endless" } satisfies Fault]),
    ...impossibleWays(draft),
  ];
}

/** From which steps the case can come to its end, or to a step in which it stays until the trainer ends it. */
function canEnd(steps: readonly DraftStep[]): ReadonlySet<string> {
  const known = new Set(steps.map(({ key }) => key));
  const ends = new Set(steps.filter(({ transitions }) => transitions.length === 0).map(({ key }) => key));
  const leads = ({ to }: Transition) => to === null || !known.has(to) || ends.has(to);
  for (let before = -1; before < ends.size;) {
    before = ends.size;
    for (const { key, transitions } of steps) if (transitions.some(leads)) ends.add(key);
  }
  return ends;
}

/** Enough for every case that a person writes; beyond it a warning may be missing. */
const MOST_ARRIVALS = 4000;

/** Steps that cannot be played when they are come to by a way of their own, whatever stands before them in the list. */
function impossibleWays(draft: CaseDraft): Fault[] {
  const { steps } = draft;
  const places = new Map(steps.map(({ key }, place) => [key, place]));
  const [opened] = valuesInOrder({ ...draft, steps: [] });
  const first = steps[0];
  if (first === undefined || opened === undefined) return [];
  const found = new Map<number, Fault>();
  const seen = new Set<string>();
  const open = [{ step: first, from: "", systolic: opened.systolic, diastolic: opened.diastolic }];
  for (const { step, from, ...before } of open) {
    const { systolic = before.systolic, diastolic = before.diastolic } = step.vitals;
    const place = places.get(step.key)!;
    if (diastolic > systolic) {
      // What the order of the list shows is an error already.
      const values = { diastolic, systolic };
      const fault: Fault = {
        field: `steps.${place}`,
        level: "warning",
        code: "impossible_from",
        values,
        steps: [from],
      };
      if (from !== "" && steps[place - 1]?.key !== from && !found.has(place)) found.set(place, fault);
      continue;
    }
    const arrival = `${step.key} ${systolic} ${diastolic}`;
    if (seen.has(arrival) || seen.size >= MOST_ARRIVALS) continue;
    seen.add(arrival);
    for (const { to } of step.transitions) {
      const next = to === null ? undefined : steps[places.get(to) ?? -1];
      if (next !== undefined) open.push({ step: next, from: step.key, systolic, diastolic });
    }
  }
  return [...found.values()];
}
