import { useComputed, useSignal } from "@preact/signals";
import { BOUNDS } from "../../../generated/catalogue";
import { trainerTexts as t } from "../../../i18n/trainers";
import { lasting } from "../../fmt";
import { useRoom } from "../room";

export const RAMPS = [0, 10, 30, 60, 120, 300] as const;

/** How long the numbers of the next push take to move. Native radios: one tab stop, arrows choose. */
export function RampPicker() {
  const room = useRoom();
  const texts = t.value.dashboard.send;
  const typed = useSignal<string | null>(null);
  const isOther = useComputed(() => !RAMPS.some((seconds) => seconds === room.changes.ramp.value));
  const text = useComputed(() => typed.value ?? (isOther.value ? String(room.changes.ramp.value) : ""));
  const take = () => {
    const seconds = Number((typed.value ?? "").replace(",", "."));
    if (typed.value !== null && typed.value.trim() !== "" && Number.isFinite(seconds))
      room.changes.ramp.value = Math.min(BOUNDS.ramp_seconds, Math.max(0, Math.round(seconds)));
    typed.value = null;
  };
  return (
    // No fieldset: in Safari its legend takes a line of its own, whatever is laid out beside it.
    <div class="db-ramp" role="group" aria-label={texts.ramp_label}>
      <span class="db-ramp-name" aria-hidden="true">
        {texts.ramp}
      </span>
      <div class="db-ramp-options">
        {RAMPS.map((seconds) => (
          <label key={seconds} class="db-ramp-option">
            <input
              type="radio"
              name="ramp"
              value={seconds}
              checked={room.changes.ramp.value === seconds}
              onChange={() => {
                room.changes.ramp.value = seconds;
              }}
            />
            <span>{lasting(seconds)}</span>
          </label>
        ))}
        <span class="db-ramp-other" data-chosen={isOther.value ? "yes" : "no"}>
          <input
            type="text"
            inputMode="numeric"
            autocomplete="off"
            aria-label={texts.ramp_other}
            placeholder={texts.ramp_other_short}
            value={text}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
            onBlur={take}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              take();
              room.changes.send();
            }}
          />
          <span aria-hidden="true">s</span>
        </span>
      </div>
    </div>
  );
}
