import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { TemplateStep } from "../../../wire/types";
import { counting } from "../../fmt";
import { Roving } from "../../keys/Roving";
import { stepTitle } from "../../words";
import type { Band } from "./course";
import { percentOf } from "./curves";

/** The steps as they follow in time; each is a key that chooses its step. */
export function Bands(props: {
  bands: readonly Band[];
  until: number;
  steps: readonly TemplateStep[];
  selectedKey: string | null;
  select: (key: string) => void;
}) {
  const texts = t.value.preview;
  return (
    <Roving class="db-course-bands" role="group" label={texts.steps}>
      {props.bands.map(({ key, begin, end }) => {
        const step = stepTitle(key, props.steps);
        const left = percentOf(begin, props.until);
        const words = fill(texts.band, { step, begin: counting(begin), end: counting(end) });
        return (
          <button
            key={begin}
            type="button"
            class="db-course-band"
            style={{ left: `${left}%`, width: `${percentOf(end, props.until) - left}%` }}
            aria-pressed={key === props.selectedKey}
            aria-label={words}
            title={words}
            onClick={() => props.select(key)}
          >
            <span>{step}</span>
          </button>
        );
      })}
    </Roving>
  );
}
