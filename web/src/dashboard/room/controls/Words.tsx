import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../../icons";
import { announce } from "../../shell/announce";
import "./notice.css";

/** One calm line above the room, with what can be done about it. */
export function Words(props: { words: string; children?: ComponentChildren }) {
  const { words } = props;
  // Said where a live region stands already: this line comes together with its text.
  useEffect(() => announce(words), [words]);
  return (
    <div class="db-notice">
      <Icon name="flag" />
      <p>{words}</p>
      {props.children}
    </div>
  );
}
