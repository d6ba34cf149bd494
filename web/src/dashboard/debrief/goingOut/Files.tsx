import { useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { language } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Download } from "../../download/Download";
import { exportPath, VALUES, type CsvDialect, type ExportedValues, type ExportForm } from "./exportPath";
import "./goingOut.css";

/** The dialect of the reader's own spreadsheet comes first. */
function dialects(): readonly CsvDialect[] {
  return language.value === "fr" ? ["fr", "rfc"] : ["rfc", "fr"];
}

export function Files({ sessionId }: { sessionId: string }) {
  const texts = t.value.goingOut;
  const values = useSignal<ExportedValues>("shown");
  const link = (text: string, form: ExportForm) => (
    <Download key={text} path={exportPath(sessionId, form)}>
      {text}
    </Download>
  );
  return (
    <ul class="db-files">
      <File title={texts.record.title} help={texts.record.help} below={<Values values={values} />}>
        {dialects().map((dialect) => link(texts.csv[dialect], { format: "csv", dialect, values: values.value }))}
      </File>
      <File title={texts.scores.title} help={texts.scores.help}>
        {dialects().map((dialect) => link(texts.scores_csv[dialect], { format: "scores", dialect }))}
      </File>
      <File title={texts.program.title} help={texts.program.help}>
        {link("JSON", { format: "json" })}
      </File>
      <File title={texts.monitors.title} help={texts.monitors.help}>
        {link("FHIR", { format: "fhir" })}
        {link("HL7 v2", { format: "hl7" })}
      </File>
      <File title={texts.learning.title} help={texts.learning.help}>
        {link("xAPI", { format: "xapi" })}
      </File>
    </ul>
  );
}

function File(props: { title: string; help: string; below?: ComponentChildren; children: ComponentChildren }) {
  const id = useId();
  return (
    <li>
      <div>
        <h3 id={id}>{props.title}</h3>
        <p>{props.help}</p>
        {props.below}
      </div>
      <div class="db-files-links" role="group" aria-labelledby={id}>
        {props.children}
      </div>
    </li>
  );
}

function Values({ values }: { values: Signal<ExportedValues> }) {
  const texts = t.value.goingOut;
  return (
    <label class="db-files-values">
      <span>{texts.values}</span>
      <select
        value={values.value}
        onChange={(event) => {
          values.value = event.currentTarget.value as ExportedValues;
        }}
      >
        {VALUES.map((one) => (
          <option key={one} value={one}>
            {texts.of[one]}
          </option>
        ))}
      </select>
    </label>
  );
}
