import type { OutboxEntry } from "../device/outbox/entry";
import { fill, language } from "../i18n";
import { trainerTexts as t } from "../i18n/trainers";
import { writeDecimals, writeShort } from "../i18n/numbers";
import { settings } from "../monitor/settings";
import { toPressure, toTemperature } from "../monitor/units";
import { patchOfEvent, patchOfPush } from "../patient/patches";
import { SIGNS, SIGN_NAMES } from "../patient/signs";
import type {
  CaseControl,
  FlagValue,
  Refusal,
  Rhythm,
  SessionEvent,
  SignName,
  Signs,
  TemplateStep,
  Trainer,
  VitalsPatch,
} from "../wire/types";
import { isPickedFlag, scoreText, type PickedFlag } from "./scoreFlags";
import { isMarkerOfItem } from "./room/case/itemMarkers";
import { isOne, lasting, wholeNumber } from "./fmt";

const NO_BREAK = "\u00a0";

export function counted(count: number, words: { one: string; other: string }): string {
  return fill(isOne(count) ? words.one : words.other, { count: wholeNumber(count) });
}

/** "Diastolic: from 0 to 200", with the space before the colon where the language has one. */
export function named(name: string, what: string): string {
  return fill(t.value.common.named, { name, what });
}

/** With the sign's decimals and the language's decimal mark, in the server's unit. */
export function number(name: SignName, value: number): string {
  return writeDecimals(value, SIGNS[name].decimals, language.value);
}

export function withUnit(name: SignName, value: number): string {
  return `${number(name, value)}${NO_BREAK}${SIGNS[name].unit}`;
}

/** The same in the units of the reader's choice; null where they are the server's own. */
export function inOwnUnit(name: SignName, value: number): string | null {
  const { pressure, temperature } = settings.value.units;
  const isPressure = name === "systolic" || name === "diastolic" || name === "etco2";
  if (isPressure && pressure === "kPa") return decimal(toPressure(value, "kPa"), "kPa");
  if (name === "temperature" && temperature === "°F") return decimal(toTemperature(value, "°F"), "°F");
  return null;
}

export function rhythmName(rhythm: Rhythm): string {
  return t.value.common.rhythms[rhythm] ?? rhythm;
}

/** A flag that only another program knows is shown by its key. */
export function flagName(key: string): string {
  const known: Record<string, string> = t.value.common.flags;
  return known[key] ?? key;
}

/** `+ CPR` comes, `− Haemorrhage` goes; of what is a lack itself, as "ECG off", it is said what is there again. */
export function flagWords(key: string, value: FlagValue | null): string {
  if (isPickedFlag(key)) return pickedWords(key, scoreText(key, value));
  if (typeof value === "string") return `+${NO_BREAK}${flagName(key)} (${value})`;
  if (value === true) return `+${NO_BREAK}${flagName(key)}`;
  const gone: Record<string, string> = t.value.common.flags_gone;
  return gone[key] ?? `−${NO_BREAK}${flagName(key)}`;
}

/** "Consciousness: Responds to voice": what it is now, for it has more than on and off. */
export function pickedWords(flag: PickedFlag, value: string): string {
  return fill(t.value.dashboard.flags.said, { flag: flagName(flag), value }).replaceAll(" ", NO_BREAK);
}

/** `HR 140`, `BP 85/50`: the way a team says it. */
export function signWords(signs: Partial<Signs>): string[] {
  const { short, pressure } = t.value.dashboard.signs;
  const words: string[] = [];
  for (const name of SIGN_NAMES) {
    const value = signs[name];
    if (value === undefined) continue;
    const { systolic, diastolic } = signs;
    if (systolic !== undefined && diastolic !== undefined) {
      if (name === "systolic") words.push(`${pressure}${NO_BREAK}${systolic}/${diastolic}`);
      if (name === "systolic" || name === "diastolic") continue;
    }
    words.push(`${short[name]}${NO_BREAK}${number(name, value)}`);
  }
  return words;
}

export function patchParts(patch: VitalsPatch): string[] {
  const parts = signWords(patch.vitals ?? {});
  if (patch.rhythm !== undefined) parts.push(rhythmName(patch.rhythm));
  for (const [key, value] of Object.entries(patch.flags ?? {})) parts.push(flagWords(key, value));
  if ((patch.ramp_seconds ?? 0) > 0)
    parts.push(fill(t.value.dashboard.send.over, { time: lasting(patch.ramp_seconds ?? 0) }).replaceAll(" ", NO_BREAK));
  return parts;
}

/** Side by side with dots between them; no line begins with a dot. */
export function dotted(parts: string[]): string {
  return parts.join(`${NO_BREAK}· `);
}

export function patchWords(patch: VitalsPatch): string {
  return patchParts(patch).join(", ");
}

/** Why something did not work, in the reader's words; the server's own detail only where we have none. */
export function reason(refusal: Refusal): string {
  const said = codeWords(refusal);
  const fields = (refusal.errors ?? []).map(fieldWords);
  return [said, ...fields].join(" ");
}

/** The server says in English what is wrong with a field: in another language it is only named. */
function fieldWords({ field, message }: { field: string; message: string }): string {
  const signs: Record<string, string> = t.value.common.signs;
  const name = signs[field.split(".").at(-1) ?? ""] ?? field;
  return language.value === "en" ? `${name}: ${message}` : `(${name})`;
}

function codeWords({ code, detail }: Refusal): string {
  const { refusals, storage_full, storage_broken } = t.value.device;
  switch (code) {
    case "strange_answer":
      return `${refusals.other} ${detail}`;
    case "device_full":
      return storage_full;
    case "device_storage":
      return storage_broken;
    default:
      return refusals[code];
  }
}

/** A marker that only another program knows is shown by its key. */
export function markerName(key: string): string {
  const known: Record<string, string> = t.value.dashboard.notes.markers;
  return known[key] ?? (isMarkerOfItem(key) ? t.value.dashboard.checklist.done : key);
}

/** Both, where there are both; but records of before have the name of their marker as their text, too. */
export function noteWords(marker: string | null, text: string | null): string {
  if (marker === null) return text ?? "";
  if (text === null || text === markerName(marker)) return markerName(marker);
  return fill(t.value.dashboard.notes.marker_text, { marker: markerName(marker), text });
}

/** Its text was taken out together with the names. */
export function isRedacted({ details }: Pick<SessionEvent, "details">): boolean {
  return details?.["redacted"] === true;
}

/** What a push did; which step it was, by the title that the session's case gives it. */
export function pushWords(step: string | null, patch: VitalsPatch, steps: readonly TemplateStep[]): string {
  const changes = patchWords(patch);
  if (step === null) return changes;
  const title = stepTitle(step, steps);
  return changes === "" ? title : fill(t.value.dashboard.steps.played, { title, changes });
}

export function stepTitle(key: string, steps: readonly TemplateStep[]): string {
  return steps.find((one) => one.key === key)?.title ?? key;
}

/** What the event of a control says that was done. */
export const CONTROLLED = {
  start: "started",
  pause: "paused",
  resume: "resumed",
  automation_off: "automation_off",
  automation_on: "automation_on",
} as const satisfies Record<CaseControl, string>;

export function controlWords(action: CaseControl): string {
  return controlledWords(CONTROLLED[action]);
}

export function controlledWords(what: string): string {
  const known: Record<string, string> = t.value.dashboard.notes.case;
  return known[what] ?? what;
}

/** What one line of the record says, without its time and author. */
export function eventWords(event: SessionEvent, steps: readonly TemplateStep[] = []): string {
  const { notes } = t.value.dashboard;
  if (event.kind === "vitals") return pushWords(event.step, patchOfEvent(event), steps);
  if (event.kind === "note") return noteWords(event.marker, isRedacted(event) ? `[${t.value.keeping.redacted}]` : event.text);
  if (event.kind === "lifecycle") {
    const why = event.details?.["reason"];
    if (why === "closed") return notes.closed;
    if (why === "expired") return notes.expired;
    return fill(notes.lifecycle, { what: String(why ?? event.text ?? "") });
  }
  if (event.kind === "case") return controlledWords(String(event.details?.["action"] ?? ""));
  return actionWords(event.text ?? "", event.details ?? {});
}

/** What was done at the bedside. */
export function actionWords(action: string, details: Readonly<Record<string, unknown>>): string {
  const { notes } = t.value.dashboard;
  if (action === "nibp_cycle") {
    const { minutes } = details;
    return typeof minutes === "number" ? fill(notes.nibp_cycle, { minutes: writeShort(minutes, 1, language.value) }) : notes.nibp_cycle_off;
  }
  // The server's own: nobody pressed anything.
  if (action === "nibp_start" && typeof details["because"] === "string") return notes.nibp_by_itself;
  // A trainee who plays a case alone does what a trainer would mark.
  const known: Record<string, string> = { ...notes.markers, ...notes.actions };
  return known[action] ?? fill(notes.action, { what: action });
}

/** `steps`: of the session's case, which a push may only name. */
export function entryPatch(entry: OutboxEntry, steps: readonly TemplateStep[]): VitalsPatch | null {
  return entry.kind === "vitals:push" ? patchOfPush(entry.body as VitalsPatch, steps) : null;
}

export function entryMarker(entry: OutboxEntry): string | null {
  return entry.kind === "note:add" && typeof entry.body["marker"] === "string" ? entry.body["marker"] : null;
}

export function entryText(entry: OutboxEntry): string | null {
  return entry.kind === "note:add" && typeof entry.body["text"] === "string" ? entry.body["text"] : null;
}

/** Changes wait here for whoever made them: the one who is logged in, as a rule. */
export function authorName(author: string, me: Trainer | null): string {
  return me !== null && author === me.id ? me.name : t.value.dashboard.outbox.other_author;
}

/** What an entry of the outbox changes. */
export function entryWords(entry: OutboxEntry, steps: readonly TemplateStep[] = []): string {
  const { kinds } = t.value.dashboard.outbox;
  const body = entry.body;
  switch (entry.kind) {
    case "vitals:push":
      return pushWords((body as VitalsPatch).step ?? null, entryPatch(entry, steps) ?? {}, steps);
    case "note:add":
      return fill(kinds.note, { text: noteWords(entryMarker(entry), entryText(entry)) });
    case "action:take":
      return actionWords(String(body["action"]), (body["details"] ?? {}) as Record<string, unknown>);
    case "annotation:add":
      return fill(kinds.annotation, { text: String(body["text"] ?? "") });
    case "annotation:change":
      return fill(kinds.annotation_change, { text: String(body["text"] ?? "") });
    case "annotation:remove":
      return kinds.annotation_remove;
    case "scores:put":
      return kinds.scores;
    case "case:control":
      return controlWords(body["action"] as CaseControl);
    case "session:open":
      return typeof body["title"] === "string" ? named(kinds.open, body["title"]) : kinds.open;
    case "session:close":
      return kinds.close;
  }
}

function decimal(value: number, unit: string): string {
  return `${writeDecimals(value, 1, language.value)}${NO_BREAK}${unit}`;
}
