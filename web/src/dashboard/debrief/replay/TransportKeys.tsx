import { useComputed } from "@preact/signals";
import { fill, language } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { writeShort } from "../../../i18n/numbers";
import { Icon } from "../../icons";
import { AgainAtReplay } from "../again/AgainAtReplay";
import type { DebriefModel } from "../model";
import { caseClock } from "../times";
import { SPEEDS, type Speed } from "./replay";
import { Scrubber } from "./Scrubber";

/** Play, pause, back and on, how fast; and where in the session it is. */
export function TransportKeys({ model }: { model: DebriefModel }) {
  const { replay } = model;
  const texts = t.value.debrief.replay;
  const isPlaying = replay.isPlaying.value;
  return (
    <div class="db-transport">
      <Scrubber model={model} />
      <div class="db-transport-keys">
        <button type="button" class="db-button" aria-label={texts.back} title={texts.back} onClick={() => replay.seek(replay.now() - 10_000)}>
          −10
        </button>
        <button type="button" class="db-button db-button-main db-transport-play" aria-keyshortcuts="Space" onClick={() => replay.toggle()}>
          <Icon name={isPlaying ? "pause" : "play"} /> {isPlaying ? texts.pause : texts.play}
        </button>
        <button type="button" class="db-button" aria-label={texts.on} title={texts.on} onClick={() => replay.seek(replay.now() + 10_000)}>
          +10
        </button>
        <Clock model={model} />
        <label class="db-transport-speed">
          <span>{texts.speed}</span>
          <select value={String(replay.speed.value)} onChange={(event) => replay.setSpeed(Number(event.currentTarget.value) as Speed)}>
            {SPEEDS.map((speed) => (
              <option key={speed} value={String(speed)}>
                {fill(texts.times, { speed: writeShort(speed, 1, language.value) })}
              </option>
            ))}
          </select>
        </label>
        <AgainAtReplay model={model} />
        <p class="db-hint db-transport-hint">{texts.keys}</p>
      </div>
    </div>
  );
}

function Clock({ model }: { model: DebriefModel }) {
  const words = useComputed(() => caseClock(model.time.value, model.replay.at.value)).value;
  const whole = useComputed(() => caseClock(model.time.value, model.span.value.until)).value;
  return (
    <p class="db-transport-clock">
      <b>{words}</b> / {whole}
    </p>
  );
}
