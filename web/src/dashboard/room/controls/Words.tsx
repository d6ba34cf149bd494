import type { ComponentChildren } from "preact";
import { Icon } from "../../icons";
import "./notice.css";

/** One calm line above the room, with what can be done about it. */
export function Words(props: { words: string; children?: ComponentChildren }) {
  return (
    <div class="db-notice">
      <Icon name="flag" />
      <p role="status">{props.words}</p>
      {props.children}
    </div>
  );
}
