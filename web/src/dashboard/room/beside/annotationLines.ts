import type { OutboxEntry } from "../../../device/outbox/entry";
import type { Annotation, Trainer } from "../../../wire/types";
import { authorName, noteWords } from "../../words";

/** A text beside the record: on the server, or still on its way there. */
export interface AnnotationLine {
  id: string;
  at: number;
  /** When it was stored; when it was made, until it is. */
  stored_at: number;
  text: string;
  who: string;
  isWaiting: boolean;
}

/** The latest moment first. What was refused is in the outbox, and not here. */
export function annotationLines(
  annotations: readonly Annotation[],
  entries: readonly OutboxEntry[],
  me: Trainer | null,
): AnnotationLine[] {
  const known = new Set(annotations.map((one) => one.id));
  const told = annotations.map(({ id, at, text, marker, by, created_at }) => ({
    id, at: Date.parse(at), stored_at: Date.parse(created_at),
    text: noteWords(marker, text || null), who: by.name, isWaiting: false,
  })); // prettier-ignore
  const waiting = entries
    .filter(({ id, kind, state }) => kind === "annotation:add" && state !== "rejected" && state !== "kept" && !known.has(id))
    .map(({ id, body, author }) => ({
      id, at: Date.parse(String(body["at"])), stored_at: Date.parse(String(body["at"])),
      text: String(body["text"]), who: authorName(author, me), isWaiting: true,
    })); // prettier-ignore
  return [...told, ...waiting].sort((a, b) => b.at - a.at);
}
