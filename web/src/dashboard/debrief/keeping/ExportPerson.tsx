import type { ShownSession } from "../../../device/view/device";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Dialog } from "../../Dialog";
import { Download } from "../../download/Download";
import { Icon } from "../../icons";
import { Unread } from "../../Unread";

/** Everything about one person, as a file of the server's. */
export function ExportPerson(props: { session: ShownSession; onClose: () => void }) {
  const texts = t.value.keeping.session;
  const people = props.session.attendance;
  return (
    <Dialog title={texts.export} onClose={props.onClose}>
      <p class="db-hint">{texts.export_help}</p>
      {people === null ? (
        <Unread />
      ) : people.length === 0 ? (
        <p>{texts.nobody}</p>
      ) : (
        <ul class="db-keeping-people">
          {people.map(({ seat_id, name }) => (
            <li key={seat_id}>
              <Download
                path={`/api/v1/sessions/${props.session.id}/seats/${seat_id}/export`}
                label={fill(texts.export_file, { name })}
              >
                <Icon name="download" /> {name}
              </Download>
            </li>
          ))}
        </ul>
      )}
      <div class="db-dialog-actions">
        <button type="button" class="db-button db-button-main" autofocus onClick={props.onClose}>
          {t.value.common.close}
        </button>
      </div>
    </Dialog>
  );
}
