import { useComputed, useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { SheetScore } from "../../../wire/beside";
import { Icon } from "../../icons";
import type { ChecklistItem } from "../../room/case/itemMarkers";
import type { OwnSheetDraft } from "./ownSheet";
import { scoreOfKey, SCORES } from "./rules";
import "./scores.css";

const LONGEST_COMMENT = 1000;

/** 0, 1, 2, NA of one item, by a tap or by its key; and what is to be said of it. `at`: when it was done, if it is known. */
export function ScoreChoice(props: { item: ChecklistItem; draft: OwnSheetDraft; at: () => string | null }) {
  const { item, draft } = props;
  const texts = t.value.marks.scores;
  const name = useId();
  const own = useComputed(() => draft.sheet.value.items[item.key] ?? null).value;
  const isOpen = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  // Once, when it was asked for: a sheet that comes in is drawn anew, and whoever went on to somewhere else stays there.
  useLayoutEffect(() => {
    if (isOpen.value) field.current?.focus();
  }, [isOpen.value]);
  const set = (score: SheetScore | null) => draft.score(item.key, score, props.at());
  return (
    <div class="db-score">
      <fieldset
        class="db-score-choice"
        onKeyDown={(event) => {
          if (event.altKey || event.ctrlKey || event.metaKey) return;
          const typed = scoreOfKey(event.key);
          const clears = event.key === "Delete" || event.key === "Backspace";
          if (typed === null && !clears) return;
          event.preventDefault();
          set(typed);
        }}
      >
        <legend class="visually-hidden">{fill(texts.of, { item: item.text })}</legend>
        {SCORES.map((score) => (
          <label key={score} class="db-score-option" title={texts.names[score]}>
            <input
              type="radio"
              name={name}
              checked={own?.score === score}
              aria-label={`${label(score)}: ${texts.names[score]}`}
              onChange={() => set(score)}
            />
            <span>{label(score)}</span>
          </label>
        ))}
      </fieldset>
      {own === null ? null : (
        <button type="button" class="db-score-tool" aria-label={`${texts.clear}: ${item.text}`} title={texts.clear} onClick={() => set(null)}>
          <Icon name="cross" />
        </button>
      )}
      {own === null || isOpen.value || own.comment !== "" ? null : (
        <button
          type="button"
          class="db-score-tool"
          aria-label={fill(texts.comment_of, { item: item.text })}
          title={texts.comment}
          onClick={() => (isOpen.value = true)}
        >
          <Icon name="note" />
        </button>
      )}
      {own !== null && (isOpen.value || own.comment !== "") ? (
        <input
          type="text"
          class="db-score-comment"
          aria-label={fill(texts.comment_of, { item: item.text })}
          placeholder={texts.comment}
          maxLength={LONGEST_COMMENT}
          autocomplete="off"
          ref={field}
          value={own.comment}
          onInput={(event) => draft.comment(item.key, event.currentTarget.value)}
        />
      ) : null}
    </div>
  );
}

function label(score: SheetScore): string {
  return score === "na" ? t.value.marks.scores.na : String(score);
}
