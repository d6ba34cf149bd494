import { useComputed } from "@preact/signals";
import { useLayoutEffect, useMemo } from "preact/hooks";
import { BOUNDS } from "../../generated/catalogue";
import { fill, t } from "../../i18n";
import type { GivenScore, KeptWords } from "./kept";
import { WordsWriting, type ToldReflection } from "./writing";
import "./words.css";

const SCORES: readonly GivenScore[] = [2, 1, 0, "na"];

/** After the end: what somebody says of the session in their own words, with or without their name. */
export function OwnWords(props: { kept: KeptWords }) {
  const { kept } = props;
  const writing = useMemo(() => new WordsWriting({ ...kept }), [kept.session_id]);
  // With the page, not after the next paint: what is shown next may be the same words again.
  useLayoutEffect(() => () => writing.stop(), [writing]);
  const texts = t.value.words;
  const { words, is_anonymous } = writing.own.value;
  const state = writing.state.value;
  const told = writing.told.value;
  if (state === "over") return <p class="own-hint">{texts.over}</p>;
  return (
    <section class="own" aria-labelledby="own-title">
      <h2 id="own-title">{texts.title}</h2>
      <p class="own-hint">{texts.about}</p>
      <label class="own-label" for="own-words">
        {texts.question}
      </label>
      <textarea
        id="own-words"
        rows={5}
        maxLength={BOUNDS.note_characters}
        value={words}
        onInput={({ currentTarget }) => writing.change({ words: currentTarget.value })}
      />
      <label class="own-check">
        <input
          type="checkbox"
          checked={is_anonymous}
          aria-describedby="own-nameless"
          onChange={({ currentTarget }) => writing.change({ is_anonymous: currentTarget.checked })}
        />
        {texts.nameless}
      </label>
      <p id="own-nameless" class="own-hint">
        {is_anonymous ? texts.nameless_on : fill(texts.nameless_off, { name: kept.name })}
      </p>
      {told === null || !kept.isScored || told.checklist.length === 0 ? null : <OwnScores writing={writing} checklist={told.checklist} />}
      <p role="status" class={state === "kept" || state === "unkept" ? "own-state own-waits" : "own-state"}>
        {state === "reading" || state === "clean" ? "" : texts.states[state]}
      </p>
      {told === null || told.shared === null ? null : <Shared shared={told.shared} />}
    </section>
  );
}

function OwnScores(props: { writing: WordsWriting; checklist: ToldReflection["checklist"] }) {
  const { writing, checklist } = props;
  const texts = t.value.words;
  const scores = useComputed(() => writing.own.value.scores).value;
  const score = (key: string, given: GivenScore) => writing.change({ scores: { ...scores, [key]: given } });
  return (
    <details class="own-more">
      <summary>{texts.scores}</summary>
      {checklist.map(({ key, text }) => (
        <fieldset key={key}>
          <legend>{text}</legend>
          {SCORES.map((given) => (
            <label key={given} class="own-score">
              <input type="radio" name={`own-${key}`} checked={scores[key] === given} onChange={() => score(key, given)} />
              <span>{texts.score[given]}</span>
            </label>
          ))}
        </fieldset>
      ))}
    </details>
  );
}

/** What trainers and observers wrote, once they share the debrief. */
function Shared(props: { shared: NonNullable<ToldReflection["shared"]> }) {
  const { annotations, scores } = props.shared;
  const texts = t.value.words.shared;
  const kinds = (["takeaway", "plus", "delta"] as const).map(
    (kind) => [kind, annotations.filter((one) => one.kind === kind)] as const,
  );
  const comments = scores.sheets.filter(({ percent, comment }) => percent !== null || comment !== "");
  return (
    <section class="own-shared" aria-labelledby="own-shared-title">
      <h2 id="own-shared-title">{texts.title}</h2>
      {kinds.map(([kind, found]) =>
        found.length === 0 ? null : (
          <div key={kind}>
            <h3>{texts[kind]}</h3>
            <ul>
              {found.map((one) => (
                <li key={one.id}>{one.text}</li>
              ))}
            </ul>
          </div>
        ),
      )}
      {comments.length === 0 ? null : (
        <div>
          <h3>{texts.sheets}</h3>
          <ul>
            {comments.map(({ by, percent, comment }) => (
              <li key={by.id}>
                {percent === null ? by.name : fill(texts.sheet, { name: by.name, percent })}
                {comment === "" ? null : <q>{comment}</q>}
              </li>
            ))}
          </ul>
        </div>
      )}
      {annotations.length === 0 && comments.length === 0 ? <p class="own-hint">{texts.nothing}</p> : null}
    </section>
  );
}
