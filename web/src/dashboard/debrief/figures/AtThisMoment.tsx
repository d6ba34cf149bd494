import { useComputed } from "@preact/signals";
import { language } from "../../../i18n";
import { writeDecimals } from "../../../i18n/numbers";
import { trainerTexts as t } from "../../../i18n/trainers";
import { settings } from "../../../monitor/settings";
import { writeNumber } from "../../../monitor/units";
import type { News2 } from "../../../wire/debrief";
import { missingWords, news2Words } from "../chart/news2Steps";
import type { DebriefModel } from "../model";
import { figuresAt, neverRecordedOf } from "./momentFigures";

/** Under the monitor what the patient's own values come to at the moment shown, and what the monitor's numbers do. */
export function AtThisMoment({ model }: { model: DebriefModel }) {
  const texts = t.value.debrief.now;
  const never = useComputed(() => neverRecordedOf(model.news2.value));
  const { patient, team } = useComputed(() => figuresAt(model.course.value, model.replay.at.value, never.value)).value;
  return (
    <div class="db-now">
      <table>
        <caption class="visually-hidden">{texts.title}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">{texts.whose}</span>
            </th>
            <th scope="col">{t.value.debrief.chart.news2}</th>
            <th scope="col">
              <abbr title={texts.mean_whole}>{texts.mean}</abbr> <small>{settings.value.units.pressure}</small>
            </th>
            <th scope="col">{texts.shock_index}</th>
          </tr>
        </thead>
        <tbody>
          <Row name={texts.patient} score={patient} />
          <Row name={texts.team} score={team} />
        </tbody>
      </table>
      <p>{lacking(team)}</p>
    </div>
  );
}

function Row({ name, score }: { name: string; score: News2 }) {
  const { mean, shock_index: index } = score;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{news2Words(score)}</td>
      <td>{mean === null ? "–" : writeNumber(mean, "pressure", settings.value.units, language.value)}</td>
      <td>{index === null ? "–" : writeDecimals(index, 2, language.value)}</td>
    </tr>
  );
}

/** What the team lacked: what was never recorded is lacking in the patient's own score, too. */
function lacking({ total, missing }: News2): string {
  if (total === null || missing.length === 0) return "";
  const { unseen, never } = missingWords(missing);
  return [t.value.debrief.now.least, unseen, never].filter((words) => words !== null).join(" ");
}
