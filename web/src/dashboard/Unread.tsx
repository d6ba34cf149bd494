import { trainerTexts as t } from "../i18n/trainers";
import { useDevice } from "./context";

/** In the place of what this device has not read yet: that nothing stands here does not say that there is nothing. */
export function Unread() {
  const device = useDevice();
  const texts = t.value.device.unread;
  return (
    <p class="db-hint" role="status">
      {device.isOnline.value ? texts.coming : texts.away}
    </p>
  );
}
