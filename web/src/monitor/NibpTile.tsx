import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { fill, language, t } from "../i18n";
import type { Limit } from "../wire/types";
import type { Bedside } from "./bedside";
import { clockText } from "./texts";
import { digitsOf, Tile, useShown, useWhy } from "./Tile";
import { writeNumber, type Units } from "./units";

/** The pressures, the cuff at work, and when it last found something. */
export function NibpTile(props: { bedside: Bedside; limit: Limit | null; units: Units }) {
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
      <Cuff bedside={bedside} units={units} />
    </Tile>
  );
}

function Cuff(props: { bedside: Bedside; units: Units }) {
  const { bedside, units } = props;
  const phase = bedside.cuffPhase.value;
  return phase === "idle" ? <LastCuff {...props} /> : <CuffAtWork bedside={bedside} units={units} phase={phase} />;
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

/** Where the pressures are live the last result stands small beside them; where they are the cuff's, its time does. */
function LastCuff(props: { bedside: Bedside; units: Units }) {
  const { bedside, units } = props;
  const texts = t.value.monitor.nibp;
  const last = bedside.lastCuff.value;
  if (bedside.hasCuffFailed.value) return <div class="mon-sub">{texts.failed}</div>;
  if (last === null) return <div class="mon-sub">{bedside.isCuffResult.value ? texts.none : ""}</div>;
  const time = clockText(last.at);
  if (bedside.isCuffResult.value) return <div class="mon-sub">{fill(texts.at, { time })}</div>;
  const write = (value: number) => writeNumber(value, "pressure", units, language.value);
  const values = { systolic: write(last.systolic), diastolic: write(last.diastolic), time };
  return <div class="mon-sub">{fill(texts.last, values)}</div>;
}
