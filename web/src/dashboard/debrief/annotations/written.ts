import { computed, type ReadonlySignal } from "@preact/signals";
import type { Annotation } from "../../../wire/types";
import { announce } from "../../shell/announce";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { annotationLines, type AnnotationLine } from "../../room/beside/annotationLines";
import { tellNotWritten } from "../../room/notWritten";
import type { Room } from "../../room/room";

export type Column = "plus" | "delta";

/** Everything beside the record, in the order of its moments. */
export function writtenBeside(room: Room): ReadonlySignal<AnnotationLine[]> {
  return computed(() =>
    annotationLines(room.session.value?.annotations ?? [], room.entries.value, room.device.me.value).reverse(),
  );
}

/** Its author or an admin. */
export function mayEdit(room: Room, line: AnnotationLine): boolean {
  if (line.by_id === (room.device.me.value?.id ?? "")) return room.may("annotate");
  return room.may("edit_annotations_of_others");
}

/** `id`: of what is written, where whoever writes it has to know it. */
export function write(room: Room, kind: Annotation["kind"], text: string, at?: number, id?: string): void {
  const said = text.trim();
  if (said === "") return;
  room.device.annotate(room.id, said, kind, at, id).catch(tellNotWritten);
}

/** The same words say nothing new. Without words it is deleted. */
export function reword(room: Room, line: AnnotationLine, text: string): void {
  const said = text.trim();
  if (said === line.said) return;
  if (said === "" && line.kind !== "bookmark") return remove(room, line);
  change(room, line, { text: said });
}

export function remove(room: Room, line: AnnotationLine): void {
  announce(t.value.marks.columns.removed);
  room.device.removeAnnotation(room.id, line.id).catch(tellNotWritten);
}

/** Into a column. A colleague's stays theirs: what goes there is one's own, with their words and their moment. */
export function moveTo(room: Room, line: AnnotationLine, column: Column): void {
  if (line.kind === column) return;
  announce(fill(t.value.marks.columns.moved, { column: t.value.marks.columns[column] }));
  if (mayEdit(room, line)) change(room, line, { kind: column, text: line.said || line.text });
  else write(room, column, line.text, line.at);
}

export function backToNotes(room: Room, line: AnnotationLine): void {
  change(room, line, { kind: "note" });
}

function change(room: Room, line: AnnotationLine, part: { kind?: Annotation["kind"]; text?: string }): void {
  const content = { at: new Date(line.at).toISOString(), kind: line.kind, text: line.said, ...part };
  room.device.changeAnnotation(room.id, line.id, content).catch(tellNotWritten);
}
