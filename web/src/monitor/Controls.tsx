import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { fill, t } from "../i18n";
import type { Bedside } from "./bedside";
import { BellIcon, BellOffIcon, CheckIcon, CuffIcon, FlagIcon } from "./icons";
import { minutesSeconds } from "./texts";
import "./Controls.css";

/** The keys under the screen. `tools` are those of the page around it. */
export function Controls(props: {
  bedside: Bedside;
  isCuffOff: boolean;
  pressCuff: () => void;
  pressSilence: () => void;
  /** False when the marker cannot be taken. */
  pressMarker: () => boolean;
  tools?: ComponentChildren;
}) {
  return (
    <footer class="mon-bar">
      <SilenceKey bedside={props.bedside} press={props.pressSilence} />
      <CuffKey bedside={props.bedside} isOff={props.isCuffOff} press={props.pressCuff} />
      <MarkerKey press={props.pressMarker} />
      <div class="mon-tools">{props.tools}</div>
    </footer>
  );
}

function SilenceKey(props: { bedside: Bedside; press: () => void }) {
  const left = props.bedside.silenceLeft.value;
  const hasAlarms = props.bedside.alarms.value.length > 0;
  const isLoud = props.bedside.sounding.value !== null;
  const mayNote = !isLoud && props.bedside.hasEnded.value;
  const texts = t.value.monitor.silence;
  const time = minutesSeconds(left);
  const isRunning = left > 0 && !mayNote;
  const still = mayNote ? `${texts.note}: ${texts.note_label}` : `${texts.press}: ${texts.label}`;
  return (
    <button
      type="button"
      class="mon-key mon-key-silence"
      data-loud={isLoud}
      aria-disabled={!hasAlarms && left === 0}
      aria-label={isRunning ? fill(texts.running_label, { time }) : still}
      onClick={props.press}
    >
      {isRunning ? <BellOffIcon /> : mayNote ? <CheckIcon /> : <BellIcon />}
      <span class="mon-key-text">{isRunning ? fill(texts.running, { time }) : mayNote ? texts.note : texts.press}</span>
    </button>
  );
}

function CuffKey(props: { bedside: Bedside; isOff: boolean; press: () => void }) {
  const texts = t.value.monitor.nibp;
  const isRunning = props.bedside.cuffPhase.value !== "idle";
  return (
    <button
      type="button"
      class="mon-key"
      data-running={isRunning}
      aria-disabled={props.isOff && !isRunning}
      aria-label={isRunning ? texts.stop : `${texts.start}: ${texts.start_label}`}
      onClick={props.press}
    >
      <CuffIcon />
      <span class="mon-key-text">{isRunning ? texts.stop : texts.start}</span>
    </button>
  );
}

const SAID_FOR = 1800;

function MarkerKey(props: { press: () => boolean }) {
  const [said, setSaid] = useState<"done" | "full" | null>(null);
  const texts = t.value.monitor.marker;
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SAID_FOR);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <>
      <button
        type="button"
        class="mon-key mon-key-marker"
        data-done={said === "done"}
        title={texts.label}
        onClick={() => setSaid(props.press() ? "done" : "full")}
      >
        <FlagIcon />
        <span class="mon-key-text">{said === null ? texts.press : texts[said]}</span>
      </button>
      {/* What is inside a button is its name, never a live region. */}
      <span class="visually-hidden" role="status">
        {said === null ? "" : texts[said]}
      </span>
    </>
  );
}
