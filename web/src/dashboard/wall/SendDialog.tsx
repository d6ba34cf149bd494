import { useComputed, useSignal } from "@preact/signals";
import { trainerTexts as t } from "../../i18n/trainers";
import { RHYTHM_GROUPS } from "../room/rhythm/Rhythms";
import { SIGNS, SIGN_NAMES } from "../../patient/signs";
import type { Rhythm, SignName } from "../../wire/types";
import { Dialog } from "../Dialog";
import { lasting } from "../fmt";
import { allowed, type Staging } from "../room/sending/staging";
import { RAMPS } from "../room/sending/RampPicker";
import { counted, rhythmName } from "../words";
import type { Command } from "./commands";
import { PlanLines } from "./PlanDialog";
import type { Sendable } from "./sent";

/** The same change to several patients: empty fields stay as they are in each. What it means in each room stands below. */
export function SendDialog(props: {
  planOf: (command: Command) => readonly Sendable[];
  onSend: (lines: readonly Sendable[]) => void;
  onClose: () => void;
}) {
  const texts = t.value.wall;
  const numbers = useSignal<Readonly<Partial<Record<SignName, string>>>>({});
  const rhythm = useSignal<Rhythm | "">("");
  const ramp = useSignal(0);
  const changes = useComputed(() => stagings(rhythm.value, numbers.value));
  const lines = useComputed(() =>
    changes.value.length === 0 ? [] : props.planOf({ kind: "send", changes: changes.value, ramp_seconds: ramp.value }),
  );
  const count = lines.value.filter((line) => "deed" in line).length;
  const send = (event: Event) => {
    event.preventDefault();
    if (count === 0) return;
    props.onSend(lines.peek());
    props.onClose();
  };
  return (
    <Dialog title={texts.commands.send} class="db-wall-dialog" onClose={props.onClose}>
      <form onSubmit={send}>
        <p class="db-hint">{texts.send_help}</p>
        <div class="db-wall-fields">
          {SIGN_NAMES.map((name) => (
            <label key={name}>
              <span>
                {t.value.dashboard.signs.short[name]} <small>{SIGNS[name].unit}</small>
              </span>
              <input
                type="text"
                inputMode="decimal"
                autocomplete="off"
                aria-label={t.value.common.signs[name]}
                value={numbers.value[name] ?? ""}
                onInput={(event) => (numbers.value = { ...numbers.peek(), [name]: event.currentTarget.value })}
              />
            </label>
          ))}
        </div>
        <div class="db-wall-choices">
          <label>
            <span>{t.value.dashboard.rhythm.title}</span>
            <select value={rhythm.value} onChange={(event) => (rhythm.value = event.currentTarget.value as Rhythm | "")}>
              <option value="">{texts.as_it_is}</option>
              {(Object.keys(RHYTHM_GROUPS) as (keyof typeof RHYTHM_GROUPS)[]).map((group) => (
                <optgroup key={group} label={t.value.dashboard.rhythm.groups[group]}>
                  {RHYTHM_GROUPS[group].map((one) => (
                    <option key={one} value={one}>
                      {rhythmName(one)}
                    </option>
                  ))}
                </optgroup>
              ))}
            </select>
          </label>
          <label>
            <span>{t.value.dashboard.send.ramp}</span>
            <select aria-label={t.value.dashboard.send.ramp_label} value={String(ramp.value)} onChange={(event) => (ramp.value = Number(event.currentTarget.value))}>
              {RAMPS.map((seconds) => (
                <option key={seconds} value={String(seconds)}>
                  {seconds === 0 ? texts.at_once : lasting(seconds)}
                </option>
              ))}
            </select>
          </label>
        </div>
        {changes.value.length === 0 ? null : <PlanLines lines={lines.value} />}
        <div class="db-dialog-actions">
          <button type="button" class="db-button" onClick={props.onClose}>
            {t.value.common.cancel}
          </button>
          <button type="submit" class="db-button db-button-main" aria-disabled={count === 0}>
            {count === 0 ? texts.commands.send : counted(count, texts.yes)}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** First the rhythm, with what it brings; then what was typed, which stays as it is. What is no number is nothing. */
function stagings(rhythm: Rhythm | "", numbers: Readonly<Partial<Record<SignName, string>>>): Staging[] {
  const typed = SIGN_NAMES.flatMap((name): Staging[] => {
    const text = (numbers[name] ?? "").trim().replace(",", ".");
    const value = Number(text);
    return text === "" || !Number.isFinite(value) ? [] : [{ type: "sign", name, value: allowed(name, value) }];
  });
  return rhythm === "" ? typed : [{ type: "rhythm", rhythm }, ...typed];
}
