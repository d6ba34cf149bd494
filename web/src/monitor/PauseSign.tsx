import { t } from "../i18n";
import { isPaused } from "../patient/ramps";
import type { LastValues } from "../wire/types";
import "./PauseSign.css";

/** The trainer lets everything stand. The waves go on, and nothing is covered or moves out of its place. */
export function PauseSign(props: { last: LastValues }) {
  return (
    <p class="mon-pause" role="status">
      {isPaused(props.last) ? <span>{t.value.monitor.paused}</span> : null}
    </p>
  );
}
