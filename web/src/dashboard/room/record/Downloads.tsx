import { useSignal } from "@preact/signals";
import { t } from "../../../i18n";
import { PrintButton } from "../../debrief/paper/PrintButton";
import { ShareButton } from "../../debrief/shared/ShareButton";
import { useRoom } from "../room";
import { exportPath, VALUES, type ExportedValues } from "./exportPath";
import "./downloads.css";

/** The record to take along, once the session is over. */
export function Downloads() {
  const room = useRoom();
  const texts = t.value.dashboard.downloads;
  const values = useSignal<ExportedValues>("shown");
  if (!room.isOver.value) return null;
  const link = (text: string, path: string) => (
    <a class="db-button" href={path} download>
      {text}
    </a>
  );
  return (
    <div class="db-downloads" role="group" aria-label={texts.title}>
      <PrintButton />
      <ShareButton />
      <label class="db-downloads-values">
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
      {link(texts.csv, exportPath(room.id, { format: "csv", dialect: "rfc", values: values.value }))}
      {link(texts.csv_fr, exportPath(room.id, { format: "csv", dialect: "fr", values: values.value }))}
      {link("JSON", exportPath(room.id, { format: "json" }))}
    </div>
  );
}
