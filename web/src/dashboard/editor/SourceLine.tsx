import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { lasting } from "../fmt";
import { markerName, named } from "../words";
import { zeroName } from "./choices";
import { figureOf, isStricter, sourceOf, SOURCES, type Figure, type FigureSource } from "./figures";

/**
 * Where a time comes from, or what a source says of this marker, to be taken. `from` and `seconds` are null where no time
 * is asked for.
 */
export function SourceLine(props: {
  marker: string;
  from: string | null;
  seconds: number | null;
  take: (figure: Figure) => void;
}) {
  const texts = t.value.editor.times;
  const { marker, from, seconds } = props;
  const written = from === null || seconds === null ? null : { marker, from, seconds };
  const same = written === null ? null : sourceOf(written);
  const figure = same ?? figureOf(marker);
  if (figure === null) return null;
  const values = {
    time: lasting(figure.seconds), from: zeroName(figure.from), source: sourceName(figure.source), holds: texts.holds[figure.holds],
  }; // prettier-ignore
  if (same !== null) return <p class="db-ed-hint">{fill(texts.source, values)}</p>;
  if (written !== null && isStricter(written, figure)) return <p class="db-ed-hint">{fill(texts.stricter_source, values)}</p>;
  return (
    <p class="db-ed-hint">
      {fill(texts.other_source, values)}{" "}
      <button
        type="button"
        class="db-button db-button-quiet"
        aria-label={named(texts.take, markerName(figure.marker))}
        onClick={() => props.take(figure)}
      >
        {texts.take}
      </button>
    </p>
  );
}

function sourceName(source: FigureSource): string {
  return fill(t.value.editor.times.sources[source], { name: SOURCES[source] });
}
