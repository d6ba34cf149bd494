import { useComputed } from "@preact/signals";
import { CUFF } from "../../../generated/catalogue";
import { fill, language } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { writeShort } from "../../../i18n/numbers";
import { cuffAt } from "../../../monitor/nibp";
import { cuffOf } from "../../../patient/cuff";
import { isOn } from "../../../patient/circulation";
import { isPaused } from "../../../patient/ramps";
import { clockTime } from "../../fmt";
import { useRoom } from "../room";
import "./cuff.css";

/** The cuff of the monitors, worked from here: it does what a trainee's key does, on every screen at once. */
export function CuffControls() {
  const room = useRoom();
  const texts = t.value.dashboard.cuff;
  const isAtWork = useComputed(() => cuffAt(room.shown.value, room.time.second.value).phase !== "idle").value;
  const isOff = useComputed(() => isOn(room.shown.value, "nibp_off")).value;
  if (!room.may("take_action")) return null;
  return (
    <div class="db-cuff" role="group" aria-label={texts.title}>
      <span class="db-cuff-title" aria-hidden="true">
        {texts.title}
      </span>
      <button
        type="button"
        class="db-button"
        disabled={isOff && !isAtWork}
        aria-label={isAtWork ? texts.stop_label : texts.start_label}
        onClick={() => room.act(isAtWork ? "nibp_stop" : "nibp_start")}
      >
        {isAtWork ? texts.stop : texts.start}
      </button>
      <button
        type="button"
        class="db-button"
        disabled={isOff}
        aria-label={texts.stat_label}
        onClick={() => room.act("nibp_stat")}
      >
        {texts.stat}
      </button>
      <CyclePicker />
    </div>
  );
}

const BY_HAND = "";

function CyclePicker() {
  const room = useRoom();
  const texts = t.value.dashboard.cuff;
  const chosen = useComputed(() => String(cuffOf(room.shown.value)?.cycle_minutes ?? BY_HAND)).value;
  // While the session is paused nothing is due.
  const next = useComputed(() => {
    const last = room.shown.value;
    const at = isPaused(last) ? null : (cuffOf(last)?.next_at ?? null);
    return at === null ? "" : fill(texts.next, { when: clockTime(at) });
  }).value;
  return (
    <select
      class="db-cuff-cycle"
      aria-label={texts.cycle}
      title={next}
      value={chosen}
      onChange={({ currentTarget: { value } }) =>
        room.act("nibp_cycle", { minutes: value === BY_HAND ? null : Number(value) })
      }
    >
      <option value={BY_HAND}>{texts.by_hand}</option>
      {CUFF.cycle_minutes.map((minutes) => (
        <option key={minutes} value={String(minutes)}>
          {fill(texts.minutes, { minutes: writeShort(minutes, 1, language.value) })}
        </option>
      ))}
    </select>
  );
}
