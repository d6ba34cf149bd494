import { pathTo } from "../../app/pages";
import { t } from "../../i18n";
import { Icon } from "../icons";
import { Link } from "../shell/Link";

/** The way from the list of cases. */
export function RecordedLink() {
  return (
    <Link to={pathTo("recorded")} class="db-button">
      <Icon name="tray" /> {t.value.recorded.link}
    </Link>
  );
}
