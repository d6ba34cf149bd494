import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { AddedHall } from "../../wire/types";
import { CopyText } from "../CopyText";
import { Dialog } from "../Dialog";
import { useDevice } from "../context";

/** The token, this once, and where it belongs. */
export function HallToken(props: { hall: AddedHall; onClose: () => void }) {
  const device = useDevice();
  const texts = t.value.halls;
  const { copy } = t.value.dashboard.outbox;
  const { token, name } = props.hall;
  const url = device.addresses.value.public_url ?? location.origin;
  const settings = `SYNC_UPSTREAM_URL=${url}\nSYNC_UPSTREAM_TOKEN=${token}\n`;
  return (
    <Dialog title={fill(texts.added_title, { hall: name })} onClose={props.onClose}>
      <p>{texts.added_once}</p>
      <p class="db-hall-token">
        <code>{token}</code>
        <CopyText text={token} label={`${copy}: ${texts.the_token}`} />
      </p>
      <p>{texts.added_where}</p>
      <pre class="db-hall-settings" tabIndex={0}>
        {settings}
      </pre>
      <CopyText text={settings} label={`${copy}: ${texts.both_lines}`} />
      <div class="db-dialog-actions">
        <button type="button" class="db-button db-button-main" onClick={props.onClose}>
          {texts.added_done}
        </button>
      </div>
    </Dialog>
  );
}
