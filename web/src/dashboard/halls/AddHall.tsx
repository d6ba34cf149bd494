import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { BOUNDS } from "../../generated/catalogue";
import { trainerTexts as t } from "../../i18n/trainers";
import type { AddedHall, Refusal, Trainer } from "../../wire/types";
import { useDevice } from "../context";
import { reason } from "../words";

type Missing = "name" | "people";

/** A name, and who may log in there: their passwords' hashes go to that machine, so nobody is chosen beforehand. */
export function AddHall(props: { trainers: readonly Trainer[]; done: (hall: AddedHall) => void }) {
  const device = useDevice();
  const texts = t.value.halls;
  const name = useSignal("");
  const isEverybody = useSignal(false);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const missing = useSignal<Missing | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  const isBusy = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  const people = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    if (missing.value === "name") field.current?.focus();
    if (missing.value === "people") people.current?.querySelector("input")?.focus();
  }, [missing.value]);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value) return;
    missing.value = null;
    missing.value = name.value.trim() === "" ? "name" : !isEverybody.value && chosen.value.size === 0 ? "people" : null;
    if (missing.value !== null) return;
    isBusy.value = true;
    const answer = await device.addHall(name.value, isEverybody.value ? "all" : [...chosen.value]);
    isBusy.value = false;
    refusal.value = answer.ok ? null : answer.refusal;
    if (!answer.ok) return;
    name.value = "";
    isEverybody.value = false;
    chosen.value = new Set();
    props.done(answer.value);
  };
  const choose = (id: string, isChosen: boolean) => {
    chosen.value = new Set(isChosen ? [...chosen.value, id] : [...chosen.value].filter((one) => one !== id));
  };
  return (
    <section class="db-hall-add">
      <h2>{texts.add}</h2>
      <form onSubmit={(event) => void submit(event)} noValidate aria-busy={isBusy}>
        <label class="db-field">
          <span>{texts.name}</span>
          <input
            ref={field}
            value={name}
            maxLength={BOUNDS.name_characters}
            autocomplete="off"
            aria-invalid={missing.value === "name"}
            aria-describedby="hall-problem"
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </label>
        <fieldset class="db-hall-choice" ref={people} aria-describedby="hall-hashes hall-problem">
          <legend>{texts.people}</legend>
          <label class="db-switch">
            <input
              type="checkbox"
              checked={isEverybody}
              onChange={(event) => (isEverybody.value = event.currentTarget.checked)}
            />
            <span>{texts.everybody}</span>
          </label>
          {isEverybody.value
            ? null
            : props.trainers.map((trainer) => (
                <label class="db-switch" key={trainer.id}>
                  <input
                    type="checkbox"
                    checked={chosen.value.has(trainer.id)}
                    onChange={(event) => choose(trainer.id, event.currentTarget.checked)}
                  />
                  <span>{trainer.name}</span>
                </label>
              ))}
          <p class="db-hint" id="hall-hashes">
            {texts.hashes}
          </p>
        </fieldset>
        <p class="db-problem" id="hall-problem" role="alert" data-shown={missing.value ?? refusal.value ? "yes" : "no"}>
          {missing.value === "name" ? texts.name_missing : missing.value === "people" ? texts.people_missing : null}
          {missing.value === null && refusal.value !== null ? words(refusal.value) : null}
        </p>
        <button type="submit" class="db-button db-button-main" aria-disabled={isBusy}>
          {texts.submit}
        </button>
      </form>
    </section>
  );
}

function words(refusal: Refusal): string {
  return refusal.code === "conflict" ? t.value.halls.name_taken : reason(refusal);
}
