import type { Annotation, SessionEvent } from "../../../wire/types";
import type { TextPart } from "./names";
import { partsOf } from "./names";

/** What somebody wrote in their own words: a note, or an annotation beside the record. */
export interface FreeText {
  id: string;
  at: number;
  by: string;
  text: string;
  parts: TextPart[];
}

/** Those in which a name was found first, each group in the order of time. */
export function freeTexts(
  events: readonly SessionEvent[],
  annotations: readonly Annotation[],
  finder: RegExp | null,
): FreeText[] {
  const notes = events.filter((event) => event.kind === "note" && event.text !== null && event.text !== "");
  const written = annotations.filter(({ text, deleted_at }) => text !== "" && deleted_at === null);
  const texts = [
    ...notes.map(({ id, made_at, by, text }) => ({ id, at: Date.parse(made_at), by: by.name, text: text ?? "" })),
    ...written.map(({ id, at, by, text }) => ({ id, at: Date.parse(at), by: by.name, text })),
  ].map((one) => ({ ...one, parts: partsOf(one.text, finder) }));
  return texts.sort((one, other) => Number(hasName(other)) - Number(hasName(one)) || one.at - other.at);
}

function hasName({ parts }: FreeText): boolean {
  return parts.some(({ isName }) => isName);
}
