import { useSignal, type Signal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { DryRun, Tried } from "../../../patient/dryRun";
import { counting } from "../../fmt";
import { Icon } from "../../icons";
import { announce } from "../../shell/announce";
import type { CaseDraft } from "../draft";
import { outcomeLines, triedWords, warningWords } from "./causeWords";
import { offersOf, type CaseOffer } from "./offers";
import { readSeconds } from "../seconds";

/** What somebody might do, and how the case answers: nothing is sent, and no network is needed. */
export function DryRunPanel(props: {
  draft: CaseDraft;
  run: DryRun;
  isPlan: boolean;
  tried: Signal<readonly Tried[]>;
  select: (key: string) => void;
}) {
  const texts = t.value.preview.dry;
  const title = useId();
  return (
    <section class="db-dry" aria-labelledby={title}>
      <h3 id={title}>{texts.title}</h3>
      <p class="db-hint">{texts.help}</p>
      <AddTried draft={props.draft} tried={props.tried} />
      <TriedList tried={props.tried} />
      <Outcome {...props} />
    </section>
  );
}

function AddTried(props: { draft: CaseDraft; tried: Signal<readonly Tried[]> }) {
  const texts = t.value.preview.dry;
  const { markers, actions } = offersOf(props.draft);
  const chosen = useSignal(0);
  const isWrong = useSignal(false);
  const time = useRef<HTMLInputElement>(null);
  const wrong = useId();
  const all = [...markers, ...actions];
  const options = (offers: readonly CaseOffer[], first: number) =>
    offers.map((offer, place) => (
      <option key={`${offer.kind} ${offer.key}`} value={first + place}>
        {triedWords(offer)}
      </option>
    ));
  const add = (event: Event) => {
    event.preventDefault();
    const offer = all[chosen.value] ?? all[0];
    const at_seconds = readSeconds(time.current?.value ?? "");
    isWrong.value = at_seconds === null;
    if (at_seconds === null) time.current?.focus();
    if (at_seconds === null || offer === undefined) return;
    props.tried.value = [...props.tried.value, { ...offer, at_seconds }].sort((one, other) => one.at_seconds - other.at_seconds);
    announce(fill(texts.added, { what: triedWords(offer), time: counting(at_seconds) }));
  };
  return (
    <form class="db-dry-add" onSubmit={add} noValidate>
      <label class="db-field">
        <span>{texts.what}</span>
        <select
          value={chosen.value}
          onChange={(event) => {
            chosen.value = Number(event.currentTarget.value);
          }}
        >
          <optgroup label={texts.markers}>{options(markers, 0)}</optgroup>
          <optgroup label={texts.actions}>{options(actions, markers.length)}</optgroup>
        </select>
      </label>
      <label class="db-field db-dry-time">
        <span>{texts.at}</span>
        <input
          ref={time}
          type="text"
          inputMode="numeric"
          autocomplete="off"
          maxLength={8}
          defaultValue="1:00"
          title={texts.at_hint}
          aria-invalid={isWrong.value}
          aria-describedby={isWrong.value ? wrong : undefined}
        />
      </label>
      <button type="submit" class="db-button">
        <Icon name="plus" /> {texts.add}
      </button>
      {isWrong.value ? (
        <p id={wrong} class="db-dry-wrong" role="alert">
          {texts.at_wrong}
        </p>
      ) : null}
    </form>
  );
}

function TriedList({ tried }: { tried: Signal<readonly Tried[]> }) {
  const texts = t.value.preview.dry;
  const list = useRef<HTMLUListElement>(null);
  if (tried.value.length === 0) return null;
  const remove = (place: number, words: { what: string; time: string }) => {
    tried.value = tried.value.filter((_, other) => other !== place);
    announce(fill(texts.removed, words));
    // Its key is gone: the focus goes to the one that takes its place, or to the form.
    const keys = [...(list.current?.querySelectorAll("button") ?? [])];
    const form = list.current?.parentElement?.querySelector("select");
    (keys[place + 1] ?? keys[place - 1] ?? form)?.focus();
  };
  return (
    <ul class="db-dry-tried" ref={list}>
      {tried.value.map((each, place) => {
        const words = { what: triedWords(each), time: counting(each.at_seconds) };
        return (
          <li key={`${each.at_seconds} ${each.key} ${place}`}>
            <span>
              <b>{words.time}</b> {words.what}
            </span>
            <button
              type="button"
              class="db-button db-button-quiet"
              aria-label={fill(texts.remove, words)}
              onClick={() => remove(place, words)}
            >
              <Icon name="cross" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Outcome(props: {
  draft: CaseDraft;
  run: DryRun;
  isPlan: boolean;
  tried: Signal<readonly Tried[]>;
  select: (key: string) => void;
}) {
  const texts = t.value.preview.dry;
  const { run, draft } = props;
  const title = useId();
  const lines = outcomeLines(run, props.tried.value, draft.steps);
  if (draft.steps.length === 0) return <p class="db-hint">{texts.no_steps}</p>;
  return (
    <>
      <h4 id={title} class="db-dry-part">{texts.outcome}</h4>
      {props.isPlan ? <p class="db-hint">{texts.by_hand}</p> : null}
      <ol class="db-dry-lines" aria-labelledby={title}>
        {lines.map(({ at_seconds, kind, words, step }, place) => (
          <li key={place} data-kind={kind}>
            <b>{counting(at_seconds)}</b>
            {step === null ? (
              <span>{words}</span>
            ) : (
              <button type="button" class="db-dry-line" onClick={() => props.select(step)}>
                {words}
              </button>
            )}
          </li>
        ))}
      </ol>
      <p class="db-hint">{fill(texts.until, { time: counting(run.seconds) })}</p>
      <Warnings run={run} draft={draft} select={props.select} />
    </>
  );
}

function Warnings(props: { run: DryRun; draft: CaseDraft; select: (key: string) => void }) {
  const texts = t.value.preview.dry.warnings;
  const { warnings } = props.run;
  if (warnings.length === 0) return null;
  return (
    <div class="db-dry-warnings">
      <h4 class="db-dry-part">
        <Icon name="alert" /> {texts.title}
      </h4>
      <ul>
        {warnings.map((each) => (
          <li key={`${each.code} ${each.step}`}>
            <button type="button" class="db-dry-line" onClick={() => props.select(each.step)}>
              {warningWords(each, props.draft.steps)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
