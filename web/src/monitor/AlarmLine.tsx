import { useState } from "preact/hooks";
import { fill, t } from "../i18n";
import type { Alarm } from "./alarms";
import type { Bedside } from "./bedside";
import { BellOffIcon, PriorityIcon } from "./icons";
import { alarmSpoken, alarmText, clockText, minutesSeconds, STARS } from "./texts";
import type { Units } from "./units";
import "./AlarmLine.css";

/** Chips that a wide screen shows; others hide all but the first or the first two, in CSS. */
const MOST_CHIPS = 3;
const FEWER = [1, 2, MOST_CHIPS] as const;

/** What is wrong, worst first; the rest behind a button. */
export function AlarmLine(props: { bedside: Bedside; units: Units }) {
  const [isOpen, setIsOpen] = useState(false);
  const alarms = props.bedside.alarms.value;
  const texts = t.value.monitor.alarms;
  return (
    <div class="mon-alarms">
      <Silenced bedside={props.bedside} />
      {alarms.slice(0, MOST_CHIPS).map((alarm) => (
        <Chip key={alarm.id} alarm={alarm} units={props.units} />
      ))}
      {alarms.length > 1 && (
        <button
          type="button"
          class="mon-more"
          data-count={alarms.length}
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          <span class="visually-hidden">{texts.list} </span>
          {FEWER.map((shown) => (
            <span key={shown} class={`mon-more-${shown}`}>
              +{alarms.length - shown}
            </span>
          ))}
        </button>
      )}
      {isOpen && alarms.length > 1 && (
        <ul class="mon-alarm-list" aria-label={texts.list}>
          {alarms.map((alarm) => (
            <li key={alarm.id}>
              <Chip alarm={alarm} units={props.units} />
            </li>
          ))}
        </ul>
      )}
      <Spoken bedside={props.bedside} />
    </div>
  );
}

function Chip(props: { alarm: Alarm; units: Units }) {
  const { alarm } = props;
  const { ended_at } = alarm;
  return (
    <span class="mon-chip" data-priority={alarm.priority} data-ended={ended_at !== null}>
      <PriorityIcon priority={alarm.priority} />
      <span class="mon-chip-text">
        <span aria-hidden="true">{STARS[alarm.priority]} </span>
        {alarmText(alarm, props.units)}
      </span>
      {ended_at !== null && (
        <span class="mon-chip-time">
          <span class="visually-hidden">{t.value.monitor.alarms.ended} </span>
          {clockText(ended_at)}
        </span>
      )}
    </span>
  );
}

function Silenced(props: { bedside: Bedside }) {
  const left = props.bedside.silenceLeft.value;
  if (left === 0) return null;
  const time = minutesSeconds(left);
  return (
    <span class="mon-silenced" role="timer" aria-live="off">
      <BellOffIcon />
      <span class="visually-hidden">{fill(t.value.monitor.silence.running, { time: "" })}</span>
      {time}
    </span>
  );
}

/** A screen reader hears what sounds, once, when it begins. */
function Spoken(props: { bedside: Bedside }) {
  const alarm = props.bedside.sounding.value;
  return (
    <span class="visually-hidden" role="alert">
      {alarm === null ? "" : alarmSpoken(alarm)}
    </span>
  );
}
