import { trainerTexts as t } from "../../../i18n/trainers";

/** The sheet stands on the paper, whatever the page shows (printing.tsx). */
export function PrintButton() {
  return (
    <button type="button" class="db-button db-button-main" onClick={() => window.print()}>
      {t.value.marks.sheet.print}
    </button>
  );
}
