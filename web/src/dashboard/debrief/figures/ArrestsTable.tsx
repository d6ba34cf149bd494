import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { Arrest } from "../../../wire/beside";
import { clockTime, lasting } from "../../fmt";
import { percentWords } from "../scores/scoreWords";
import { Wide } from "./Wide";

/** What is said of a resuscitation, an arrest a column. */
export function ArrestsTable({ arrests }: { arrests: readonly Arrest[] }) {
  const texts = t.value.marks.sheet;
  if (arrests.length === 0) return null;
  const rows: [keyof typeof texts.arrests, (arrest: Arrest) => string][] = [
    ["seconds", (one) => lasting(one.seconds)],
    ["compressions", (one) => lasting(one.compressions_seconds)],
    ["no_flow", (one) => lasting(one.no_flow_seconds)],
    ["fraction", (one) => shareOr(one.compression_fraction)],
    ["fraction_from_first", (one) => shareOr(one.compression_fraction_from_first)],
    ["longest_pause", (one) => lastingOr(one.longest_pause_seconds)],
    ["pauses_over_10", (one) => String(one.pauses_over_10)],
    ["to_recognition", (one) => lastingOr(one.to_recognition_seconds)],
    ["to_compressions", (one) => lastingOr(one.to_compressions_seconds)],
    ["to_shock", (one) => lastingOr(one.to_shock_seconds)],
    ["to_adrenaline", (one) => lastingOr(one.to_adrenaline_seconds)],
    ["to_adrenaline_from_third_shock", (one) => fromThirdShock(one, texts.arrests.before_third_shock)],
    ["to_rosc", (one) => lastingOr(one.to_rosc_seconds)],
    ["around_shocks", (one) => listed(one.shocks.map((shock) => `${lastingOr(shock.pre_seconds)} / ${lastingOr(shock.post_seconds)}`))],
    ["between_shocks", (one) => listed(one.shock_intervals.map(lasting))],
    ["between_adrenaline", (one) => listed(one.adrenaline_intervals.map(lasting))],
    ["between_checks", (one) => listed(one.rhythm_check_intervals.map(lasting))],
  ];
  return (
    <section class="db-sheet-whole">
      <h2>{texts.resuscitation}</h2>
      <Wide label={texts.resuscitation}>
        <table class="db-table">
          <thead>
            <tr>
              <th scope="col">{texts.figure}</th>
              {arrests.map(({ onset_at }) => (
                <th key={onset_at} scope="col">
                  {fill(texts.arrest_at, { when: clockTime(Date.parse(onset_at)) })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, words]) => (
              <tr key={name}>
                <th scope="row">{texts.arrests[name]}</th>
                {arrests.map((arrest) => (
                  <td key={arrest.onset_at}>{words(arrest)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  );
}

/** Whoever had it by then did not wait for that shock. */
function fromThirdShock(one: Arrest, before: string): string {
  const isEarly = one.third_shock_to_adrenaline_seconds === null && one.to_adrenaline_seconds !== null && one.shocks.length >= 3;
  return isEarly ? before : lastingOr(one.third_shock_to_adrenaline_seconds);
}

function lastingOr(seconds: number | null): string {
  return seconds === null ? "–" : lasting(seconds);
}

function shareOr(share: number | null): string {
  return share === null ? "–" : percentWords(Math.round(100 * share));
}

function listed(words: readonly string[]): string {
  return words.length === 0 ? "–" : words.join(" · ");
}
