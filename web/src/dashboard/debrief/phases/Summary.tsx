import { useComputed } from "@preact/signals";
import { t } from "../../../i18n";
import type { Annotation } from "../../../wire/types";
import type { DebriefModel } from "../model";

const KINDS = ["plus", "delta", "takeaway"] as const satisfies readonly Annotation["kind"][];

/** What is kept of it: what went well, what would be done differently, and what to take home. */
export function Summary({ model }: { model: DebriefModel }) {
  const texts = t.value.debrief.summary;
  const all = useComputed(() => (model.room.session.value?.annotations ?? []).filter(({ deleted_at }) => deleted_at === null)).value;
  return (
    <div class="db-summary">
      {KINDS.map((kind) => {
        const lines = all.filter((one) => one.kind === kind).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
        return (
          <section key={kind} class="db-panel" data-kind={kind} aria-labelledby={`summary-${kind}`}>
            <h2 id={`summary-${kind}`}>{texts[kind]}</h2>
            {lines.length === 0 ? <p class="db-hint">{texts.none}</p> : null}
            <ul>
              {lines.map((one) => (
                <li key={one.id}>{one.text}</li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
