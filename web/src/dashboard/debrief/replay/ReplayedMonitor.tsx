import { effect, useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { createSpeaker } from "../../../monitor/audio";
import { MonitorScreen } from "../../../monitor/MonitorScreen";
import { createMonitorSound } from "../../../monitor/monitorSound";
import { settings } from "../../../monitor/settings";
import { shownAt } from "../../../monitor/shown";
import { SIGN_NAMES } from "../../../patient/signs";
import { theme } from "../../../theme/theme";
import { Icon } from "../../icons";
import { pressureShown, signShown } from "../../room/record/shownWords";
import { rhythmName } from "../../words";
import { AtThisMoment } from "../figures/AtThisMoment";
import { limitsAt } from "../limitsCourse";
import type { DebriefModel } from "../model";
import { spokenClock } from "../times";

const SECOND = 1_000;
const CALM = 400;

/** The trainees' own component, fed from the record at the moment that is shown: waves, numbers, alarms, cuff. */
export function ReplayedMonitor({ model }: { model: DebriefModel }) {
  const texts = t.value.debrief.replay;
  const { replay } = model;
  const bed = model.bed.value;
  const limits = useComputed(() => limitsAt(model.limits.value, replay.at.value)).value;
  const place = useComputed(() => model.course.value.placeAt(replay.at.value)).value;
  const { last, at } = useMemo(() => model.course.peek().after(place), [model.course.value, place]);
  const serverNow = useMemo(() => (isStill() ? () => Math.floor(replay.now() / SECOND) * SECOND : () => replay.now()), [replay]);
  const { sound, toggle, isOn } = useSound();
  useEffect(
    () =>
      effect(() => {
        void replay.at.value;
        bed.show(replay.now());
      }),
    [bed, replay],
  );
  return (
    <section class="db-replayed" aria-labelledby="part-replay-title">
      <div class="db-replayed-head">
        <h2 id="part-replay-title">{texts.title}</h2>
        <button type="button" class="db-button db-button-quiet" aria-pressed={isOn} onClick={toggle}>
          <Icon name={isOn ? "check" : "cross"} /> {texts.sound}
        </button>
      </div>
      <div class="db-replayed-screen" inert>
        <MonitorScreen
          compact
          bed={bed}
          state={{ session_id: model.room.id, last_values: last, at, limits }}
          showsConditions={model.room.session.value?.shows_conditions ?? false}
          serverNow={serverNow}
          theme={theme.value}
          units={settings.value.units}
          sound={replay.isPlaying.value ? sound : null}
        />
      </div>
      <InWords model={model} />
      <AtThisMoment model={model} />
    </section>
  );
}

/** Whoever asked for less movement sees a new picture with every second. */
function isStill(): boolean {
  return typeof matchMedia !== "undefined" && matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Off, until somebody wants it: a team is talking. */
function useSound() {
  const isOn = useSignal(false);
  const speaker = useMemo(createSpeaker, []);
  const voice = useMemo(() => createMonitorSound(speaker), [speaker]);
  useEffect(() => () => speaker.close(), [speaker]);
  const toggle = () => {
    isOn.value = !isOn.value;
    if (isOn.value) void speaker.open();
    else voice.alarm(null);
  };
  return { sound: isOn.value ? voice : null, toggle, isOn: isOn.value };
}

/** Once nobody moves it any more: a page that is scrubbed has enough to do. */
function useCalmSecond({ replay }: DebriefModel): number {
  const calm = useSignal(replay.at.peek());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = effect(() => {
      const at = replay.at.value;
      clearTimeout(timer);
      timer = setTimeout(() => (calm.value = Math.floor(at / SECOND) * SECOND), CALM);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [replay]);
  return calm.value;
}

/** The same for whoever does not see it; it is read when it is asked for. */
function InWords({ model }: { model: DebriefModel }) {
  const texts = t.value.debrief;
  const { short, pressure } = t.value.dashboard.signs;
  const second = useCalmSecond(model);
  const { memory, last, at } = model.course.value.at(second);
  const shown = shownAt(memory, Math.max(second, at));
  const numbers = SIGN_NAMES.flatMap((name): [string, string][] => {
    if (name === "diastolic") return [];
    return [name === "systolic" ? [pressure, pressureShown(shown)] : [short[name], signShown(name, shown)]];
  });
  return (
    <dl class="db-replayed-words" aria-label={texts.replay.now}>
      <dt>{fill(texts.replay.value, { time: spokenClock(model.time.value, second), rhythm: rhythmName(last.rhythm) })}</dt>
      {numbers.map(([name, value]) => (
        <dd key={name}>
          {name} {value}
        </dd>
      ))}
    </dl>
  );
}
