import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { fill, t } from "../i18n";
import type { Theme } from "../theme/theme";
import { isOn } from "../patient/circulation";
import { createWaves, seedOf, type Beat, type Waves } from "../waves";
import type { LastValues, Limits } from "../wire/types";
import type { Alarm } from "./alarms";
import { AlarmLine } from "./AlarmLine";
import { createBedside, type Bedside } from "./bedside";
import { QUARTER, quarterOf } from "./judging";
import { Conditions } from "./Conditions";
import { Controls } from "./Controls";
import { Lanes } from "./lanes";
import { PauseSign } from "./PauseSign";
import { SessionLine } from "./SessionLine";
import { Tiles } from "./Tiles";
import { USUAL_UNITS, type Units } from "./units";
import "./MonitorScreen.css";

export interface MonitorState {
  /** Also the seed of the waves: two screens of one session draw the same beats. */
  session_id: string;
  last_values: LastValues;
  /** When they became so (milliseconds of the server's clock). */
  at: number;
  limits: Limits;
  title?: string;
  expires_at?: string;
}

/** What a screen may make heard; without one it is silent. */
export interface MonitorSound {
  /** Told four times a second what has to be heard now, or null. */
  alarm(alarm: Alarm | null): void;
  /** A beat comes in `delay` milliseconds; the saturation is null while there is no valid one. */
  beat(spo2: number | null, delay: number): void;
}

export interface MonitorScreenProps {
  state: MonitorState;
  /** Whether it says in words what the patient has; a session keeps that to the trainers unless it is told otherwise. */
  showsConditions?: boolean;
  /** Milliseconds of the server's clock. */
  serverNow: () => number;
  theme: Theme;
  /** A preview: waves, numbers and alarms only, no keys. */
  compact?: boolean;
  units?: Units;
  /** The line is lost: numbers and waves go grey. */
  stale?: boolean;
  sound?: MonitorSound | null;
  /** What the person at this screen did: `nibp_start`, `nibp_stop`, `alarm_silence`, `marker`. False if not taken. */
  onAction?: (action: string, details: Record<string, unknown>) => boolean;
  /** Where somebody else brings its waves and numbers up to date: a replay, which also goes back. */
  bed?: Bed;
  /** Stands between the head and the waves. */
  notice?: ComponentChildren;
  /** More keys for the bar. */
  tools?: ComponentChildren;
}

/** What a screen shows: `bedside` reads off `waves`. */
export interface Bed {
  readonly waves: Waves;
  readonly bedside: Bedside;
}

/** Beats are handed to the loudspeaker a bit ahead of their time, so that a late tick misses none. */
const BEATS_AHEAD = 450;

/** A bedside monitor. It shows and tells; network, storage and settings belong to whoever embeds it. */
export function MonitorScreen(props: MonitorScreenProps) {
  const { state, serverNow, units = USUAL_UNITS } = props;
  const { session_id, last_values, at } = state;
  const now = useRef(props);
  now.current = props;
  const { waves, bedside } = useMemo(() => props.bed ?? newBed(session_id, props.compact !== true), [session_id, props.bed]);

  useMemo(() => {
    if (props.bed !== undefined) return;
    waves.update(last_values, at);
    bedside.update(last_values, at);
  }, [waves, last_values, at]);
  useLayoutEffect(() => bedside.tick(state.limits, quarterOf(serverNow())), [bedside, last_values, state.limits]);

  // Waves move at every frame, by themselves; numbers four times a second.
  useEffect(() => {
    let heardUntil = 0;
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const { state: shown, sound } = now.current;
      const moment = now.current.serverNow();
      timer = setTimeout(tick, QUARTER - (moment - quarterOf(moment)));
      bedside.tick(shown.limits, quarterOf(moment));
      if (!sound) return;
      sound.alarm(bedside.sounding.peek());
      const from = Math.max(heardUntil, moment);
      heardUntil = Math.max(from, moment + BEATS_AHEAD);
      beep(sound, bedside, waves.beatsBetween(from, heardUntil), moment);
    };
    tick();
    return () => {
      clearTimeout(timer);
      now.current.sound?.alarm(null);
    };
  }, [bedside, waves]);

  const classes = `monitor${props.compact === true ? " monitor-compact" : ""}`;
  return (
    <section class={classes} data-stale={props.stale === true} aria-label={t.value.monitor.title}>
      <div class="mon-frame">
        <header class="mon-head">
          <AlarmLine bedside={bedside} units={units} />
          <PauseSign last={last_values} />
          {props.compact !== true && <SessionLine state={state} serverNow={serverNow} />}
        </header>
        {props.notice}
        <div class="mon-body">
          <Lanes
            waves={waves}
            last={last_values}
            serverNow={serverNow}
            theme={props.theme}
            stale={props.stale === true}
            units={units}
            label={wavesLabel(last_values)}
            isArtefact={bedside.isArtefact}
          />
          <Tiles bedside={bedside} limits={state.limits} units={units} hasKeys={props.compact !== true} />
        </div>
        {props.showsConditions === true && <Conditions last={last_values} />}
        {props.compact !== true && <Keys bedside={bedside} props={props} />}
      </div>
    </section>
  );
}

function newBed(sessionId: string, latches: boolean): Bed {
  const waves = createWaves(sessionId);
  return { waves, bedside: createBedside(waves, { seed: seedOf(sessionId), latches }) };
}

function Keys({ bedside, props }: { bedside: Bedside; props: MonitorScreenProps }) {
  const { state, serverNow, onAction } = props;
  const isCuffOff = isOn(state.last_values, "nibp_off");
  const act = (action: string, details: Record<string, unknown> = {}) => onAction?.(action, details) ?? true;
  return (
    <Controls
      bedside={bedside}
      isCuffOff={isCuffOff}
      pressCuff={() => {
        // The server says when it begins, and to all screens at once.
        if (bedside.cuffPhase.peek() !== "idle") act("nibp_stop");
        else if (!isCuffOff) act("nibp_start");
      }}
      pressSilence={() => {
        const alarms = bedside.alarms.peek().map((alarm) => alarm.id);
        if (bedside.toggleSilence(serverNow())) {
          props.sound?.alarm(null);
          act("alarm_silence", { alarms: alarms.slice(0, 20) });
        }
      }}
      pressMarker={() => act("marker")}
      tools={props.tools}
    />
  );
}

/**
 * The tone of the heart follows what its rate is taken from: the ECG as long as it is valid, so it goes on in PEA, else
 * the finger's pulse. Its pitch is the saturation's (Philips, Mindray).
 */
function beep(sound: MonitorSound, bedside: Bedside, beats: readonly Beat[], moment: number): void {
  const { heart_rate, pulse, spo2 } = bedside.readings;
  const isElectric = bedside.heartRateFrom.peek() === "ecg" && typeof heart_rate.peek() === "number";
  if (!isElectric && typeof pulse.peek() !== "number") return;
  const saturation = spo2.peek();
  for (const beat of beats)
    if (isElectric || beat.pulse) sound.beat(typeof saturation === "number" ? saturation : null, beat.time - moment);
}

function wavesLabel(last: LastValues): string {
  const { lanes } = t.value.monitor;
  const names = [lanes.ecg, lanes.pleth, isOn(last, "co2_off") ? lanes.respiration : lanes.capnogram];
  return fill(lanes.label, { names: names.join(", ") });
}
