import { useEffect, useRef } from "preact/hooks";
import { Lacks } from "../app/Lacks";
import { fill, t } from "../i18n";
import { Choice, LanguageChoice, ThemeChoice } from "../join/Choices";
import { groupedCode } from "../join/code";
import type { Speaker } from "./audio";
import { change, settings } from "./settings";
import type { Units } from "./units";
import "./SettingsDrawer.css";

/** What each person sets for this device. A modal dialog: the browser keeps the focus inside, Escape closes. */
export function SettingsDrawer(props: {
  speaker: Speaker;
  name: string;
  code: string;
  close: () => void;
  leave: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const texts = t.value.monitor;
  const { sound, beep, units } = settings.value;
  useEffect(() => dialog.current?.showModal(), []);
  const setUnits = (part: Partial<Units>) => change({ units: { ...units, ...part } });
  return (
    <dialog
      ref={dialog}
      class="mon-settings"
      aria-labelledby="mon-settings-title"
      onClose={props.close}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="mon-settings-body">
        <header class="mon-settings-head">
          <h2 id="mon-settings-title">{texts.settings.title}</h2>
          <button type="button" class="mon-settings-close" onClick={() => dialog.current?.close()}>
            {texts.settings.close}
          </button>
        </header>
        <Switch
          label={texts.sound.on}
          hint={texts.sound.on_hint}
          isOn={sound}
          set={(isOn) => {
            change({ sound: isOn });
            if (isOn) void props.speaker.open();
          }}
        />
        <Switch
          label={texts.sound.beep}
          hint={texts.sound.beep_hint}
          isOn={beep}
          set={(isOn) => change({ beep: isOn })}
        />
        <LanguageChoice showLabel />
        <ThemeChoice showLabel />
        <Choice
          label={texts.settings.pressure}
          name="pressure"
          showLabel
          options={[
            { value: "mmHg", text: "mmHg" },
            { value: "kPa", text: "kPa" },
          ]}
          chosen={units.pressure}
          choose={(pressure) => setUnits({ pressure })}
        />
        <Choice
          label={texts.settings.temperature}
          name="temperature"
          showLabel
          options={[
            { value: "°C", text: "°C" },
            { value: "°F", text: "°F" },
          ]}
          chosen={units.temperature}
          choose={(temperature) => setUnits({ temperature })}
        />
        <Lacks of={["staysAwake", "opensOffline"]} class="mon-settings-lacks" />
        <footer class="mon-settings-foot">
          <p>
            {fill(texts.session.seat, { name: props.name })} · {fill(texts.session.code, { code: groupedCode(props.code) })}
          </p>
          <button type="button" class="mon-settings-leave" onClick={props.leave}>
            {texts.session.leave}
          </button>
        </footer>
      </div>
    </dialog>
  );
}

function Switch(props: { label: string; hint: string; isOn: boolean; set: (isOn: boolean) => void }) {
  return (
    <label class="mon-switch">
      <span>
        <b>{props.label}</b>
        <small>{props.hint}</small>
      </span>
      <input
        type="checkbox"
        role="switch"
        checked={props.isOn}
        onChange={(event) => props.set(event.currentTarget.checked)}
      />
    </label>
  );
}
