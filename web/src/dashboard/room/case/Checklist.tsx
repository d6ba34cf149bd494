import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { clockTime, lasting } from "../../fmt";
import { Icon } from "../../icons";
import { markerName } from "../../words";
import { OwnResult } from "../../debrief/scores/Scoring";
import { ScoreChoice } from "../../debrief/scores/ScoreChoice";
import { ownSheetOf } from "../../debrief/scores/ownSheet";
import { clockWords } from "../record/lineWords";
import type { RecordLine } from "../record/record";
import { useRoom } from "../room";
import type { CaseTime } from "./caseTime";
import { doneAt } from "./checklist";
import { markerOfItem, type ChecklistItem } from "./itemMarkers";
import "./checklist.css";

/** What a good team does. A tick is a marker in the record, so its time is there, and colleagues see it. */
export function Checklist(props: { lines: ReadonlySignal<readonly RecordLine[]>; time: ReadonlySignal<CaseTime> }) {
  const room = useRoom();
  const texts = t.value.dashboard.checklist;
  const items = useComputed(() => room.itsCase.value?.checklist ?? []).value;
  const done = useComputed(() => doneAt(room.itsCase.value?.checklist ?? [], props.lines.value)).value;
  // Whoever may not tick has come to score.
  const isScoring = useSignal(!room.may("add_marker"));
  if (items.length === 0) return null;
  // After the end the debrief has a sheet of its own.
  const canScore = room.may("score") && !room.isOver.value;
  const scores = t.value.marks.scores;
  return (
    <section class="db-panel" id="part-checklist" aria-labelledby="part-checklist-title" tabIndex={-1}>
      <div class="db-panel-head">
        <h2 id="part-checklist-title">{texts.title}</h2>
        <p class="db-checklist-count">
          {fill(texts.count, { done: done.filter((at) => at !== null).length, all: items.length })}
        </p>
      </div>
      {room.may("add_marker") ? <p class="db-hint">{texts.help}</p> : null}
      {canScore ? (
        <div class="db-panel-head">
          <button type="button" class="db-button" aria-pressed={isScoring.value} onClick={() => (isScoring.value = !isScoring.value)}>
            {isScoring.value ? scores.stop : scores.score}
          </button>
          {isScoring.value ? <OwnResult /> : null}
        </div>
      ) : null}
      <ul class="db-checklist">
        {items.map((item, place) => (
          <li key={item.key}>
            <Item item={item} place={place} at={done[place] ?? null} time={props.time} />
            {canScore && isScoring.value ? <Scored item={item} at={done[place] ?? null} /> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Item(props: { item: ChecklistItem; place: number; at: number | null; time: ReadonlySignal<CaseTime> }) {
  const room = useRoom();
  const texts = t.value.dashboard.checklist;
  const { item, at } = props;
  const clock = at === null ? "" : clockWords(props.time.value, at);
  return (
    <button
      type="button"
      role="checkbox"
      class="db-check"
      aria-checked={at !== null}
      aria-disabled={at !== null || !room.may("add_marker")}
      onClick={() => {
        if (at === null && room.may("add_marker")) room.tick(markerOfItem(item, props.place), item);
      }}
    >
      <span class="db-check-box">{at === null ? null : <Icon name="check" />}</span>
      <span class="db-check-words">
        {item.text}
        {item.critical ? <b class="db-check-critical"> {texts.critical}</b> : null}
        {item.target_seconds === null ? null : <small> {targetWords(item)}</small>}
      </span>
      {at === null ? null : (
        <span class="db-check-time">
          <span class="visually-hidden">{fill(texts.done_at, { when: clockTime(at) })} </span>
          {clock === "" ? clockTime(at) : clock}
        </span>
      )}
    </button>
  );
}

/** What the record does not say of it is seen now. */
function Scored(props: { item: ChecklistItem; at: number | null }) {
  const room = useRoom();
  const at = () => new Date(props.at ?? room.device.serverNow()).toISOString();
  return <ScoreChoice item={props.item} draft={ownSheetOf(room)} at={at} />;
}

/** "within 2 min of the arrest" */
function targetWords({ target_seconds, from }: ChecklistItem): string {
  const texts = t.value.dashboard.checklist;
  const within = fill(texts.within, { time: lasting(target_seconds ?? 0) });
  if (from === null) return within;
  const known: Record<string, string> = texts.from;
  return `${within} ${known[from] ?? markerName(from)}`;
}
