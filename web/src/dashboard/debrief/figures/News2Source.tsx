import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import "./figures.css";

/** Proper names, the same in every language. */
const SOURCE = "Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017";

/** It may be reproduced wherever this is said: on paper, by link, and where a case is talked over. */
export function News2Source() {
  return <p class="db-news2-source">{fill(t.value.marks.sheet.news2_source, { source: SOURCE })}</p>;
}
