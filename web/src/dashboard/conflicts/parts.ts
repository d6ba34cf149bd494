import type { SessionContent, SessionField, TemplateField } from "../../device/sync/edit";
import { BOUNDS } from "../../generated/catalogue";
import type { Template } from "../../wire/types";
import { sessionFieldLines, sessionFieldName } from "../sessions/sessionWords";
import { fieldLines, fieldName } from "../templates/templateWords";

/** One part of what two people changed: both sides in words, and how something else is written there. */
export interface Part {
  field: string;
  name: string;
  there: readonly string[];
  here: readonly string[];
  /** One's own value. */
  mine: unknown;
  /** Null: it is chosen as it is. */
  writing: Writing | null;
}

export type Writing = { kind: "line" | "text"; most: number } | { kind: "minutes" };

const OF_TEMPLATES: Partial<Record<TemplateField, Writing>> = {
  title: { kind: "line", most: BOUNDS.title_characters },
  public_title: { kind: "line", most: BOUNDS.title_characters },
  description: { kind: "text", most: BOUNDS.description_characters },
  duration_minutes: { kind: "minutes" },
};

const OF_SESSIONS: Partial<Record<SessionField, Writing>> = {
  title: { kind: "line", most: BOUNDS.title_characters },
  public_title: { kind: "line", most: BOUNDS.title_characters },
  trainee_name: { kind: "line", most: BOUNDS.name_characters },
};

export function templateParts(fields: readonly TemplateField[], theirs: Template, mine: Template): Part[] {
  return fields.map((field) => ({
    field,
    name: fieldName(field),
    there: fieldLines(theirs, field),
    here: fieldLines(mine, field),
    mine: mine[field],
    writing: OF_TEMPLATES[field] ?? null,
  }));
}

export function sessionParts(
  fields: readonly SessionField[],
  theirs: SessionContent,
  mine: SessionContent,
  now: number,
): Part[] {
  return fields.map((field) => ({
    field,
    name: sessionFieldName(field),
    there: sessionFieldLines(theirs, field, now),
    here: sessionFieldLines(mine, field, now),
    mine: mine[field],
    writing: OF_SESSIONS[field] ?? null,
  }));
}
