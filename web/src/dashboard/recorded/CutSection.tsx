import { useRef } from "preact/hooks";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { writeShort } from "../../i18n/numbers";
import { lasting } from "../fmt";
import { SECTION_SECONDS_LIMIT } from "./course/grid";
import { wholeSection } from "./course/made";
import type { ReadCourse } from "./course/series";
import type { RecordingInHand } from "./opened";

const SHORTEST_SECONDS = 30;

/** From which minute to which: of an operation of four hours the twenty minutes that one teaches with. */
export function CutSection(props: { hand: RecordingInHand; read: ReadCourse }) {
  const { hand, read } = props;
  const texts = t.value.recorded;
  const begin = useRef<HTMLInputElement>(null);
  const end = useRef<HTMLInputElement>(null);
  const [from, to] = hand.section.value ?? wholeSection(read);
  const cut = () => {
    const [first, last] = [(begin.current?.valueAsNumber ?? 0) * 60, (end.current?.valueAsNumber ?? 0) * 60];
    if (!Number.isFinite(first) || !Number.isFinite(last)) return;
    const start = Math.min(Math.max(0, first), Math.max(0, read.seconds - SHORTEST_SECONDS));
    const stop = Math.min(Math.max(last, start + SHORTEST_SECONDS), read.seconds, start + SECTION_SECONDS_LIMIT);
    void hand.cut([start, Math.max(start, stop)]);
  };
  const minutes = (seconds: number) => writeShort(seconds / 60, 2, "en");
  const field = (label: string, ref: typeof begin, seconds: number) => (
    <label class="db-field">
      <span>{label}</span>
      <input ref={ref} type="number" min={0} max={minutes(read.seconds)} step="any" value={minutes(seconds)} onChange={cut} />
    </label>
  );
  return (
    <fieldset class="db-recorded-cut">
      <legend>{texts.section}</legend>
      <div>
        {field(texts.from, begin, from)}
        {field(texts.to, end, to)}
      </div>
      <p class="db-hint">{fill(texts.section_hint, { time: lasting(read.seconds) })}</p>
    </fieldset>
  );
}
