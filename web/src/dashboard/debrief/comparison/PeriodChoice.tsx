import type { Signal } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { isBackwards, PERIODS, type Period, type PeriodName } from "./period";

export function PeriodChoice({ period }: { period: Signal<Period> }) {
  const texts = t.value.comparison;
  const change = (part: Partial<Period>) => {
    period.value = { ...period.value, ...part };
  };
  return (
    <fieldset class="db-period">
      <legend class="visually-hidden">{texts.period}</legend>
      <label class="db-field">
        <span>{texts.period}</span>
        <select value={period.value.name} onChange={(event) => change({ name: event.currentTarget.value as PeriodName })}>
          {PERIODS.map((one) => (
            <option key={one} value={one}>
              {texts.periods[one]}
            </option>
          ))}
        </select>
      </label>
      {period.value.name === "own" ? (
        <>
          <Day label={texts.first} value={period.value.first} change={(first) => change({ first })} />
          <Day label={texts.last} value={period.value.last} change={(last) => change({ last })} />
        </>
      ) : null}
      {isBackwards(period.value) ? (
        <p class="db-problem" data-shown="yes" role="alert">
          {texts.backwards}
        </p>
      ) : null}
    </fieldset>
  );
}

function Day(props: { label: string; value: string; change: (day: string) => void }) {
  return (
    <label class="db-field">
      <span>{props.label}</span>
      <input type="date" value={props.value} onChange={(event) => props.change(event.currentTarget.value)} />
    </label>
  );
}
