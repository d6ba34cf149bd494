import { isSame, TEMPLATE_FIELDS, type TemplateContent, type TemplateField } from "../../device/sync/edit";
import type { Template } from "../../wire/types";

/** Where a draft differs from what it was begun on. */
export function changedFields(base: TemplateContent, draft: TemplateContent): TemplateField[] {
  return TEMPLATE_FIELDS.filter((field) => !isSame(base[field] ?? null, draft[field] ?? null));
}

export function pick(content: TemplateContent, fields: readonly TemplateField[]): Partial<TemplateContent> {
  return Object.fromEntries(fields.map((field) => [field, content[field]]));
}

/** What one has not touched is as it is now; what one has changed stays one's own. */
export function rebased<T extends TemplateContent>(base: TemplateContent, draft: T, newest: TemplateContent): T {
  const untouched = TEMPLATE_FIELDS.filter((field) => isSame(base[field] ?? null, draft[field] ?? null));
  return untouched.length === 0 ? draft : { ...draft, ...pick(newest, untouched) };
}

/**
 * The ground of a draft after somebody else has changed the case. Of a field that both have changed the old one stays:
 * who saves then has not seen the other's, and is asked instead of overwriting it.
 */
export function newGround(
  ground: { base: Template; version: number },
  draft: TemplateContent,
  newest: { base: Template; version: number },
): { base: Template; version: number } {
  const both = changedFields(ground.base, draft).filter(
    (field) => !isSame(ground.base[field], newest.base[field]) && !isSame(draft[field], newest.base[field]),
  );
  if (both.length === 0) return newest;
  return { base: { ...newest.base, ...pick(ground.base, both) }, version: ground.version };
}
