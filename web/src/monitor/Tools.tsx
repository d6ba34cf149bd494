import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import type { Speaker } from "./audio";
import { fullscreen } from "./fullscreen";
import { BellOffIcon, ExpandIcon, GearIcon, SpeakerIcon } from "./icons";
import { settings } from "./settings";

/** Keys of the connected page: sound, full screen, settings. */
export function Tools(props: { speaker: Speaker; openSettings: () => void }) {
  const texts = t.value.monitor;
  return (
    <>
      <SoundKey speaker={props.speaker} openSettings={props.openSettings} />
      <FullscreenKey />
      <button type="button" class="mon-key mon-key-small" aria-label={texts.settings.open} onClick={props.openSettings}>
        <GearIcon />
      </button>
    </>
  );
}

/** A browser is silent until it is tapped; a monitor that cannot be heard says so. */
function SoundKey(props: { speaker: Speaker; openSettings: () => void }) {
  const texts = t.value.monitor.sound;
  if (!settings.value.sound)
    return (
      <button type="button" class="mon-key mon-key-small" aria-label={texts.off} onClick={props.openSettings}>
        <BellOffIcon />
      </button>
    );
  if (props.speaker.isOpen.value) return null;
  return (
    <button type="button" class="mon-key mon-key-unlock" onClick={() => void props.speaker.open()}>
      <SpeakerIcon />
      <span class="mon-key-text">{texts.unlock}</span>
    </button>
  );
}

/** iPhones have no full screen for pages: then there is no key. */
function FullscreenKey() {
  const [isFull, setIsFull] = useState(fullscreen.isOn());
  const texts = t.value.monitor.fullscreen;
  useEffect(() => {
    const follow = () => setIsFull(fullscreen.isOn());
    document.addEventListener(fullscreen.changed, follow);
    return () => document.removeEventListener(fullscreen.changed, follow);
  }, []);
  if (!fullscreen.isThere()) return null;
  return (
    <button
      type="button"
      class="mon-key mon-key-small"
      aria-label={isFull ? texts.leave : texts.enter}
      onClick={() => void (isFull ? fullscreen.leave() : fullscreen.enter())}
    >
      <ExpandIcon />
    </button>
  );
}
