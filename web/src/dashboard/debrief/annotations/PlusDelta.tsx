import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { BOUNDS } from "../../../generated/catalogue";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { clockTime } from "../../fmt";
import { Icon } from "../../icons";
import type { AnnotationLine } from "../../room/beside/annotationLines";
import { useRoom, type Room } from "../../room/room";
import { useFreshBeside } from "../useFreshBeside";
import { LineField } from "./LineField";
import { backToNotes, mayEdit, moveTo, remove, reword, write, writtenBeside, type Column } from "./written";
import "./annotations.css";

const COLUMNS: readonly Column[] = ["plus", "delta"];
/** What is dragged, by its id. */
const DRAGGED = "text/x-shiller-annotation";

/** What went well, and what the team would change; bookmarks and notes wait beside until they are put into one of both. */
export function PlusDelta() {
  const room = useRoom();
  useFreshBeside(room);
  const texts = t.value.marks.columns;
  const written = useMemo(() => writtenBeside(room), [room]);
  const tray = useComputed(() => written.value.filter(({ kind }) => kind === "bookmark" || kind === "note")).value;
  return (
    <section class="db-panel" aria-labelledby="columns-title">
      <h2 id="columns-title">{texts.title}</h2>
      {room.may("annotate") ? <p class="db-hint">{texts.help}</p> : null}
      <div class="db-columns">
        {COLUMNS.map((column) => (
          <ColumnOf key={column} column={column} written={written} />
        ))}
      </div>
      <h3>{texts.tray}</h3>
      {tray.length === 0 ? <p class="db-hint">{texts.tray_none}</p> : null}
      <ul class="db-written" aria-label={texts.tray}>
        {tray.map((line) => (
          <Line key={line.id} room={room} line={line} />
        ))}
      </ul>
    </section>
  );
}

function ColumnOf(props: { column: Column; written: ReadonlySignal<AnnotationLine[]> }) {
  const room = useRoom();
  const { column, written } = props;
  const texts = t.value.marks.columns;
  const isOver = useSignal(false);
  const text = useSignal("");
  const lines = useComputed(() => written.value.filter(({ kind }) => kind === column)).value;
  const add = column === "plus" ? texts.add_plus : texts.add_delta;
  return (
    <section
      class="db-column"
      data-column={column}
      data-over={isOver.value ? "yes" : "no"}
      aria-labelledby={`column-${column}`}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes(DRAGGED)) return;
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => (isOver.value = false)}
      onDrop={(event) => {
        isOver.value = false;
        const id = event.dataTransfer?.getData(DRAGGED);
        const line = written.peek().find((one) => one.id === id);
        if (line === undefined) return;
        event.preventDefault();
        moveTo(room, line, column);
      }}
    >
      <h3 id={`column-${column}`}>
        <span aria-hidden="true">{SIGNS[column]}</span> {texts[column]}
      </h3>
      {lines.length === 0 ? <p class="db-hint">{texts.none}</p> : null}
      <ul class="db-written">
        {lines.map((line) => (
          <Line key={line.id} room={room} line={line} />
        ))}
      </ul>
      {room.may("annotate") ? (
        <form
          class="db-note-form"
          onSubmit={(event) => {
            event.preventDefault();
            write(room, column, text.value);
            text.value = "";
          }}
        >
          <input
            type="text"
            aria-label={add}
            placeholder={add}
            maxLength={BOUNDS.note_characters}
            autocomplete="off"
            value={text}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
          <button type="submit" class="db-button" aria-label={`${texts.add}: ${texts[column]}`} title={texts.add}>
            <Icon name="plus" />
          </button>
        </form>
      ) : null}
    </section>
  );
}

const SIGNS: Record<Column, string> = { plus: "+", delta: "Δ" };

/** `+` and `-` on its buttons put it into a column, as a drag does. */
function Line(props: { room: Room; line: AnnotationLine }) {
  const { room, line } = props;
  const texts = t.value.marks.columns;
  const isMine = mayEdit(room, line);
  const isColumn = line.kind === "plus" || line.kind === "delta";
  const may = room.may("annotate");
  const shown = line.text;
  return (
    <li
      class="db-written-line"
      draggable={may}
      onDragStart={(event) => {
        // In its field a text is marked, not the line dragged.
        if (event.target instanceof HTMLTextAreaElement) return event.preventDefault();
        event.dataTransfer?.setData(DRAGGED, line.id);
      }}
      onKeyDown={(event) => {
        if (!may || event.target instanceof HTMLTextAreaElement || event.ctrlKey || event.metaKey || event.altKey) return;
        const column = event.key === "+" ? "plus" : event.key === "-" || event.key === "−" ? "delta" : null;
        if (column === null) return;
        event.preventDefault();
        moveTo(room, line, column);
      }}
    >
      <time class="db-record-time" dateTime={new Date(line.at).toISOString()}>
        {clockTime(line.at)}
      </time>
      {isMine ? (
        <LineField
          label={fill(texts.text_of, { when: clockTime(line.at) })}
          said={line.said}
          placeholder={shown}
          onSaid={(text) => reword(room, line, text)}
        />
      ) : (
        <span class="db-record-words">
          {shown} <span class="db-record-who">{line.who}</span>
        </span>
      )}
      <span class="db-written-tools">
        {may
          ? COLUMNS.filter((column) => column !== line.kind).map((column) => (
              <button
                key={column}
                type="button"
                class="db-score-tool"
                aria-label={fill(column === "plus" ? texts.to_plus : texts.to_delta, { text: shown })}
                title={texts[column]}
                onClick={() => moveTo(room, line, column)}
              >
                <span aria-hidden="true">{SIGNS[column]}</span>
              </button>
            ))
          : null}
        {isMine && isColumn ? (
          <button type="button" class="db-score-tool" aria-label={fill(texts.back, { text: shown })} onClick={() => backToNotes(room, line)}>
            <Icon name="undo" />
          </button>
        ) : null}
        {isMine ? (
          <button type="button" class="db-score-tool" aria-label={fill(texts.remove, { text: shown })} onClick={() => remove(room, line)}>
            <Icon name="trash" />
          </button>
        ) : null}
      </span>
    </li>
  );
}
