import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { ComparedTime } from "../../../wire/types";
import { lasting, wholeNumber } from "../../fmt";
import { markerName } from "../../words";
import { RangeBar, ShareBar } from "./Bars";
import { longest, timeKey, type OwnTimes } from "./figures";

export function TimesTable(props: { times: readonly ComparedTime[]; own: OwnTimes | null }) {
  const texts = t.value.comparison;
  const end = longest(props.times, props.own);
  return (
    <table class="db-table db-compared">
      <caption>{texts.times}</caption>
      <thead>
        <tr>
          <th scope="col">{texts.what}</th>
          <th scope="col">{texts.attempts}</th>
          <th scope="col">{texts.done}</th>
          <th scope="col">{texts.median}</th>
          <th scope="col">{texts.range}</th>
          {props.own === null ? null : <th scope="col">{texts.own}</th>}
        </tr>
      </thead>
      <tbody>
        {props.times.map((time) => (
          <TimeRow key={timeKey(time)} time={time} end={end} own={props.own} />
        ))}
      </tbody>
    </table>
  );
}

function TimeRow({ time, end, own }: { time: ComparedTime; end: number; own: OwnTimes | null }) {
  const texts = t.value.comparison;
  const mine = own?.get(timeKey(time)) ?? null;
  return (
    <tr>
      <th scope="row" data-label={texts.what}>
        <span>
          {markerName(time.marker)} <small>{fromWords(time.from)}</small>
        </span>
      </th>
      <td data-label={texts.attempts}>{wholeNumber(time.n)}</td>
      <td data-label={texts.done}>
        <span>
          {percent(time.share_done)}
          <ShareBar share={time.share_done} />
        </span>
      </td>
      <td data-label={texts.median}>{time.median === null ? texts.nobody : lasting(time.median)}</td>
      <td data-label={texts.range}>
        {time.range === null || time.median === null ? null : (
          <span>
            {rangeWords(time.range, lasting)}
            <RangeBar low={time.range[0]!} median={time.median} high={time.range[1]!} end={end} own={mine} />
          </span>
        )}
      </td>
      {own === null ? null : (
        <td data-label={texts.own} class="db-compared-own">
          {mine === null ? texts.not_done : lasting(mine)}
        </td>
      )}
    </tr>
  );
}

function fromWords(from: string): string {
  const texts = t.value.comparison;
  if (from === "start") return texts.from_start;
  return from === "arrest" ? texts.from_arrest : fill(texts.from_marker, { marker: markerName(from) });
}

export function percent(share: number): string {
  return fill(t.value.comparison.percent, { count: wholeNumber(Math.round(share * 100)) });
}

export function rangeWords([low, high]: readonly number[], write: (value: number) => string): string {
  if (low === undefined || high === undefined) return "";
  const [lowest, highest] = [write(low), write(high)];
  // Half a second apart they read alike.
  return lowest === highest ? lowest : fill(t.value.comparison.from_to, { low: lowest, high: highest });
}
