import { useComputed } from "@preact/signals";
import { pathTo } from "../../../app/pages";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { carriedBy } from "../../../patient/carried";
import { dayTime } from "../../fmt";
import { Icon } from "../../icons";
import { useRoom } from "../../room/room";
import { Link } from "../../shell/Link";
import { attemptNumber } from "./attempts";
import "./again.css";

/** Of a session that goes on from another one: which attempt it is, from when, and the way back to the other. */
export function AttemptLine() {
  const room = useRoom();
  const { device } = room;
  const forked = useComputed(() => room.session.value?.forked_from ?? null).value;
  const number = useComputed(() => attemptNumber(room.id, device.sessions.value)).value;
  const source = useComputed(() => (forked === null ? null : (device.session(forked.session_id).value ?? null)));
  const at = useComputed(() => {
    const first = device.events(room.id).value[0];
    const carried = first === undefined ? null : carriedBy(first);
    return carried === null ? null : Date.parse(carried.at);
  }).value;
  if (forked === null) return null;
  const texts = t.value.again;
  const title = source.value === null ? texts.other : source.value.title || t.value.dashboard.room.untitled;
  const when = at === null ? null : dayTime(at, room.time.second.peek());
  return (
    <p class="db-attempt">
      <Icon name="retry" />
      <span>{when === null ? fill(texts.attempt, { number }) : fill(texts.attempt_from, { number, when })}</span>{" "}
      <Link to={pathTo("room", { session_id: forked.session_id })}>{title}</Link>
    </p>
  );
}
