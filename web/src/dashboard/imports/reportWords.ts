import { fill, language } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { writeShort } from "../../i18n/numbers";
import type { ImportedCase, ImportEntry, Rhythm } from "../../wire/types";
import { markerName, rhythmName } from "../words";

export type Kind = "changed" | "left_out" | "taken";
export const REPORT_KINDS: readonly Kind[] = ["changed", "left_out", "taken"];

/** They are called so in every language. */
const TOOLS: Record<string, string> = {
  infirmary_integrated: "Infirmary Integrated",
  medical_monitor: "Medical Monitor",
  gas_notes: "Gas Notes",
  openvetsim: "OpenVetSim",
};

/** What is told of the file as a whole; the line that names the tool is said elsewhere. */
export function linesOfFile(report: readonly ImportEntry[]): ImportEntry[] {
  return report.filter(({ field, code }) => caseOf(field) === null && code !== "recognised");
}

/** What is told of one case; how many steps it has is said elsewhere. */
export function linesOfCase(report: readonly ImportEntry[], place: number, kind: Kind): ImportEntry[] {
  return report.filter((entry) => entry.kind === kind && caseOf(entry.field) === place && entry.code !== "case_taken");
}

/** The file's own maker; null if it was not recognised. */
export function toolName(report: readonly ImportEntry[]): string | null {
  const tool = report.find(({ code }) => code === "recognised")?.values["tool"];
  if (typeof tool !== "string") return null;
  return tool === "shiller" ? t.value.imports.exported : (TOOLS[tool] ?? tool);
}

/** One line of a report in the reader's language; `draft`: the case that it is about. */
export function reportLine(entry: ImportEntry, draft: ImportedCase | null): string {
  // A newer server may tell of more than is known here; its own words are better than none.
  const known: Record<string, string> = t.value.imports.codes;
  const text = known[entry.code];
  const what = text === undefined ? entry.message : fill(text, valuesOf(entry));
  const place = draft === null ? "" : placeWords(entry.field, draft);
  return place === "" ? capital(what) : fill(t.value.imports.at, { place, what });
}

function valuesOf(entry: ImportEntry): Record<string, string> {
  const said = Object.entries(entry.values).map(([name, value]) => [name, valueWords(entry, name, value)]);
  return Object.fromEntries(said) as Record<string, string>;
}

function valueWords({ code, field }: ImportEntry, name: string, value: ImportEntry["values"][string]): string {
  if (Array.isArray(value)) return value.map((each) => (code === "limits_taken" ? signName(each) : each)).join(", ");
  if (typeof value === "number") return writeShort(value, field.endsWith(".ramp_seconds") ? 3 : 1, language.value);
  if (name === "to" && code === "rhythm_replaced") return rhythmName(value as Rhythm);
  if (name === "to" && code === "event_became_marker") return markerName(value);
  return value;
}

/** `templates.0.steps.2.vitals.spo2` is the SpO₂ of the third step; empty for the case as a whole. */
function placeWords(field: string, draft: ImportedCase): string {
  const [, , ...path] = field.split(".");
  if (path[0] !== "steps" || path[1] === undefined) return partName(path);
  const place = Number(path[1]);
  const step = fill(t.value.imports.step, { number: place + 1, title: draft.steps[place]?.title ?? "" });
  const part = partName(path.slice(2));
  return part === "" ? step : `${step}, ${part}`;
}

function partName([part, ...rest]: string[]): string {
  const { parts } = t.value.imports;
  const fields: Record<string, string> = t.value.cases.fields;
  if (part === undefined) return "";
  if ((part === "vitals" || part === "limits") && rest[0] !== undefined) {
    return part === "vitals" ? signName(rest[0]) : `${t.value.cases.fields.limits}, ${signName(rest[0])}`;
  }
  if (part === "checklist" && rest[0] !== undefined) return fill(parts.item, { number: Number(rest[0]) + 1 });
  if (part === "targets" && rest[0] !== undefined) return fill(parts.target, { number: Number(rest[0]) + 1 });
  if (part === "title") return parts.name;
  const own: Record<string, string> = parts;
  return own[part] ?? fields[part] ?? part;
}

function signName(name: string): string {
  const signs: Record<string, string> = t.value.common.signs;
  return signs[name] ?? name;
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(language.value) + text.slice(1);
}

function caseOf(field: string): number | null {
  const found = /^templates\.(\d+)/.exec(field);
  return found === null ? null : Number(found[1]);
}
