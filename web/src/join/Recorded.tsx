import { fill, t } from "../i18n";
import type { Kept } from "../wire/types";

/** What is recorded of whoever joins, and for how long: told before they do. `kept` is null where that is not known. */
export function Recorded(props: { kept: Kept }) {
  const texts = t.value.keeping.join;
  return (
    <section class="join-recorded" aria-labelledby="join-recorded-title">
      <h2 id="join-recorded-title">{texts.title}</h2>
      <p class="join-hint">
        {[texts.what, ...howLong(props.kept)].join(" ")} <b>{texts.pseudonym}</b>
      </p>
    </section>
  );
}

function howLong(kept: Kept): string[] {
  const texts = t.value.keeping.join;
  if (kept === null) return [texts.unknown];
  const { names_months: names, records_months: records } = kept;
  return [
    names === 1 ? texts.names_one : fill(texts.names, { months: names }),
    records === null ? texts.records_stay : records === 1 ? texts.records_one : fill(texts.records, { months: records }),
  ];
}
