import { BOUNDS, RHYTHMS, SIGNS } from "../../generated/catalogue";
import type { Transition, Trigger } from "../../patient/moves";
import { ADULT_LIMITS } from "../../patient/signs";
import type { FlagValue, LimitName, SignName } from "../../wire/types";
import type { CaseDraft } from "./draft";
import type { DraftStep } from "./parts";

/**
 * What is wrong with a case, each at its field, by the names that the server uses. An error keeps it from being saved, a
 * warning does not. The same rules as the server's (`server/domain/template.py`); tests/vectors/case_faults.json holds
 * both to them.
 */
export interface Fault {
  /** `title`, `steps.2.vitals.diastolic`, `steps.0.transitions.1.on.after`. */
  field: string;
  level: "error" | "warning";
  code: FaultCode;
  values?: Readonly<Record<string, number | string>>;
  /** Steps that it is about, by their keys. */
  steps?: readonly string[];
}

export type FaultCode =
  | "empty"
  | "characters"
  | "too_long"
  | "range"
  | "whole_number"
  | "decimals"
  | "too_many"
  | "none"
  | "unknown"
  | "key"
  | "key_twice"
  | "tag"
  | "low_above_high"
  | "by_hand_only"
  | "no_such_step"
  | "restless"
  | "diastolic_above"
  | "unreachable"
  | "no_way_out"
  | "endless"
  | "impossible_from";

const KEY = /^[a-z][a-z0-9_]{0,31}$/;
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$/;
/** Half a surrogate pair, and NUL: no database keeps them. Other control characters have no place in a line. */
const UNSTORABLE = /[\0\uD800-\uDFFF]/u;
const MINUTES = BOUNDS.session_seconds / 60;
const MOST_TARGETS = 100;
const MEAN = { min: 0, max: 300, decimals: 0 };

/** Each field judged by itself, and what the steps say of each other. */
export function fieldFaults(draft: CaseDraft): Fault[] {
  const found = new Found();
  found.line("title", draft.title, BOUNDS.title_characters, true);
  found.line("public_title", draft.public_title, BOUNDS.title_characters, false);
  found.text("description", draft.description, BOUNDS.description_characters, false);
  if (draft.duration_minutes !== null) found.number("duration_minutes", draft.duration_minutes, 1, MINUTES);
  if (draft.pass_percent !== null) found.number("pass_percent", draft.pass_percent, 1, 100);
  if (draft.language !== null && !LANGUAGE.test(draft.language)) found.error("language", "tag");
  patchFaults(draft, "", found);
  stepFaults(draft.steps, found);
  limitFaults(draft, found);
  checklistFaults(draft, found);
  targetFaults(draft, found);
  return found.all;
}

class Found {
  readonly all: Fault[] = [];

  error(field: string, code: FaultCode, values?: Fault["values"]): void {
    this.all.push({ field, level: "error", code, ...(values === undefined ? {} : { values }) });
  }

  text(field: string, value: string, most: number, isRequired: boolean): void {
    if (UNSTORABLE.test(value)) this.error(field, "characters");
    else if (isRequired && value.trim() === "") this.error(field, "empty");
    else if ([...value].length > most) this.error(field, "too_long", { most });
  }

  line(field: string, value: string, most: number, isRequired: boolean): void {
    if (/\p{Cc}/u.test(value.replaceAll(/\s/g, ""))) this.error(field, "characters");
    else this.text(field, value, most, isRequired);
  }

  key(field: string, value: string): void {
    if (!KEY.test(value)) this.error(field, "key");
  }

  number(field: string, value: number, low: number, high: number, decimals = 0): void {
    if (!Number.isFinite(value) || value < low || value > high) this.error(field, "range", { low, high });
    else if (Math.abs(value * 10 ** decimals - Math.round(value * 10 ** decimals)) > 1e-6)
      this.error(field, decimals === 0 ? "whole_number" : "decimals", { decimals });
  }

  /** Whether there are few enough of them to be looked at one by one. */
  count(field: string, all: readonly unknown[], most: number): boolean {
    if (all.length > most) this.error(field, "too_many", { most });
    return all.length <= most;
  }

  keys(field: string, keys: readonly string[]): void {
    const first = new Set<string>();
    for (const [place, key] of keys.entries()) {
      if (!KEY.test(key)) this.error(`${field}.${place}.key`, "key");
      else if (first.has(key)) this.error(`${field}.${place}.key`, "key_twice");
      first.add(key);
    }
  }
}

type Patch = Pick<CaseDraft, "vitals" | "rhythm" | "flags">;

function patchFaults({ vitals, rhythm, flags }: Patch, prefix: string, found: Found): void {
  for (const [name, value] of Object.entries(vitals)) {
    const { min, max, decimals } = SIGNS[name as SignName];
    found.number(`${prefix}vitals.${name}`, value, min, max, decimals);
  }
  if (rhythm !== null && !RHYTHMS.some((one) => one === rhythm)) found.error(`${prefix}rhythm`, "unknown");
  if (!found.count(`${prefix}flags`, Object.keys(flags), BOUNDS.flags)) return;
  for (const [key, value] of Object.entries(flags)) {
    const field = `${prefix}flags.${key}`;
    if (!KEY.test(key)) found.error(field, "key");
    else if (!isFlagValue(value)) found.error(field, "too_long", { most: BOUNDS.flag_text_characters });
  }
}

function isFlagValue(value: FlagValue | null): boolean {
  return typeof value !== "string" || ([...value].length <= BOUNDS.flag_text_characters && !UNSTORABLE.test(value));
}

function stepFaults(steps: readonly DraftStep[], found: Found): void {
  if (!found.count("steps", steps, BOUNDS.steps)) return;
  const keys = steps.map(({ key }) => key);
  found.keys("steps", keys);
  for (const [place, step] of steps.entries()) {
    const prefix = `steps.${place}.`;
    found.line(`${prefix}title`, step.title, BOUNDS.title_characters, true);
    if (step.note !== null) found.text(`${prefix}note`, step.note, BOUNDS.note_characters, true);
    if (step.at_seconds !== null) found.number(`${prefix}at_seconds`, step.at_seconds, 0, BOUNDS.step_at_seconds);
    found.number(`${prefix}ramp_seconds`, step.ramp_seconds, 0, BOUNDS.ramp_seconds, 3);
    patchFaults(step, prefix, found);
    if (!found.count(`${prefix}transitions`, step.transitions, BOUNDS.transitions)) continue;
    for (const [number, way] of step.transitions.entries())
      wayFaults(way, `${prefix}transitions.${number}.`, keys, found);
  }
}

function wayFaults(
  { to, label, automatic, on }: Transition,
  prefix: string,
  keys: readonly string[],
  found: Found,
): void {
  if (to !== null && !keys.includes(to)) found.error(`${prefix}to`, "no_such_step");
  if (label !== null) found.line(`${prefix}label`, label, BOUNDS.label_characters, false);
  if (automatic && "manual" in on) found.error(`${prefix}automatic`, "by_hand_only");
  triggerFaults(on, `${prefix}on.`, found);
}

function triggerFaults(on: Trigger, prefix: string, found: Found): void {
  if ("after" in on) found.number(`${prefix}after`, on.after, 1, BOUNDS.transition_after_seconds);
  if ("marker" in on) found.key(`${prefix}marker`, on.marker);
  if ("action" in on) found.key(`${prefix}action`, on.action);
  if ("marker" in on || "action" in on) found.number(`${prefix}count`, on.count ?? 1, 1, BOUNDS.transition_count);
  if (!("when" in on)) return;
  found.number(`${prefix}hold`, on.hold ?? 0, 0, BOUNDS.hold_seconds);
  if (on.when.length === 0) found.error(`${prefix}when`, "none");
  if (!found.count(`${prefix}when`, on.when, BOUNDS.conditions)) return;
  for (const [place, condition] of on.when.entries()) {
    const field = `${prefix}when.${place}.`;
    if ("flag" in condition) {
      found.key(`${field}flag`, condition.flag);
      if (!isFlagValue(condition.is)) found.error(`${field}is`, "too_long", { most: BOUNDS.flag_text_characters });
    } else if ("sign" in condition) {
      const { min, max, decimals } = condition.sign === "mean" ? MEAN : SIGNS[condition.sign];
      found.number(`${field}value`, condition.value, min, max, decimals);
    }
  }
}

function limitFaults({ limits }: CaseDraft, found: Found): void {
  for (const name of Object.keys(ADULT_LIMITS) as LimitName[]) {
    const { low, high } = limits[name];
    const { min, max, decimals } = name === "mean" ? MEAN : SIGNS[name];
    if (low !== null) found.number(`limits.${name}.low`, low, min, max, decimals);
    if (high !== null) found.number(`limits.${name}.high`, high, min, max, decimals);
    if (low !== null && high !== null && low >= high) found.error(`limits.${name}`, "low_above_high", { low, high });
  }
}

function checklistFaults({ checklist }: CaseDraft, found: Found): void {
  if (!found.count("checklist", checklist, BOUNDS.checklist_items)) return;
  found.keys("checklist", checklist.map(({ key }) => key)); // prettier-ignore
  for (const [place, item] of checklist.entries()) {
    const prefix = `checklist.${place}.`;
    found.line(`${prefix}text`, item.text, BOUNDS.checklist_text_characters, true);
    if (item.marker !== null) found.key(`${prefix}marker`, item.marker);
    if (item.from !== null) found.key(`${prefix}from`, item.from);
    if (item.target_seconds !== null)
      found.number(`${prefix}target_seconds`, item.target_seconds, 1, BOUNDS.step_at_seconds);
  }
}

function targetFaults({ targets }: CaseDraft, found: Found): void {
  if (!found.count("targets", targets, MOST_TARGETS)) return;
  for (const [place, { marker, from, seconds }] of targets.entries()) {
    found.key(`targets.${place}.marker`, marker);
    found.key(`targets.${place}.from`, from);
    found.number(`targets.${place}.seconds`, seconds, 1, BOUNDS.step_at_seconds);
  }
}
