import { useSignal } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { valueAt } from "../../../patient/ramps";
import { SIGNS, SIGN_NAMES } from "../../../patient/signs";
import type { SignName, TemplateStep } from "../../../wire/types";
import { counting } from "../../fmt";
import { number, stepTitle } from "../../words";
import { causeWords } from "./causeWords";
import type { Course } from "./course";

/** The curves in words: for each step when and why it comes, and how each sign moves in it. */
export function CourseTable(props: { course: Course; steps: readonly TemplateStep[] }) {
  const texts = t.value.preview;
  const isOpen = useSignal(false);
  return (
    <details
      class="db-course-words"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{texts.table}</summary>
      {isOpen.value ? (
        // Wide tables scroll by themselves; a keyboard gets there, too.
        <div class="db-course-scroll" role="region" aria-label={texts.table} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{texts.columns.time}</th>
                <th scope="col">{texts.columns.step}</th>
                {props.course.isPlan ? null : <th scope="col">{texts.columns.why}</th>}
                {SIGN_NAMES.map((name) => (
                  <th key={name} scope="col">
                    {t.value.common.signs[name]} ({SIGNS[name].unit})
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {props.course.states.map((_, place) => (
                <Row key={place} {...props} place={place} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </details>
  );
}

function Row(props: { course: Course; steps: readonly TemplateStep[]; place: number }) {
  const { course, steps, place } = props;
  const texts = t.value.preview;
  const state = course.states[place];
  if (state === undefined) return null;
  const { at_seconds, step, last } = state;
  const end = (course.states[place + 1]?.at_seconds ?? course.until) * 1000;
  // The start values stand before the first move.
  const move = place === 0 ? undefined : course.run.moves[place - 1];
  const cell = (name: SignName) => {
    const [begins, ends] = [valueAt(last, name, at_seconds * 1000), valueAt(last, name, end)];
    return begins === ends ? number(name, ends) : fill(texts.from_to, { from: number(name, begins), to: number(name, ends) });
  };
  const title = step === null ? (place === 0 ? texts.start : texts.end) : stepTitle(step, steps);
  return (
    <tr>
      <td>{counting(at_seconds)}</td>
      <th scope="row">{title}</th>
      {course.isPlan ? null : <td>{move?.because && move.from !== null ? causeWords(move.because, move.from, steps) : "–"}</td>}
      {SIGN_NAMES.map((name) => (
        <td key={name}>{cell(name)}</td>
      ))}
    </tr>
  );
}
