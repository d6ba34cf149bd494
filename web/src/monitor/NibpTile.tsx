import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { fill, language, t } from "../i18n";
import { writeShort } from "../i18n/numbers";
import type { Limit } from "../wire/types";
import type { Bedside } from "./bedside";
import { clockText } from "./texts";
import { digitsOf, Tile, useShown, useWhy } from "./Tile";
import { writeNumber, type Units } from "./units";

/** What the cuff found last, and when; and the cuff at work. Never what the pressures are just now. */
export function NibpTile(props: { bedside: Bedside; limit: Limit | null; units: Units; hasKeys: boolean }) {
  const { bedside, units } = props;
  const texts = t.value.monitor;
  const systolic = useShown(bedside.readings.systolic, "pressure", units);
  const diastolic = useShown(bedside.readings.diastolic, "pressure", units);
  const mean = useShown(bedside.readings.mean, "pressure", units);
  const why = useWhy(bedside.readings.systolic);
  return (
    <Tile
      tile="nibp"
      bedside={bedside}
      label={texts.short.nibp}
      unit={units.pressure}
      limit={props.limit}
      limitName="systolic"
      units={units}
    >
      <div class="mon-value mon-value-nibp" data-digits={digitsOf("pressure", units)}>
        <span class="mon-digits">
          {systolic}
          <span class="mon-slash">/</span>
          {diastolic}
        </span>
        <span class="mon-mean">({mean})</span>
        <span class="visually-hidden">{why}</span>
      </div>
      <Cuff bedside={bedside} units={units} hasKeys={props.hasKeys} />
    </Tile>
  );
}

function Cuff(props: { bedside: Bedside; units: Units; hasKeys: boolean }) {
  const { bedside, units } = props;
  const phase = bedside.cuffPhase.value;
  if (phase === "idle") return <LastCuff bedside={bedside} hasKeys={props.hasKeys} />;
  return <CuffAtWork bedside={bedside} units={units} phase={phase} />;
}

function CuffAtWork(props: { bedside: Bedside; units: Units; phase: "inflating" | "holding" | "deflating" }) {
  const { bedside, units } = props;
  const pressure = useMemo(
    () => computed(() => writeNumber(bedside.cuffPressure.value, "pressure", units, language.value)),
    [bedside, units.pressure],
  );
  const share = useMemo(() => computed(() => `--mon-cuff: ${bedside.cuffPressure.value / 300}`), [bedside]);
  const texts = t.value.monitor.nibp;
  return (
    <div class="mon-sub mon-cuff" data-phase={props.phase}>
      <span class="mon-cuff-bar" style={share} />
      <span class="mon-cuff-text">
        {texts[props.phase]} <b>{pressure}</b>
      </span>
    </div>
  );
}

/** When the pressures above were found; they stand until the cuff finds others. */
function LastCuff(props: { bedside: Bedside; hasKeys: boolean }) {
  const { bedside } = props;
  const texts = t.value.monitor.nibp;
  const last = bedside.lastCuff.value;
  // Where there is no key nobody is told to press it: a replay, a preview.
  const none = props.hasKeys ? texts.none : texts.not_yet;
  const at = last === null ? "" : fill(texts.at, { time: clockText(last.at) });
  const said = bedside.hasCuffFailed.value ? [texts.failed, at] : [last === null ? none : at];
  return (
    <div class="mon-sub">
      {said.filter((part) => part !== "").join(" · ")}
      <Cycle bedside={bedside} />
    </div>
  );
}

function Cycle(props: { bedside: Bedside }) {
  const minutes = props.bedside.cuffCycle.value;
  if (minutes === null) return null;
  const texts = t.value.monitor.nibp;
  const written = writeShort(minutes, 1, language.value);
  return (
    <>
      <span class="mon-cycle" aria-hidden="true">
        {" ↻ "}
        {fill(texts.cycle, { minutes: written })}
      </span>
      <span class="visually-hidden">{fill(texts.cycle_label, { minutes: written })}</span>
    </>
  );
}
