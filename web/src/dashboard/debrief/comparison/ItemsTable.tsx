import { language } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { writeShort } from "../../../i18n/numbers";
import type { ComparedItem, Template } from "../../../wire/types";
import { wholeNumber } from "../../fmt";
import { RangeBar } from "./Bars";
import type { OwnScores } from "./figures";
import { rangeWords } from "./TimesTable";

const FULL_SCORE = 2;

/** The checklist's own texts; an item that the case has no more is shown by its key. */
export function ItemsTable(props: {
  items: readonly ComparedItem[];
  checklist: Template["checklist"];
  own: OwnScores | null;
}) {
  const texts = t.value.comparison;
  const write = (value: number) => writeShort(value, 1, language.value);
  const text = (key: string) => props.checklist.find((item) => item.key === key)?.text ?? key;
  return (
    <table class="db-table db-compared">
      <caption>{texts.items}</caption>
      <thead>
        <tr>
          <th scope="col">{texts.item}</th>
          <th scope="col">{texts.attempts}</th>
          <th scope="col">{texts.median}</th>
          <th scope="col">{texts.range}</th>
          {props.own === null ? null : <th scope="col">{texts.own}</th>}
        </tr>
      </thead>
      <tbody>
        {props.items.map((item) => (
          <tr key={item.key}>
            <th scope="row" data-label={texts.item}>
              {text(item.key)}
            </th>
            <td data-label={texts.attempts}>{wholeNumber(item.n)}</td>
            <td data-label={texts.median}>{write(item.median)}</td>
            <td data-label={texts.range}>
              <span>
                {rangeWords(item.range, write)}
                <RangeBar low={item.range[0]!} median={item.median} high={item.range[1]!} end={FULL_SCORE} own={props.own?.(item.key)} />
              </span>
            </td>
            {props.own === null ? null : (
              <td data-label={texts.own} class="db-compared-own">
                {scoreWords(props.own(item.key), write)}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function scoreWords(score: number | null, write: (value: number) => string): string {
  return score === null ? t.value.comparison.not_scored : write(score);
}
