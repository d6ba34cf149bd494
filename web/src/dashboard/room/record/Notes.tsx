import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { BOUNDS } from "../../../generated/catalogue";
import { t } from "../../../i18n";
import { clockTime, counting } from "../../fmt";
import { Icon, type IconName } from "../../icons";
import { counted, eventWords, patchWords } from "../../words";
import type { RecordLine } from "./record";
import { useRoom } from "../room";
import "./notes.css";

/** As many as fit a hand's memory; the rest is in the timeline's table. */
const SHOWN_LINES = 60;

export function Notes(props: { lines: ReadonlySignal<RecordLine[]>; start: ReadonlySignal<number> }) {
  const room = useRoom();
  const texts = t.value.dashboard.notes;
  return (
    <section class="db-panel" id="part-notes" aria-labelledby="part-notes-title" tabIndex={-1}>
      <h2 id="part-notes-title">{texts.title}</h2>
      {room.may("add_note") || room.may("annotate") ? <NoteForm /> : null}
      {room.may("add_marker") ? (
        <div class="db-markers" role="group" aria-label={texts.markers_title}>
          {Object.values(texts.markers).map((text) => (
            <button key={text} type="button" class="db-marker" onClick={() => room.note(text)}>
              {text}
            </button>
          ))}
        </div>
      ) : null}
      <Record {...props} />
    </section>
  );
}

function NoteForm() {
  const room = useRoom();
  const texts = t.value.dashboard.notes;
  const text = useSignal("");
  return (
    <form
      class="db-note-form"
      onSubmit={(event) => {
        event.preventDefault();
        room.note(text.value);
        text.value = "";
      }}
    >
      <input
        type="text"
        aria-label={texts.text}
        placeholder={texts.placeholder}
        maxLength={BOUNDS.note_characters}
        autocomplete="off"
        value={text}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
      <button type="submit" class="db-button">
        <Icon name="plus" />
        <span>{texts.add}</span>
      </button>
    </form>
  );
}

/** Newest first. The live regions say what was sent; this list itself is quiet. */
function Record(props: { lines: ReadonlySignal<RecordLine[]>; start: ReadonlySignal<number> }) {
  const texts = t.value.dashboard.notes;
  const lines = props.lines.value;
  const earlier = Math.max(0, lines.length - SHOWN_LINES);
  return (
    <>
      <h3 class="db-record-title">{texts.record}</h3>
      {lines.length === 0 ? <p class="db-hint">{texts.record_none}</p> : null}
      <ol class="db-record" reversed tabIndex={0} aria-label={texts.record}>
        {lines
          .slice(-SHOWN_LINES)
          .reverse()
          .map((line) => (
            <RecordLine key={line.id} line={line} start={props.start} />
          ))}
      </ol>
      {earlier > 0 ? <p class="db-hint">{counted(earlier, texts.earlier)}</p> : null}
    </>
  );
}

const ICONS: Record<RecordLine["kind"], IconName> = { vitals: "up", note: "note", action: "hand", case: "flag", lifecycle: "flag" };

function RecordLine(props: { line: RecordLine; start: ReadonlySignal<number> }) {
  const { line } = props;
  const clock = useComputed(() => {
    const seconds = (line.at - props.start.value) / 1000;
    return seconds >= 0 ? `+${counting(seconds)}` : "";
  });
  return (
    <li class="db-record-line" data-kind={line.kind}>
      <Icon name={ICONS[line.kind]} />
      <span class="db-record-time">
        <time dateTime={new Date(line.at).toISOString()}>{clockTime(line.at)}</time>
        <span class="db-record-clock">{clock}</span>
      </span>
      <span class="db-record-words">
        {lineWords(line)} <span class="db-record-who">{line.who}</span>
        {line.isWaiting ? <em class="db-record-waits"> {t.value.dashboard.notes.waits}</em> : null}
      </span>
    </li>
  );
}

export function lineWords(line: RecordLine): string {
  if (line.event !== null) return eventWords(line.event);
  return line.patch === null ? (line.text ?? "") : patchWords(line.patch);
}
