import { useComputed, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { AnnotationLine } from "../../room/beside/annotationLines";
import { useRoom, type Room } from "../../room/room";
import { LineField } from "./LineField";
import { MOST_TAKEAWAYS, takeaways } from "./takeaways";
import { mayEdit, remove, reword, write, writtenBeside } from "./written";
import "./annotations.css";

/** Up to three lines, as they were begun; typed live, and on the first page of the sheet. */
export function TakeHome() {
  const room = useRoom();
  const texts = t.value.marks.takeaway;
  const written = useMemo(() => writtenBeside(room), [room]);
  const lines = useComputed(() => takeaways(written.value)).value;
  const places = Array.from({ length: MOST_TAKEAWAYS }, (_, place) => place);
  return (
    <section class="db-panel" aria-labelledby="takeaway-title">
      <h2 id="takeaway-title">{texts.title}</h2>
      <p class="db-hint">{texts.help}</p>
      <ol class="db-takeaways">
        {places.map((place) => {
          const line = lines[place];
          if (line === undefined && (place > lines.length || !room.may("annotate"))) return null;
          return (
            <li key={place}>
              <Line room={room} line={line} label={fill(texts.line, { count: place + 1 })} />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Line(props: { room: Room; line: AnnotationLine | undefined; label: string }) {
  const { room, line } = props;
  /** What was typed here first is one line, and not a new one with every pause. */
  const begun = useSignal(false);
  return (
    <>
      <LineField
        label={props.label}
        said={line?.said ?? ""}
        isReadOnly={line !== undefined && !mayEdit(room, line)}
        onSaid={(text) => {
          if (line !== undefined) {
            begun.value = false;
            if (text.trim() === "") remove(room, line);
            else reword(room, line, text);
          } else if (!begun.value && text.trim() !== "") {
            begun.value = true;
            write(room, "takeaway", text);
          }
        }}
      />
      {line?.isWaiting ? <small class="db-record-waits">{t.value.marks.takeaway.waits}</small> : null}
    </>
  );
}
