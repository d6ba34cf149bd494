import type { ConflictReason } from "../../wire/sync";
import type { Template } from "../../wire/types";
import { afterEdit, differing, type TemplateCopy, type TemplateEdit, type TemplateField, type Written } from "./edit";

/** The cases as the trainer sees them: the server's word with every edit that waits on top, by title. */
export function shownTemplates(copies: ReadonlyMap<string, TemplateCopy>, edits: readonly TemplateEdit[]): Template[] {
  const shown = new Map<string, Template | null>();
  for (const copy of copies.values()) if (!copy.deleted) shown.set(copy.id, copy.base);
  for (const edit of edits)
    if (edit.state === "waiting") shown.set(edit.template_id, afterEdit(shown.get(edit.template_id) ?? null, edit));
  return [...shown.values()]
    .filter((template) => template !== null)
    .sort((a, b) => a.title.localeCompare(b.title) || (a.id < b.id ? -1 : 1));
}

/** One case of which this device and somebody else want different things. */
export interface TemplateConflict {
  template_id: string;
  /** As the server has it now; null: deleted, or never there. */
  theirs: Template | null;
  /** As it would be with what was done here; null: deleted. */
  mine: Template | null;
  /** Where they differ, if both are there. */
  fields: readonly TemplateField[];
  reason: ConflictReason;
  /** When it was done here. */
  made_at: string;
  /** The version of `theirs`. */
  version: number;
  /** Who wrote that version and when; null: it has come since, or was never told. */
  written: Written | null;
  edits: readonly TemplateEdit[];
}

/** One for each case, however many edits of it met somebody else's; in the order in which they were done. */
export function conflictsOf(copies: ReadonlyMap<string, TemplateCopy>, edits: readonly TemplateEdit[]): TemplateConflict[] {
  const byTemplate = new Map<string, TemplateEdit[]>();
  for (const edit of edits)
    if (edit.state === "conflict") byTemplate.set(edit.template_id, [...(byTemplate.get(edit.template_id) ?? []), edit]);
  return [...byTemplate].map(([id, inConflict]) => conflictOf(copies.get(id), inConflict));
}

function conflictOf(copy: TemplateCopy | undefined, edits: readonly TemplateEdit[]): TemplateConflict {
  const [first, last] = [edits[0]!, edits.at(-1)!];
  const theirs = copy === undefined || copy.deleted ? null : copy.base;
  // Field by field nobody wanted anything that cannot be: it is the whole that does not go together.
  const isWhole = edits.some((edit) => edit.conflict?.reason === "merge_invalid");
  const mine = edits.reduce<Template | null>(afterEdit, isWhole ? first.before : (theirs ?? first.before));
  const touched = new Set(edits.flatMap((edit) => Object.keys(edit.content ?? {})));
  const fields = theirs === null || mine === null ? [] : differing(theirs, mine);
  return {
    template_id: first.template_id,
    theirs,
    mine,
    fields: fields.filter((field) => isWhole || touched.has(field)),
    reason: last.conflict!.reason,
    made_at: last.made_at,
    version: copy?.version ?? 0,
    written: edits.map((edit) => edit.conflict?.theirs).find((told) => told?.version === copy?.version) ?? null,
    edits,
  };
}
