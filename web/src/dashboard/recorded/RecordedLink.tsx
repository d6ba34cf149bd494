import { pathTo } from "../../app/pages";
import { trainerTexts as t } from "../../i18n/trainers";
import { Icon } from "../icons";
import { Link } from "../shell/Link";

/** The way from the list of cases. */
export function RecordedLink() {
  return (
    <Link to={pathTo("recorded")} class="db-button">
      <Icon name="pulse" /> {t.value.recorded.link}
    </Link>
  );
}
