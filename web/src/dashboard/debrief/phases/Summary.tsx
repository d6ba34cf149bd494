import { PlusDelta } from "../annotations/PlusDelta";
import { TakeHome } from "../annotations/TakeHome";
import { PrintButton } from "../paper/PrintButton";
import { ShareButton } from "../shared/ShareButton";
import "../../room/record/downloads.css";

/** What is kept of it: what went well, what would be done differently, and what to take home; typed while it is said. */
export function Summary() {
  return (
    <div class="db-summary">
      <PlusDelta />
      <TakeHome />
      <div class="db-downloads">
        <PrintButton />
        <ShareButton />
      </div>
    </div>
  );
}
