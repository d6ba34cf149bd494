import { useComputed, type ReadonlySignal } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { AgainInRoom } from "../../debrief/again/AgainInRoom";
import { clockTime } from "../../fmt";
import { Icon, type IconName } from "../../icons";
import { counted } from "../../words";
import type { CaseTime } from "../case/caseTime";
import { Markers } from "../happened/Markers";
import { NoteForm } from "../happened/NoteForm";
import { useRoom } from "../room";
import { isWide } from "../wide";
import { clockWords, lateWords, lineWords } from "./lineWords";
import { inOrderMade, isLate, type RecordLine } from "./record";
import { SaveAsCase } from "./SaveAsCase";
import "./notes.css";

/** As many as fit a hand's memory; the rest is in the timeline's table. */
const SHOWN_LINES = 60;

export function Notes(props: { lines: ReadonlySignal<readonly RecordLine[]>; time: ReadonlySignal<CaseTime> }) {
  const texts = t.value.dashboard.notes;
  return (
    <section class="db-panel" id="part-notes" aria-labelledby="part-notes-title" tabIndex={-1}>
      <h2 id="part-notes-title">{texts.title}</h2>
      {isWide.value ? null : <NoteForm />}
      {isWide.value ? null : <Markers />}
      <Record {...props} />
      <SaveAsCase />
    </section>
  );
}

/** Newest first. The live regions say what was sent; this list itself is quiet. */
function Record(props: { lines: ReadonlySignal<readonly RecordLine[]>; time: ReadonlySignal<CaseTime> }) {
  const texts = t.value.dashboard.notes;
  const lines = useComputed(() => inOrderMade(props.lines.value)).value;
  const room = useRoom();
  const lacks = room.lacksRecord.value;
  const earlier = Math.max(0, lines.length - SHOWN_LINES);
  return (
    <>
      <div class="db-record-head">
        <h3 class="db-record-title">{texts.record}</h3>
        <AgainInRoom lines={props.lines} words={(line) => lineWords(line, room.steps.value)} />
      </div>
      {lines.length > 0 ? null : (
        <p class="db-hint">{lacks ? t.value.dashboard.room.lacking : texts.record_none}</p>
      )}
      <ol class="db-record" reversed tabIndex={0} aria-label={texts.record}>
        {lines
          .slice(-SHOWN_LINES)
          .reverse()
          .map((line) => (
            <Line key={line.id} line={line} time={props.time} />
          ))}
      </ol>
      {earlier > 0 ? <p class="db-hint">{counted(earlier, texts.earlier)}</p> : null}
    </>
  );
}

const ICONS: Record<RecordLine["kind"], IconName> = { vitals: "up", note: "note", action: "hand", case: "flag", lifecycle: "flag" };

function Line(props: { line: RecordLine; time: ReadonlySignal<CaseTime> }) {
  const room = useRoom();
  const { line } = props;
  const clock = useComputed(() => {
    return clockWords(props.time.value, line.at);
  });
  return (
    <li class="db-record-line" data-kind={line.kind}>
      <Icon name={ICONS[line.kind]} />
      <span class="db-record-time">
        <time dateTime={new Date(line.at).toISOString()}>{clockTime(line.at)}</time>
        <span class="db-record-clock">{clock}</span>
      </span>
      <span class="db-record-words">
        {lineWords(line, room.steps.value)} <span class="db-record-who">{line.who}</span> <BesideMark line={line} />
        <LateMark line={line} />
        {line.isWaiting ? <em class="db-record-waits"> {t.value.dashboard.notes.waits}</em> : null}
      </span>
    </li>
  );
}

/** It was on its way for a while: where it stands is when it was made. */
export function LateMark(props: { line: RecordLine }) {
  if (!isLate(props.line)) return null;
  const words = lateWords(props.line);
  return (
    <span class="db-record-late" title={words}>
      <Icon name="wifi_off" />
      <span class="visually-hidden">{words}</span>
    </span>
  );
}

/** An observer's note, one that came after the end: no event of the record. */
export function BesideMark(props: { line: RecordLine }) {
  if (!props.line.isBeside) return null;
  return <em class="db-record-beside">{t.value.dashboard.notes.beside}</em>;
}
