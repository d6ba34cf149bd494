import { trainerTexts as t } from "../../i18n/trainers";
import { Download } from "../download/Download";

const PATH = "/api/v1/school/export";

/** Everything of the school as a file, to move it; and the word on what that file holds. */
export function ExportSchool() {
  const texts = t.value.cases.moving;
  return (
    <section class="db-devices-part">
      <h2>{texts.title}</h2>
      <p class="db-hint">{texts.help}</p>
      <p>
        <strong>{texts.warning}</strong>
      </p>
      <Download path={PATH}>{texts.export}</Download>
    </section>
  );
}
