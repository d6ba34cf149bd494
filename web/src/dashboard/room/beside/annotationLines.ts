import { isShown } from "../../../device/view/shown";
import type { OutboxEntry } from "../../../device/outbox/entry";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { Annotation, Trainer } from "../../../wire/types";
import { authorName, noteWords } from "../../words";

/** A text beside the record: on the server, or still on its way there. */
export interface AnnotationLine {
  id: string;
  at: number;
  /** When it was stored; when it was made, until it is. */
  stored_at: number;
  kind: Annotation["kind"];
  /** As its author wrote it; a bookmark may have none. */
  said: string;
  /** The same with what happened in words, for whoever reads it. */
  text: string;
  who: string;
  by_id: string | null;
  isWaiting: boolean;
}

/** The latest moment first. What was refused is in the outbox, and not here. */
export function annotationLines(
  annotations: readonly Annotation[],
  entries: readonly OutboxEntry[],
  me: Trainer | null,
): AnnotationLine[] {
  const lines = new Map(annotations.map((one) => [one.id, lineOf(one)]));
  for (const entry of entries) if (isShown(entry)) apply(entry, lines, me);
  // What is written after the end is all of the moment of the end: then the order of writing counts.
  return [...lines.values()].sort((a, b) => a.at - b.at || a.stored_at - b.stored_at).reverse();
}

function lineOf({ id, at, kind, text, marker, by, created_at }: Annotation): AnnotationLine {
  return {
    id, kind, at: Date.parse(at), stored_at: Date.parse(created_at), said: text, text: words(kind, marker, text),
    who: by.name, by_id: by.id, isWaiting: false,
  }; // prettier-ignore
}

/** What waits here, on top of what the server has said, in the order in which it was done. */
function apply(entry: OutboxEntry, lines: Map<string, AnnotationLine>, me: Trainer | null): void {
  const { body } = entry;
  switch (entry.kind) {
    case "annotation:add":
      if (!lines.has(entry.id)) lines.set(entry.id, addedLine(entry, me));
      return;
    case "annotation:change": {
      const before = lines.get(String(body["annotation_id"]));
      if (before !== undefined) lines.set(before.id, { ...before, ...contentOf(body), isWaiting: true });
      return;
    }
    case "annotation:remove":
      lines.delete(String(body["annotation_id"]));
      return;
    default:
      return;
  }
}

function addedLine({ id, body, author }: OutboxEntry, me: Trainer | null): AnnotationLine {
  const content = contentOf(body);
  return { id, ...content, stored_at: content.at, who: authorName(author, me), by_id: author, isWaiting: true };
}

function contentOf(body: OutboxEntry["body"]): Pick<AnnotationLine, "at" | "kind" | "said" | "text"> {
  const kind = (body["kind"] ?? "note") as Annotation["kind"];
  const said = String(body["text"] ?? "");
  return { at: Date.parse(String(body["at"])), kind, said, text: words(kind, (body["marker"] as string | undefined) ?? null, said) };
}

function words(kind: Annotation["kind"], marker: string | null, text: string): string {
  if (kind === "bookmark" && text === "" && marker === null) return t.value.marks.bookmark.name;
  return noteWords(marker, text || null);
}
