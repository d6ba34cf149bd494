import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import type { Addresses, Invited } from "../../wire/types";
import { CopyText } from "../CopyText";
import { useDevice } from "../context";
import { Dialog } from "../Dialog";
import { dayTime } from "../fmt";
import { Qr } from "../Qr";
import { reachableUrl } from "../shell/paths";

/** The link, this once: to be sent, or scanned from this screen. */
export function InvitationLink(props: { invited: Invited; addresses: Addresses; onClose: () => void }) {
  const device = useDevice();
  const texts = t.value.people.school;
  const { name, expires_at, url } = props.invited;
  // The server says the address that it knows of itself; the trainer may have come by a better one.
  const link = reachableUrl(new URL(url).pathname, props.addresses);
  const until = dayTime(Date.parse(expires_at), device.serverNow());
  return (
    <Dialog title={fill(texts.link_title, { name })} onClose={props.onClose}>
      <p>{fill(texts.link_help, { name, until })}</p>
      <p class="db-invitation-link">
        <code>{link}</code>
        <CopyText text={link} label={`${t.value.dashboard.outbox.copy}: ${texts.link}`} />
      </p>
      <Qr url={link} label={fill(texts.link_qr, { name })} class="db-invitation-qr" />
      <div class="db-dialog-actions">
        <button type="button" class="db-button db-button-main" onClick={props.onClose}>
          {texts.link_done}
        </button>
      </div>
    </Dialog>
  );
}
