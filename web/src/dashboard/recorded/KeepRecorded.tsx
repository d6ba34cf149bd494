import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { go } from "../../app/route";
import { BOUNDS } from "../../generated/catalogue";
import { fill, language } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { newId } from "../../wire/ids";
import { useDevice } from "../context";
import { lasting, wholeNumber } from "../fmt";
import { tellNotWritten } from "../room/notWritten";
import { announce } from "../shell/announce";
import { withUnit } from "../words";
import { contentOfMade, type Made } from "./course/made";

type Missing = "missing_name" | "missing_confirm";

/** Named and confirmed by a person; nothing is kept before that. */
export function KeepRecorded({ made, isWorking }: { made: Made; isWorking: boolean }) {
  const device = useDevice();
  const texts = t.value.recorded;
  const title = useSignal("");
  const isConfirmed = useSignal(false);
  const missing = useSignal<Missing | null>(null);
  const isBusy = useSignal(false);
  const name = useRef<HTMLInputElement>(null);
  const confirm = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (missing.value === "missing_name") name.current?.focus();
    if (missing.value === "missing_confirm") confirm.current?.focus();
  }, [missing.value]);
  const keep = (event: Event) => {
    event.preventDefault();
    const named = title.value.trim();
    missing.value = null;
    missing.value = named === "" ? "missing_name" : isConfirmed.value ? null : "missing_confirm";
    if (missing.value !== null || isBusy.value || isWorking) return;
    isBusy.value = true;
    const content = contentOfMade(made, { title: named, description: descriptionOf(made), language: language.value });
    device.createTemplate(newId(), content).then(
      () => {
        announce(fill(texts.done, { title: named }));
        go(pathTo("templates"));
        scrollTo(0, 0);
      },
      (error: unknown) => {
        isBusy.value = false;
        tellNotWritten(error);
      },
    );
  };
  return (
    <section class="db-recorded-part" aria-labelledby="recorded-keep">
      <h2 id="recorded-keep">{texts.keep_title}</h2>
      <form onSubmit={keep} noValidate class="db-recorded-keep">
        <label class="db-field">
          <span>{texts.name}</span>
          <input
            ref={name}
            type="text"
            value={title}
            maxLength={BOUNDS.title_characters}
            autocomplete="off"
            aria-invalid={missing.value === "missing_name"}
            aria-describedby="recorded-name-hint"
            onInput={(event) => (title.value = event.currentTarget.value)}
          />
        </label>
        <p class="db-hint" id="recorded-name-hint">
          {texts.name_hint}
        </p>
        <label class="db-switch">
          <input
            ref={confirm}
            type="checkbox"
            checked={isConfirmed}
            aria-invalid={missing.value === "missing_confirm"}
            onChange={(event) => (isConfirmed.value = event.currentTarget.checked)}
          />
          <span>{texts.confirm}</span>
        </label>
        {missing.value === null ? null : (
          <p class="db-problem" role="alert">
            {texts[missing.value]}
          </p>
        )}
        <button type="submit" class="db-button db-button-main" aria-disabled={isWorking || isBusy.value}>
          {texts.keep}
        </button>
      </form>
    </section>
  );
}

function descriptionOf(made: Made): string {
  const short = t.value.dashboard.signs.short;
  const deviations = made.signs.map(({ name, deviation }) => `${short[name]} ${withUnit(name, deviation)}`).join(", ");
  const [kept, points] = [wholeNumber(made.kept), wholeNumber(made.points)];
  return fill(t.value.recorded.description, { time: lasting(made.seconds), kept, points, deviations });
}
