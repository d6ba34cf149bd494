import type { News2 } from "../wire/debrief";
import type { LastValues, SignName } from "../wire/types";
import { hasPulse, isOn } from "./circulation";
import {
  bandOf, HEART_RATE, HIGH_FROM, MEDIUM_FROM, news2Parts, placeIn, RESPIRATORY_RATE, shockIndex, spo2Scale, SYSTOLIC,
  TEMPERATURE, totalOf, type Observations, type Scale,
} from "./news2"; // prettier-ignore
import { isPaused, valueAt } from "./ramps";
import { levelOf } from "./score";
import { meanPressure } from "./signs";
import { turns } from "./turns";

/**
 * NEWS2 along a record: each moment at which it changes, ramps included, so that a device without a network has it from
 * the record that it keeps. It is judged by the patient as they were; as the team could know it, it stands in
 * monitor/knownWarning.ts. The same rule as the server's (`server/domain/debrief/early_warning.py`);
 * tests/vectors/early_warning.json holds both to it. Moments are milliseconds of the server's clock.
 */

/** The total came from below `limit` to it, or above. */
export interface Crossing {
  at: number;
  limit: typeof MEDIUM_FROM | typeof HIGH_FROM;
  total: number;
  missing: News2["missing"];
}

export interface EarlyWarnings {
  scores: News2[];
  crossings: Crossing[];
}

interface State {
  at: number;
  last: LastValues;
}

/** `states`: the one at the opening, then each that a change leads to, in order and up to and with `until`. */
export function earlyWarningsOf(states: Iterable<State>, until: number): EarlyWarnings {
  const watch = new Watch();
  let before: State | null = null;
  for (const state of states) {
    if (before !== null) watch.passBy(before, state.at);
    watch.see(state);
    before = state;
  }
  if (before !== null) watch.passBy(before, until);
  return { scores: watch.scores, crossings: watch.crossings };
}

/** Of all scores the highest, as it was first reached; null: there never was one. */
export function highestOf(scores: readonly News2[]): { at: string; total: number; missing: News2["missing"] } | null {
  let highest: ReturnType<typeof highestOf> = null;
  for (const { at, total, missing } of scores) if (total !== null && total > (highest?.total ?? -1)) highest = { at, total, missing };
  return highest;
}

/** Each score from its moment on, as far as it differs from the one before. */
export class ScoresAlong {
  readonly scores: News2[] = [];
  #what = "";

  note(score: News2): void {
    // Of several in one instant the last holds.
    if (this.scores.length > 1 && this.scores.at(-1)?.at === score.at) {
      this.scores.pop();
      this.#what = whatOf(this.scores.at(-1) as News2);
    }
    const what = whatOf(score);
    if (what !== this.#what) this.scores.push(score);
    this.#what = what;
  }
}

class Watch {
  readonly crossings: Crossing[] = [];
  readonly #along = new ScoresAlong();
  #missing = NOTHING_RECORDED;
  /** The last total there was: an arrest has none, and whoever comes out of it has not crossed anything by that. */
  #total: number | null = null;

  get scores(): News2[] {
    return this.#along.scores;
  }

  see({ at, last }: State): void {
    this.#missing = stillMissing(this.#missing, last);
    this.#note(at, last);
  }

  /** What the ramps of a state did from then on. */
  passBy({ at: since, last }: State, until: number): void {
    for (const at of [...momentsOfRamps(last, since, until)].sort((a, b) => a - b)) this.#note(at, last);
  }

  #note(at: number, last: LastValues): void {
    const score = earlyWarningAt(last, at, this.#missing);
    this.#along.note(score);
    const { total, missing } = score;
    if (total === null) return;
    const before = this.#total;
    if (before !== null)
      for (const limit of [MEDIUM_FROM, HIGH_FROM] as const)
        if (before < limit && limit <= total) this.crossings.push({ at, limit, total, missing });
    this.#total = total;
  }
}

/** Everything but its moment. */
function whatOf({ parts, missing, mean, shock_index }: News2): string {
  return [...Object.values(parts), mean, shock_index, ...missing].join();
}

export const NOTHING_RECORDED: News2["missing"] = ["consciousness", "oxygen"];

/** What was never recorded, now that the patient is so, too. */
export function stillMissing(missing: News2["missing"], last: LastValues): News2["missing"] {
  if (missing.length === 0) return missing;
  const recorded: Partial<Record<keyof News2["parts"], boolean>> = {
    consciousness: levelOf(last.flags["consciousness"] ?? null) !== null || "loss_of_consciousness" in last.flags,
    oxygen: "oxygen" in last.flags,
  };
  return missing.filter((part) => !recorded[part]);
}

const NO_PARTS: News2["parts"] = {
  respiratory_rate: null, spo2: null, oxygen: null, systolic: null, heart_rate: null, consciousness: null, temperature: null,
}; // prettier-ignore

/** At one moment of a state. */
export function earlyWarningAt(last: LastValues, at: number, missing: News2["missing"]): News2 {
  return hasPulse(last, at + 1) ? scored((name) => valueAt(last, name, at), last, at, missing) : unscored(at, missing);
}

/** Nobody has a score without a pulse. */
export function unscored(at: number, missing: News2["missing"]): News2 {
  return { at: new Date(at).toISOString(), total: null, parts: NO_PARTS, band: null, missing, mean: null, shock_index: null };
}

/** Of the signs that somebody knows (null: nobody), and of what `last` says beside them. */
export function scored(known: (name: SignName) => number | null, last: LastValues, at: number, missing: News2["missing"]): News2 {
  const seen: Observations = {
    respiratory_rate: known("respiratory_rate"),
    spo2: known("spo2"),
    systolic: known("systolic"),
    heart_rate: known("heart_rate"),
    temperature: known("temperature"),
    is_alert: (levelOf(last.flags["consciousness"] ?? null) ?? "A") === "A" && !isOn(last, "loss_of_consciousness"),
    has_oxygen: isOn(last, "oxygen"),
    is_spo2_scale_2: isOn(last, "spo2_scale_2"),
  };
  const { systolic, heart_rate: rate } = seen;
  const diastolic = known("diastolic");
  const parts = news2Parts(seen);
  const unknown = (Object.keys(parts) as News2["missing"]).filter((part) => parts[part] === null);
  return {
    at: new Date(at).toISOString(),
    total: totalOf(parts),
    parts,
    band: bandOf(parts),
    missing: [...unknown, ...missing],
    mean: systolic === null || diastolic === null ? null : meanPressure({ systolic, diastolic }),
    shock_index: systolic === null || rate === null ? null : shockIndex(rate, systolic),
  };
}

/** When a ramp takes a sign from one row of the table to another, and when one ends. */
export function momentsOfRamps(last: LastValues, since: number, until: number): Set<number> {
  const found = new Set<number>();
  if (isPaused(last)) return found;
  for (const name of Object.keys(last.ramps) as SignName[]) {
    const ramp = last.ramps[name];
    if (ramp === undefined) continue;
    // To the microsecond: what is left of a ramp after a pause is a number with many digits.
    const end = Math.round((Date.parse(ramp.started_at) + ramp.seconds * 1000) * 1000) / 1000;
    if (end <= since) continue;
    if (end <= until) found.add(end);
    const scale = scaleOf(last, name);
    if (scale === null) continue;
    for (const at of turns(last, name, since, (moment) => placeIn(scale, valueAt(last, name, moment)), until)) found.add(at);
  }
  return found;
}

function scaleOf(last: LastValues, name: SignName): Scale | null {
  switch (name) {
    case "spo2":
      return spo2Scale(isOn(last, "spo2_scale_2"), isOn(last, "oxygen"));
    case "respiratory_rate":
      return RESPIRATORY_RATE;
    case "systolic":
      return SYSTOLIC;
    case "heart_rate":
      return HEART_RATE;
    case "temperature":
      return TEMPERATURE;
    default:
      return null;
  }
}
