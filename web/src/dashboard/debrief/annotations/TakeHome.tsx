import { useComputed } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { newId } from "../../../wire/ids";
import type { AnnotationLine } from "../../room/beside/annotationLines";
import { useRoom } from "../../room/room";
import { LineField } from "./LineField";
import { MOST_TAKEAWAYS, takeaways } from "./takeaways";
import { mayEdit, remove, reword, write, writtenBeside } from "./written";
import "./annotations.css";

/**
 * Up to three lines, as they were begun; typed live, and on the first page of the sheet. A colleague's may come in before
 * the one that is being typed here, and go again: a field stays its line's, wherever that stands by now.
 */
export function TakeHome() {
  const room = useRoom();
  const texts = t.value.marks.takeaway;
  const written = useMemo(() => writtenBeside(room), [room]);
  const lines = useComputed(() => takeaways(written.value)).value;
  /** The line that the empty field becomes, and the field that it is. */
  const next = useRef({ id: newId(), field: newId() });
  /** The fields of lines that were begun here; any other line's is called as the line. */
  const fields = useRef(new Map<string, string>());
  const fieldOf = ({ id }: AnnotationLine) => fields.current.get(id) ?? id;

  const said = (id: string, text: string) => {
    // What stands there now, and not when it was last drawn.
    const line = takeaways(written.peek()).find((one) => one.id === id);
    if (line === undefined) {
      write(room, "takeaway", text, undefined, id);
    } else if (text.trim() === "") {
      next.current = { id: newId(), field: fieldOf(line) };
      remove(room, line);
    } else reword(room, line, text);
  };

  if (lines.some(({ id }) => id === next.current.id)) {
    fields.current.set(next.current.id, next.current.field);
    next.current = { id: newId(), field: newId() };
  }
  const places: (AnnotationLine | null)[] = [...lines];
  if (places.length < MOST_TAKEAWAYS && (places.length === 0 || room.may("annotate"))) places.push(null);
  return (
    <section class="db-panel" aria-labelledby="takeaway-title">
      <h2 id="takeaway-title">{texts.title}</h2>
      <p class="db-hint">{texts.help}</p>
      <ol class="db-takeaways">
        {places.map((line, place) => {
          const { id, field } = line === null ? next.current : { id: line.id, field: fieldOf(line) };
          return (
            <li key={field}>
              <LineField
                label={fill(texts.line, { count: place + 1 })}
                said={line?.said ?? ""}
                isReadOnly={line === null ? !room.may("annotate") : !mayEdit(room, line)}
                onSaid={(text) => said(id, text)}
              />
              {line?.isWaiting ? <small class="db-record-waits">{texts.waits}</small> : null}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
