import { TEMPLATE_FIELDS, type TemplateEdit, type TemplateField } from "../../device/sync/edit";
import { BOUNDS } from "../../generated/catalogue";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { ADULT_LIMITS, SIGNS } from "../../patient/signs";
import type { LimitName, Template, TemplateStep } from "../../wire/types";
import { counting, lasting } from "../fmt";
import { dotted, flagWords, markerName, number, patchParts, rhythmName, signWords } from "../words";

export function fieldName(field: TemplateField): string {
  return t.value.cases.fields[field];
}

/** What stands in one field of a case, line by line, in words; nothing: no line. */
export function fieldLines(template: Template, field: TemplateField): string[] {
  const { values } = t.value.cases;
  switch (field) {
    case "title":
    case "public_title":
    case "description":
      return template[field] === "" ? [] : template[field].split("\n");
    case "language":
      return template.language === null ? [] : [languageName(template.language)];
    case "duration_minutes":
      return [template.duration_minutes === null ? values.default_duration : lasting(template.duration_minutes * 60)];
    case "pass_percent":
      return [fill(values.passing, { percent: template.pass_percent ?? BOUNDS.pass_percent })];
    case "vitals":
      return signWords(template.vitals);
    case "rhythm":
      return template.rhythm === null ? [] : [rhythmName(template.rhythm)];
    case "flags":
      return Object.entries(template.flags).map(([key, value]) => flagWords(key, value));
    case "steps":
      return template.steps.map(stepLine);
    case "checklist":
      return template.checklist.map(itemLine);
    case "targets":
      return template.targets.map(({ marker, from, seconds }) =>
        fill(values.target, { marker: markerName(marker), time: lasting(seconds), from: markerName(from) }),
      );
    case "limits":
      return limitLines(template.limits);
  }
}

/** What an edit of a case does, in words. */
export function editWords(edit: TemplateEdit): string {
  const { edits } = t.value.cases;
  const title = String(edit.content?.title ?? edit.before.title);
  if (edit.operation === "DELETE") return fill(edits.deleted, { title: edit.before.title });
  if (edit.operation === "CREATE") return fill(edits.created, { title });
  const fields = TEMPLATE_FIELDS.filter((field) => field in (edit.content ?? {})).map(fieldName);
  return fill(edits.changed, { title, fields: fields.join(", ") });
}

export function rejectionWords(reason: string): string {
  const known: Record<string, string> = t.value.cases.edits.reasons;
  return known[reason] ?? t.value.cases.edits.reasons.other;
}

export function languageName(language: string): string {
  const known: Record<string, string> = t.value.cases.values.languages;
  return known[language] ?? language;
}

function stepLine(step: TemplateStep): string {
  const { title, at_seconds, vitals, rhythm, flags, ramp_seconds, note } = step;
  const named = at_seconds === null ? title : fill(t.value.cases.values.step_at, { title, time: counting(at_seconds) });
  const patch = patchParts({ vitals, flags, ramp_seconds, ...(rhythm === null ? {} : { rhythm }) });
  return dotted([named, ...patch, ...(note === null || note === "" ? [] : [note])]);
}

function itemLine(item: Template["checklist"][number]): string {
  const { values } = t.value.cases;
  const timed =
    item.target_seconds === null ? item.text : fill(values.item_within, { text: item.text, time: lasting(item.target_seconds) });
  return item.critical ? fill(values.critical, { text: timed }) : timed;
}

export function limitLines(limits: Template["limits"]): string[] {
  const { values } = t.value.cases;
  return (Object.keys(ADULT_LIMITS) as LimitName[]).map((name) => {
    const sign = name === "mean" ? "systolic" : name;
    const bound = (value: number | null) => (value === null ? values.no_limit : number(sign, value));
    const { low, high } = limits[name];
    return `${fill(values.limit, { name: t.value.common.signs[name], low: bound(low), high: bound(high) })} ${SIGNS[sign].unit}`;
  });
}
