import { useComputed, useSignal } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { Reflection } from "../../../wire/beside";
import { useRoom } from "../../room/room";
import { Unread } from "../../Unread";
import { counted } from "../../words";
import { scoreWords } from "../scores/scoreWords";
import { useFreshBeside } from "../useFreshBeside";
import "./annotations.css";

/** What the trainees wrote on their own screens: shown when the trainer says so, and hidden until then. */
export function TraineesWords() {
  const room = useRoom();
  useFreshBeside(room);
  const texts = t.value.marks.words;
  const isShown = useSignal(false);
  const told = useComputed(() => room.session.value?.reflections ?? null).value;
  const reflections = told ?? [];
  return (
    <section class="db-panel" aria-labelledby="words-title">
      <div class="db-panel-head">
        <h2 id="words-title">{texts.title}</h2>
        {reflections.length === 0 ? null : (
          <button type="button" class="db-button" aria-expanded={isShown.value} onClick={() => (isShown.value = !isShown.value)}>
            {isShown.value ? texts.hide : counted(reflections.length, texts.show)}
          </button>
        )}
      </div>
      {told === null ? <Unread /> : told.length === 0 ? <p class="db-hint">{texts.none}</p> : null}
      {reflections.length > 0 && !isShown.value ? <p class="db-hint">{texts.hidden}</p> : null}
      {isShown.value ? (
        <ul class="db-own-words">
          {reflections.map((one, place) => (
            <li key={place}>
              <Words reflection={one} />
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function Words(props: { reflection: Reflection }) {
  const room = useRoom();
  const { name, words, scores } = props.reflection;
  const texts = t.value.marks.words;
  const items = (room.itsCase.value?.checklist ?? []).filter(({ key }) => scores[key] !== undefined);
  return (
    <figure class="db-own-word">
      <blockquote>{words === "" ? texts.no_words : words}</blockquote>
      {items.length === 0 ? null : (
        <details>
          <summary>{texts.scored}</summary>
          <dl class="db-own-scores">
            {items.map(({ key, text }) => (
              <div key={key}>
                <dt>{text}</dt>
                <dd>{scoreWords({ score: scores[key] ?? 0 })}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      <figcaption>{name ?? texts.nameless}</figcaption>
    </figure>
  );
}
