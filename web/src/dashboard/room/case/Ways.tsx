import { useComputed } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { Way } from "../../../patient/moves";
import { counting } from "../../fmt";
import { Icon } from "../../icons";
import { keyed } from "../../keys/shortcuts";
import { useRoom } from "../room";
import { triggerWords, wayTitle } from "./transitionWords";
import "./ways.css";

/** How the case goes on from where it stands: by itself, with the time that is left, or by a button that lights up. */
export function Ways() {
  const room = useRoom();
  const texts = t.value.dashboard.ways;
  const ways = room.ways.value;
  const isAutomatic = useComputed(() => room.progress.value?.runsSince !== null).value;
  if (ways.length === 0) return null;
  const main = ways.findIndex(({ transition }) => transition.to !== null);
  return (
    <div class="db-ways">
      <div class="db-ways-head">
        <h3>{texts.title}</h3>
        {room.may("run_case") && ways.some(({ transition }) => transition.automatic) ? (
          <button
            type="button"
            class="db-toggle"
            aria-pressed={isAutomatic}
            onClick={() => room.control(isAutomatic ? "automation_off" : "automation_on")}
          >
            <span class="db-toggle-icon">{isAutomatic ? <Icon name="check" /> : null}</span>
            <span>{texts.by_itself}</span>
          </button>
        ) : null}
      </div>
      <ul>
        {ways.map((way, place) => (
          <WayLine key={place} way={way} isAutomatic={isAutomatic} isMain={place === main} />
        ))}
      </ul>
    </div>
  );
}

function WayLine(props: { way: Way; isAutomatic: boolean; isMain: boolean }) {
  const room = useRoom();
  const texts = t.value.dashboard.ways;
  const { transition, at } = props.way;
  const title = wayTitle(transition, room.steps.value);
  const goesByItself = transition.automatic && props.isAutomatic;
  // Whole seconds: nothing is drawn between two of them.
  const left = useComputed(() => (at === null ? null : Math.max(0, Math.ceil((at - room.time.second.value) / 1000)))).value;
  const isLit = !goesByItself && left === 0 && !("manual" in transition.on);
  const step = room.steps.value.find(({ key }) => key === transition.to);
  return (
    <li class="db-way" data-lit={isLit ? "yes" : "no"}>
      <p class="db-way-title">
        <Icon name={goesByItself ? "clock" : "play"} /> {title}
      </p>
      <p class="db-way-when">
        {isLit ? <b class="db-due">{texts.lit}</b> : null} {triggerWords(transition.on)}
        {goesByItself && left !== null ? <b class="db-way-left"> {fill(texts.in, { time: counting(left) })}</b> : null}
      </p>
      {step === undefined || !room.canSteer.value ? null : (
        <button
          type="button"
          class={`db-button ${isLit ? "db-button-main" : ""}`}
          aria-label={fill(texts.go, { title })}
          {...(props.isMain ? keyed("next") : {})}
          onClick={(event) => room.playStep(step, event.timeStamp)}
        >
          {t.value.dashboard.steps.send}
        </button>
      )}
    </li>
  );
}
