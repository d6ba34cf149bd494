import { useComputed, type ReadonlySignal } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { isPaused } from "../../../patient/ramps";
import { counting } from "../../fmt";
import { Icon } from "../../icons";
import { keyed } from "../../keys/shortcuts";
import { useRoom } from "../room";
import { clockAt, type CaseTime } from "./caseTime";

/** Since the case was started, by the record: every device and the debriefing have the same clock. */
export function CaseClock(props: { time: ReadonlySignal<CaseTime>; hasBegun: boolean }) {
  const room = useRoom();
  const texts = t.value.dashboard.steps;
  const text = useComputed(() => {
    const end = room.session.value?.closed_at;
    const now = typeof end === "string" ? Date.parse(end) : room.time.second.value;
    return counting(Math.max(0, clockAt(props.time.value, now)));
  });
  const isStanding = useComputed(() => isPaused(room.shown.value)).value;
  return (
    <p class="db-clock" data-paused={isStanding ? "yes" : "no"}>
      <span class="db-clock-time" role="timer" aria-label={isStanding ? texts.clock_paused : texts.clock}>
        {text}
      </span>
      {room.may("run_case") ? <Controls {...props} isStanding={isStanding} /> : null}
    </p>
  );
}

function Controls(props: { time: ReadonlySignal<CaseTime>; hasBegun: boolean; isStanding: boolean }) {
  const room = useRoom();
  const texts = t.value.dashboard.steps;
  const isStarted = useComputed(() => props.time.value.startedAt !== null).value;
  return (
    <>
      {isStarted ? null : (
        <button
          type="button"
          class="db-button db-button-main"
          {...(props.hasBegun ? {} : keyed("next"))}
          aria-label={texts.start_label}
          onClick={() => room.control("start")}
        >
          <Icon name="play" />
          <span>{texts.start}</span>
        </button>
      )}
      <button type="button" class="db-button" onClick={() => room.control(props.isStanding ? "resume" : "pause")}>
        <Icon name={props.isStanding ? "play" : "pause"} />
        <span>{props.isStanding ? texts.resume : texts.pause}</span>
      </button>
    </>
  );
}
