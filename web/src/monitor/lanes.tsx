import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { fill, language, t } from "../i18n";
import { writeShort } from "../i18n/numbers";
import type { Theme } from "../theme/theme";
import { isOn } from "../patient/circulation";
import { SIGNS } from "../patient/signs";
import type { LastValues, Rhythm } from "../wire/types";
import { co2Top, createLoop, paperOf, spanOf, Sweep, type LaneLook, type WaveKind, type Waves } from "../waves";
import { toPressure, type Units } from "./units";

interface Scale {
  low: number;
  high: number;
}

/** mV at the edges of the lane at gain 1: it holds a premature beat. */
const ECG: Scale = { low: -1.05, high: 1.72 };

/** What each wave looks like here. Millivolts, shares and mmHg, as the generators give them. */
export const WAVE_SCALES: Record<WaveKind, Scale> = {
  ecg: ECG,
  pleth: { low: -0.08, high: 1.22 },
  resp: { low: -0.15, high: 1.15 },
  co2: { low: -3, high: 50 },
};

/**
 * Some rhythms, and compressions, are larger than any beat: the gain goes down, as a monitor's automatic gain does, and
 * it stands on the lane. +-2.2 mV hold them (facts).
 */
const LOWERED = 0.6;
const HALF = (ECG.high - ECG.low) / 2 / LOWERED;
const WILD: ReadonlySet<Rhythm> = new Set(["ventricular_fibrillation", "torsades"]);

export function ecgGain(last: LastValues): number {
  return WILD.has(last.rhythm) || isOn(last, "cpr") ? LOWERED : 1;
}

export function ecgScale(gain: number): Scale {
  return gain === 1 ? ECG : { low: -HALF, high: HALF };
}

/** A trace is thicker on a large screen: it is looked at from the other end of the room. */
export function traceWidth(height: number): number {
  return height > 220 ? 3 : height > 110 ? 2.2 : 1.7;
}

/** Three sweeping lanes. They draw by themselves at every frame and never ask for a render. */
export function Lanes(props: {
  waves: Waves;
  last: LastValues;
  serverNow: () => number;
  theme: Theme;
  /** What is drawn is old: all waves in one grey. */
  stale: boolean;
  units: Units;
  /** For a screen reader. */
  label: string;
  /** Compressions hide the ECG. */
  isArtefact: ReadonlySignal<boolean>;
}) {
  const { waves, last, serverNow, theme, stale, units } = props;
  const loop = useMemo(() => createLoop(serverNow), [serverNow]);
  useEffect(() => {
    loop.start();
    return () => loop.stop();
  }, [loop]);
  const { lanes } = t.value.monitor;
  const gain = ecgGain(last);
  const written = writeShort(gain, 1, language.value);
  const breathing: WaveKind = isOn(last, "co2_off") ? "resp" : "co2";
  // Without its CO2 line a monitor sees breathing through the electrodes only.
  const isBlind = breathing === "resp" && isOn(last, "ecg_off");
  const top = capnogramTop(last);
  const common = { waves, loop, theme, stale };
  return (
    <div class="mon-lanes" role="img" aria-label={props.label}>
      <Lane
        {...common}
        kind="ecg"
        {...ecgScale(gain)}
        label={lanes.ecg}
        gain={{ text: fill(lanes.gain, { gain: written }), label: fill(lanes.gain_label, { gain: written }) }}
        note={props.isArtefact.value ? lanes.artefact : ""}
        off={isOn(last, "ecg_off") ? lanes.ecg_off : ""}
      />
      <Lane
        {...common}
        kind="pleth"
        {...WAVE_SCALES.pleth}
        label={lanes.pleth}
        off={isOn(last, "spo2_off") ? lanes.spo2_off : ""}
      />
      <Lane
        key={breathing}
        {...common}
        kind={breathing}
        label={breathing === "co2" ? lanes.capnogram : lanes.respiration}
        off={isBlind ? lanes.ecg_off : ""}
        isDark={isBlind}
        {...(breathing === "co2" ? { low: -0.06 * top, high: top } : WAVE_SCALES.resp)}
        top={breathing === "co2" ? String(Math.round(toPressure(top, units.pressure))) : ""}
      />
    </div>
  );
}

/** mmHg. The scale holds both ends of a ramp: it must not jump while the curve grows. */
export function capnogramTop(last: LastValues): number {
  return co2Top(Math.min(SIGNS.etco2.max, Math.max(last.etco2, last.ramps.etco2?.from ?? 0)));
}

function Lane(props: {
  waves: Waves;
  loop: ReturnType<typeof createLoop>;
  theme: Theme;
  stale: boolean;
  kind: WaveKind;
  low: number;
  high: number;
  label: string;
  /** Why there is no wave; empty when there is one. */
  off: string;
  /** Nothing at all is drawn, whatever the generator says. */
  isDark?: boolean;
  /** The upper end of the scale, where it is told. */
  top?: string;
  /** Of an ECG: how large a millivolt is drawn. */
  gain?: { text: string; label: string };
  /** What is to be known of the curve; empty when nothing is. */
  note?: string;
}) {
  const { waves, loop, theme, stale, kind, low, high, top = "", note = "", gain, isDark = false } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const sweep = useRef<Sweep | null>(null);

  useEffect(() => {
    const element = canvas.current;
    const paper = element && paperOf(element);
    // A browser without canvas (and a test's DOM) still has its numbers and alarms.
    if (!element || !paper) return;
    const drawn = new Sweep(paper, waves, { ...lookOf(element, kind, stale), low, high });
    sweep.current = drawn;
    const stopWatching = watchPixels(element, (width, height) => {
      const { clientWidth, clientHeight } = element;
      if (clientWidth === 0 || clientHeight === 0) return;
      drawn.resize(width, height, devicePixelRatio);
      drawn.restyle({ span: spanOf(kind, clientWidth), lineWidth: traceWidth(clientHeight) });
    });
    const remove = loop.add((now) => drawn.draw(now));
    return () => {
      remove();
      stopWatching();
      sweep.current = null;
    };
  }, [waves, loop, kind]);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    sweep.current?.restyle({ ...laneColours(element, kind, stale), low, high });
  }, [waves, loop, kind, theme, stale, low, high]);

  return (
    <div class={`mon-lane mon-lane-${kind}`}>
      <canvas ref={canvas} hidden={isDark} />
      <span class="mon-lane-label">
        {props.label}
        {gain !== undefined && (
          <span class="mon-lane-gain">
            <span aria-hidden="true">{gain.text}</span>
            <span class="visually-hidden">{gain.label}</span>
          </span>
        )}
        {note !== "" && <span class="mon-lane-note">{note}</span>}
      </span>
      {gain !== undefined && <Millivolt low={low} high={high} />}
      {top !== "" && <span class="mon-lane-top">{top}</span>}
      {props.off !== "" && (
        <span class="mon-lane-off">
          <span>{props.off}</span>
        </span>
      )}
    </div>
  );
}

/** A bar as long as one millivolt is high, from the line of 0 up. */
function Millivolt(props: Scale) {
  const { low, high } = props;
  const percent = (part: number) => `${((100 * part) / (high - low)).toFixed(2)}%`;
  return (
    <span class="mon-lane-mv" style={{ bottom: percent(-low), height: percent(1) }} aria-hidden="true">
      <span>{t.value.monitor.lanes.millivolt}</span>
    </span>
  );
}

/** Tells, now and with every change, how many device pixels the element covers; gives the function that ends it. */
export function watchPixels(element: Element, tell: (width: number, height: number) => void): () => void {
  const watch = new ResizeObserver(([entry]) => {
    if (entry === undefined) return;
    const exact = entry.devicePixelContentBoxSize?.[0];
    const { width, height } = entry.contentRect;
    if (exact !== undefined) tell(exact.inlineSize, exact.blockSize);
    else tell(width * devicePixelRatio, height * devicePixelRatio);
  });
  try {
    watch.observe(element, { box: "device-pixel-content-box" });
  } catch {
    // Safari does not know the exact ones.
    watch.observe(element);
  }
  return () => watch.disconnect();
}

function lookOf(element: Element, kind: WaveKind, stale: boolean): LaneLook {
  const { clientWidth, clientHeight } = element;
  const span = spanOf(kind, Math.max(1, clientWidth));
  const { low, high } = WAVE_SCALES[kind];
  const lineWidth = traceWidth(clientHeight);
  return { kind, ...laneColours(element, kind, stale), lineWidth, low, high, span, off: "dashed" };
}

/** Of the theme. Old waves are drawn in grey: a filter over the lanes would be computed anew for every frame. */
export function laneColours(element: Element, kind: WaveKind, stale: boolean): Pick<LaneLook, "colour" | "ground"> {
  const style = getComputedStyle(element);
  const read = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  return { colour: read(stale ? "--mon-stale" : `--${kind}`, "#888"), ground: read("--monitor", "#000") };
}
