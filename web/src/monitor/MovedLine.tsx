import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import "./MovedLine.css";

const READ_MS = 10_000;

/** Why the numbers have jumped: the trainer has gone back to an earlier moment, and it goes on from there. */
export function MovedLine(props: { isMoving: boolean; moves: number }) {
  const [read, setRead] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setRead(props.moves), READ_MS);
    return () => clearTimeout(timer);
  }, [props.moves]);
  const texts = t.value.monitor.moved;
  const text = props.isMoving ? texts.moving : props.moves > read ? texts.arrived : "";
  return (
    <p class="mon-moved" role="status" hidden={text === ""}>
      {text}
    </p>
  );
}
