import { useComputed, type ReadonlySignal } from "@preact/signals";
import { t } from "../../../i18n";
import { counting } from "../../fmt";
import { Icon } from "../../icons";
import { useRoom } from "../room";

/** Since "Scenario starts", which is a note of the record: every device and the debriefing have the same clock. */
export function CaseClock(props: { start: ReadonlySignal<number> }) {
  const room = useRoom();
  const texts = t.value.dashboard.steps;
  const openedAt = useComputed(() => Date.parse(room.session.value?.created_at ?? ""));
  const text = useComputed(() => {
    const end = room.session.value?.closed_at;
    const until = typeof end === "string" ? Date.parse(end) : room.time.second.value;
    return counting((until - props.start.value) / 1000);
  });
  const hasStarted = useComputed(() => props.start.value !== openedAt.value).value;
  return (
    <p class="db-clock">
      <span class="db-clock-time" role="timer" aria-label={texts.clock}>
        {text}
      </span>
      {room.canSteer.value ? (
        <button type="button" class="db-button" onClick={() => room.note(texts.clock_note)}>
          <Icon name={hasStarted ? "retry" : "play"} />
          <span>{hasStarted ? texts.clock_restart : texts.clock_start}</span>
        </button>
      ) : null}
    </p>
  );
}
