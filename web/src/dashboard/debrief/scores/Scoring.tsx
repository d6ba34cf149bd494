import { useComputed, type ReadonlySignal } from "@preact/signals";
import { BOUNDS } from "../../../generated/catalogue";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { clockTime } from "../../fmt";
import { doneAt } from "../../room/case/checklist";
import type { RecordLine } from "../../room/record/record";
import { useRoom } from "../../room/room";
import { useFreshBeside } from "../useFreshBeside";
import { percentScored, scoredCount } from "./rules";
import { ScoreChoice } from "./ScoreChoice";
import { percentWords } from "./scoreWords";
import { useOwnSheet } from "./useOwnSheet";
import "./scores.css";

/** One's own sheet over the checklist that the session copied; the time of each item is that of its marker. */
export function Scoring(props: { lines: ReadonlySignal<readonly RecordLine[]> }) {
  const room = useRoom();
  const draft = useOwnSheet(room);
  useFreshBeside(room);
  const texts = t.value.marks.scores;
  const items = useComputed(() => room.itsCase.value?.checklist ?? []).value;
  const done = useComputed(() => doneAt(room.itsCase.value?.checklist ?? [], props.lines.value)).value;
  if (!room.may("score")) return null;
  return (
    <section class="db-panel" aria-labelledby="scoring-title">
      <div class="db-panel-head">
        <h2 id="scoring-title">{texts.title}</h2>
        <OwnResult />
      </div>
      <p class="db-hint">{items.length === 0 ? texts.none : texts.help}</p>
      <ol class="db-scoring">
        {items.map((item, place) => {
          const at = done[place] ?? null;
          return (
            <li key={item.key} class="db-scoring-item">
              <p class="db-scoring-text">
                {item.text}
                {item.critical ? <b class="db-check-critical"> {texts.critical}</b> : null}
                {at === null ? null : <span class="db-check-time"> {fill(texts.at, { when: clockTime(at) })}</span>}
              </p>
              <ScoreChoice item={item} draft={draft} at={() => (at === null ? null : new Date(at).toISOString())} />
            </li>
          );
        })}
      </ol>
      <label class="db-field">
        <span>{texts.whole}</span>
        <textarea
          rows={2}
          maxLength={BOUNDS.note_characters}
          value={draft.sheet.value.comment}
          onInput={(event) => draft.commentWhole(event.currentTarget.value)}
        />
      </label>
    </section>
  );
}

/** How far one's own sheet is, what it comes to, and whether the server has it. */
export function OwnResult() {
  const room = useRoom();
  const draft = useOwnSheet(room);
  const texts = t.value.marks.scores;
  const words = useComputed(() => {
    const items = room.itsCase.value?.checklist ?? [];
    const [sheet, stored] = [draft.sheet.value, draft.stored.value];
    const done = fill(texts.progress, { done: scoredCount(items, sheet), all: items.length });
    if (draft.isWaiting.value) {
      const kept = room.device.isOnline.value ? "" : ` · ${texts.waits}`;
      return `${done} · ${percentWords(percentScored(items, sheet))}${kept}`;
    }
    return stored === null ? done : `${done} · ${percentWords(stored.percent)} · ${texts.saved}`;
  }).value;
  return <p class="db-checklist-count">{words}</p>;
}
