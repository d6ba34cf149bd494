import { trainerTexts as t } from "../../../i18n/trainers";
import { PrintButton } from "../../debrief/paper/PrintButton";
import { ShareButton } from "../../debrief/shared/ShareButton";
import { TakeOut } from "../../debrief/goingOut/TakeOut";
import { pathTo } from "../../../app/pages";
import { Icon } from "../../icons";
import { Link } from "../../shell/Link";
import { useRoom } from "../room";
import "./downloads.css";

/** The record to take along, once the session is over. */
export function Downloads() {
  const room = useRoom();
  if (!room.isOver.value) return null;
  return (
    <div class="db-downloads" role="group" aria-label={t.value.goingOut.title}>
      <PrintButton />
      <ShareButton />
      <TakeOut sessionId={room.id} />
      <CompareLink />
    </div>
  );
}

/** This attempt beside the others at its case. */
function CompareLink() {
  const room = useRoom();
  const templateId = room.session.value?.template_id ?? null;
  if (templateId === null) return null;
  return (
    <Link to={`${pathTo("comparison", { template_id: templateId })}?session=${room.id}`} class="db-button">
      <Icon name="people" /> {t.value.comparison.open_of_session}
    </Link>
  );
}
