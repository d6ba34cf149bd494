import { useComputed, useSignal } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { dayTime, minuteTime } from "../../fmt";
import { useRoom } from "../room";
import { ownerName, standingOf } from "./standing";
import { Elsewhere } from "./Elsewhere";
import { TakeControls } from "./TakeControls";
import { Words } from "./Words";

/** One calm line: what whoever looks at this session may do in it, and why the rest is not there. */
export function Notice() {
  const room = useRoom();
  const events = room.device.events(room.id);
  const standing = useComputed(() =>
    standingOf({
      relation: room.relation.value,
      isOver: room.isOver.value,
      myId: room.device.me.value?.id ?? "",
      events: events.value,
      hall: room.session.value?.hall ?? null,
      turn: room.turn.value,
    }),
  ).value;
  const owner = useComputed(() => {
    const id = room.session.value?.trainer_id ?? "";
    return room.device.colleagues.value.find((one) => one.id === id)?.name ?? ownerName(id, events.value);
  }).value;
  const readUpTo = useSignal(0);
  const texts = t.value.dashboard.controls;
  switch (standing?.kind) {
    case undefined:
      return null;
    case "over":
      return <Words words={overWords(room)} />;
    case "elsewhere":
      return <Elsewhere hall={standing.hall} mayTakeOver={standing.mayTakeOver} />;
    case "observer":
      return <Words words={texts.observer} />;
    case "colleague":
      return (
        <Words words={colleagueWords(owner, standing.isLetOff)}>
          <TakeControls owner={owner} />
        </Words>
      );
    case "let_in":
      return (
        <Words words={owner === null ? texts.let_in : fill(texts.let_in_named, { name: owner })}>
          <button type="button" class="db-button" onClick={() => (room.turn.value = null)}>
            {texts.shared_read}
          </button>
        </Words>
      );
    case "shared": {
      const { seq, by, created_at } = standing.taken;
      if (seq <= readUpTo.value) return null;
      return (
        <Words words={fill(texts.shared, { name: by.name, when: minuteTime(Date.parse(created_at)) })}>
          <button type="button" class="db-button" onClick={() => (readUpTo.value = seq)}>
            {texts.shared_read}
          </button>
        </Words>
      );
    }
  }
}

function colleagueWords(owner: string | null, isLetOff: boolean): string {
  const texts = t.value.dashboard.controls;
  if (isLetOff) return texts.let_off;
  return owner === null ? texts.colleague : fill(texts.colleague_named, { name: owner });
}

function overWords(room: ReturnType<typeof useRoom>): string {
  const session = room.session.value;
  if (session === null) return "";
  const texts = t.value.dashboard.room;
  const when = dayTime(Date.parse(session.closed_at ?? session.expires_at), room.device.serverNow());
  const over = fill(session.close_reason === "closed" ? texts.over_closed : texts.over_expired, { when });
  return room.lacksRecord.value ? over : `${over} ${texts.record_below}`;
}
