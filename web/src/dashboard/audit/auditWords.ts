import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { AuditEntry, Role } from "../../wire/types";
import { roleName } from "../school/staff";

/** What this device can tell of what an entry is about: by its id, what it is called now. */
export type KnownNames = ReadonlyMap<string, string>;

/** Of what came or went, the entries themselves say what it was called: also when it is gone by now. */
export function namesIn(entries: readonly AuditEntry[], known: KnownNames): KnownNames {
  const names = new Map<string, string>();
  for (const { subject, details } of entries) {
    const called = details["name"] ?? details["title"];
    if (typeof called === "string" && !names.has(subject.id)) names.set(subject.id, called);
  }
  return new Map([...names, ...known]);
}

/** What was done, as the rest of a sentence that begins with who did it. */
export function whatWords(entry: AuditEntry, names: KnownNames): string {
  const texts = t.value.people.audit;
  const { action, subject, details } = entry;
  const known: Record<string, string> = texts.did;
  const words = known[sentenceOf(entry)];
  if (words === undefined) return fill(texts.did.other, { action: `${subject.type} ${action}` });
  const called = typeof details["title"] === "string" ? details["title"] : names.get(subject.id);
  return fill(words, {
    name: said(details["name"]) ?? nameOf(entry, names),
    title: called ?? (subject.type === "template" ? texts.a_template : texts.a_session),
    inviter: said(details["invited_by"]) ?? "",
    email: said(details["email"]) ?? "",
    role: isRole(details["role"]) ? roleName(details["role"]) : "",
    format: (said(details["format"]) ?? "").toUpperCase(),
    hall: said(details["hall"]) ?? "",
    fields: fieldWords(subject.type, details["fields"]),
    reason: said(details["reason"]) ?? "",
    names: String(details["names_months"] ?? ""),
    records: recordWords(details["records_months"]),
  });
}

/** A device is called by whose it is. */
function nameOf({ subject, details }: AuditEntry, names: KnownNames): string {
  const texts = t.value.people.audit;
  if (subject.type === "device" && details["trainer_id"] === null) return texts.a_hall;
  return names.get(said(details["trainer_id"]) ?? subject.id) ?? texts.nobody;
}

/** Of two things that are called the same, the details say which it was. */
function sentenceOf({ action, subject, details }: AuditEntry): string {
  if (action === "added" && typeof details["invited_by"] === "string") return "trainer_joined";
  if (action === "opened" && details["part"] === "debrief") return "session_looked";
  if (action === "exported" && typeof details["seat_id"] === "string") return "session_seat_exported";
  return `${subject.type}_${action}`;
}

function recordWords(months: unknown): string {
  const texts = t.value.people.audit;
  return typeof months === "number" ? fill(texts.records_months, { count: months }) : texts.records_stay;
}

function fieldWords(type: AuditEntry["subject"]["type"], fields: unknown): string {
  const { fields: ofCases, session_fields } = t.value.cases;
  const known: Record<string, string> =
    type === "trainer" ? t.value.people.audit.fields : type === "session" ? session_fields : ofCases;
  return Array.isArray(fields) ? fields.map((field) => (known[String(field)] ?? String(field)).toLowerCase()).join(", ") : "";
}

function said(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isRole(value: unknown): value is Role {
  return value === "admin" || value === "trainer" || value === "observer";
}
