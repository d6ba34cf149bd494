import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { Icon } from "../icons";

/** One line, for whoever works in a browser that keeps nothing; nothing for everybody else. */
export function UnkeptLine() {
  if (useDevice().isKept) return null;
  return (
    <p class="db-unkept" role="note">
      <Icon name="alert" /> <span>{t.value.device.unkept.notice}</span>
    </p>
  );
}
