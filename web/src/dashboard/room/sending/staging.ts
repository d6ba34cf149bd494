import type { Staged } from "../../../device/database/preparation";
import { broughtByCompressions, partsOfPreset, type Preset } from "../../../patient/presets";
import { broughtBy, type Brought } from "../../../patient/rhythms";
import { flagOf } from "../../../patient/score";
import { SIGNS, SIGN_NAMES } from "../../../patient/signs";
import type { FlagValue, LastValues, Rhythm, SignName, Signs, VitalsPatch } from "../../../wire/types";

export type { Staged } from "../../../device/database/preparation";

export type Staging =
  | { type: "sign"; name: SignName; value: number }
  | { type: "rhythm"; rhythm: Rhythm }
  | { type: "preset"; preset: Preset }
  | { type: "flag"; key: string; value: FlagValue | null }
  | { type: "forget_sign"; name: SignName }
  | { type: "forget_rhythm" }
  | { type: "forget_flag"; key: string }
  | { type: "discard" };

/** The diastolic pressure would stand above the systolic one: the server refuses that, so it is not sent. */
export interface PressureTrouble {
  systolic: number;
  diastolic: number;
}

export const NOTHING: Staged = { signs: {}, rhythm: null, flags: {} };

/** `shown` is what the trainees have as targets: changing a sign back to it is no change any more. */
export function stage(staged: Staged, change: Staging, shown: LastValues): Staged {
  switch (change.type) {
    case "sign": {
      const value = allowed(change.name, change.value);
      if (value === shown[change.name]) return { ...staged, signs: without(staged.signs, change.name) };
      return { ...staged, signs: { ...staged.signs, [change.name]: value } };
    }
    case "rhythm":
      return withRhythm(staged.rhythm === null ? kept(staged) : withoutRhythm(staged), change.rhythm, shown);
    case "preset":
      return withPreset(withoutRhythm(staged), change.preset, shown);
    case "flag": {
      const before = change.key === "cpr" ? withoutCompressions(staged) : { ...staged, flags: without(staged.flags, change.key) };
      if (change.value === flagOf(shown, change.key)) return before;
      const after = { ...before, flags: { ...before.flags, [change.key]: change.value } };
      return change.key === "cpr" && Boolean(change.value) ? withBagging(after, shown) : after;
    }
    case "forget_sign":
      return { ...staged, signs: without(staged.signs, change.name) };
    case "forget_rhythm":
      return withoutRhythm(staged);
    case "forget_flag":
      return change.key === "cpr" ? withoutCompressions(staged) : { ...staged, flags: without(staged.flags, change.key) };
    case "discard":
      return NOTHING;
  }
}

export function countStaged(staged: Staged): number {
  return Object.keys(staged.signs).length + (staged.rhythm === null ? 0 : 1) + Object.keys(staged.flags).length;
}

/**
 * A rhythm comes with its rate and with what it does to the patient: staged as well, each to be taken out again. What
 * the trainer has staged by hand stays as it is; the two pressures are one thing.
 */
function withRhythm(staged: Staged, rhythm: Rhythm, shown: LastValues): Staged {
  if (rhythm === shown.rhythm) return staged;
  return { ...withBrought(staged, broughtBy(rhythm, targetsAfter(staged, shown))), rhythm };
}

/** The same way: a rhythm, if the patient needs another one, and what belongs to it. */
function withPreset(staged: Staged, preset: Preset, shown: LastValues): Staged {
  const { rhythm, ...all } = partsOfPreset(preset, targetsAfter(staged, shown));
  return { ...withBrought(staged, all), rhythm };
}

function withBrought(staged: Staged, all: Brought): Staged {
  const own = new Set(Object.keys(staged.signs));
  if (own.has("systolic") || own.has("diastolic")) own.add("systolic").add("diastolic");
  const brought: Brought = {
    signs: Object.fromEntries(Object.entries(all.signs).filter(([name]) => !own.has(name))),
    flags: Object.fromEntries(Object.entries(all.flags).filter(([key]) => !(key in staged.flags))),
  };
  return { ...staged, signs: { ...staged.signs, ...brought.signs }, flags: { ...staged.flags, ...brought.flags }, brought };
}

/** Those who press the chest of a patient without a circulation ventilate as well: staged with it, to be taken out. */
function withBagging(staged: Staged, shown: LastValues): Staged {
  const brought = Object.keys(broughtIn(staged).signs);
  const own = Object.keys(staged.signs).filter((name) => !brought.includes(name));
  const all = Object.entries(broughtByCompressions(targetsAfter(staged, shown))).filter(([name]) => !own.includes(name));
  const bagged: Partial<Signs> = Object.fromEntries(all);
  const signs = Object.entries({ ...staged.signs, ...bagged }).filter(([name, value]) => shown[name as SignName] !== value);
  return { ...staged, signs: Object.fromEntries(signs), bagged };
}

function withoutCompressions(staged: Staged): Staged {
  const { bagged: _, ...rest } = staged;
  const signs: Partial<Signs> = { ...staged.signs };
  for (const name of Object.keys(baggedIn(staged)) as SignName[]) {
    // Of an arrest that is staged as well: nobody ventilates any more.
    const before = staged.brought?.signs[name];
    if (before === undefined) delete signs[name];
    else signs[name] = before;
  }
  return { ...rest, signs, flags: without(staged.flags, "cpr") };
}

/** The targets that the trainees will have. */
function targetsAfter(staged: Staged, shown: LastValues): LastValues {
  const flags = { ...shown.flags };
  for (const [key, value] of Object.entries(staged.flags)) {
    if (value === null) delete flags[key];
    else flags[key] = value;
  }
  return { ...shown, ...staged.signs, rhythm: staged.rhythm ?? shown.rhythm, flags };
}

/** Brought by what is no rhythm: it stays, as if it had been set by hand, when a rhythm is chosen after it. */
function kept(staged: Staged): Staged {
  const { brought: _, ...rest } = staged;
  return rest;
}

function withoutRhythm(staged: Staged): Staged {
  const { signs, flags } = broughtIn(staged);
  return {
    ...kept(staged),
    signs: Object.keys(signs).reduce((rest, name) => without(rest, name), staged.signs),
    rhythm: null,
    flags: Object.keys(flags).reduce((rest, key) => without(rest, key), staged.flags),
  };
}

/** What the staged rhythm has brought, and stands as it was brought. */
export function broughtIn(staged: Staged): Brought {
  const { signs = {}, flags = {} } = staged.brought ?? {};
  return {
    signs: Object.fromEntries(Object.entries(signs).filter(([name, value]) => staged.signs[name as SignName] === value)),
    flags: Object.fromEntries(Object.entries(flags).filter(([key, value]) => staged.flags[key] === value)),
  };
}

/** What the staged compressions have brought, and stands as it was brought. */
export function baggedIn({ signs, bagged = {} }: Staged): Partial<Signs> {
  return Object.fromEntries(Object.entries(bagged).filter(([name, value]) => signs[name as SignName] === value));
}

/** Whether a ramp has anything to move: what a rhythm brings comes with it, at once, if there is nothing else. */
export function hasOwnSigns(staged: Staged): boolean {
  const brought = { ...broughtIn(staged).signs, ...staged.bagged };
  return Object.entries(staged.signs).some(([name, value]) => brought[name as SignName] !== value);
}

/** One push with everything; only numbers move over `rampSeconds`, a rhythm or a flag changes at once. */
export function patchOf(staged: Staged, rampSeconds: number): VitalsPatch {
  const patch: VitalsPatch = {};
  if (Object.keys(staged.signs).length > 0) patch.vitals = { ...staged.signs };
  if (staged.rhythm !== null) patch.rhythm = staged.rhythm;
  if (Object.keys(staged.flags).length > 0) patch.flags = { ...staged.flags };
  if (hasOwnSigns(staged) && rampSeconds > 0) patch.ramp_seconds = rampSeconds;
  return patch;
}

/** Judged on the targets after the merge, as the server does. */
export function pressureTrouble(shown: LastValues, signs: Partial<Signs>): PressureTrouble | null {
  if (signs.systolic === undefined && signs.diastolic === undefined) return null;
  const systolic = signs.systolic ?? shown.systolic;
  const diastolic = signs.diastolic ?? shown.diastolic;
  return diastolic > systolic ? { systolic, diastolic } : null;
}

/** Inside the sign's range, with its decimals. */
export function allowed(name: SignName, value: number): number {
  const { min, max, decimals } = SIGNS[name];
  const scale = 10 ** decimals;
  return Math.min(max, Math.max(min, Math.round(value * scale) / scale));
}

/** The staged changes of a push that came to nothing, put back where nothing newer has been staged. */
export function restage(staged: Staged, patch: VitalsPatch): Staged {
  return {
    signs: { ...patch.vitals, ...staged.signs },
    rhythm: staged.rhythm ?? patch.rhythm ?? null,
    flags: { ...patch.flags, ...staged.flags },
  };
}

/** Without what is so by now: of what was staged a while ago, and may have been sent since. */
export function stillStaged(staged: Staged, shown: LastValues): Staged {
  return {
    ...staged,
    signs: Object.fromEntries(Object.entries(staged.signs).filter(([name, value]) => value !== shown[name as SignName])),
    rhythm: staged.rhythm === shown.rhythm ? null : staged.rhythm,
    flags: Object.fromEntries(Object.entries(staged.flags).filter(([key, value]) => value !== flagOf(shown, key))),
  };
}

export function stagedNames(staged: Staged): SignName[] {
  return SIGN_NAMES.filter((name) => staged.signs[name] !== undefined);
}

function without<T extends object>(all: T, key: string): T {
  if (!(key in all)) return all;
  const rest = { ...all };
  delete rest[key as keyof T];
  return rest;
}
