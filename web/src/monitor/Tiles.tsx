import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { t } from "../i18n";
import type { Limits } from "../wire/types";
import type { Bedside } from "./bedside";
import { NibpTile } from "./NibpTile";
import { NumberTile, useShown } from "./Tile";
import type { Units } from "./units";

/** The six numbers of the bedside. */
export function Tiles(props: { bedside: Bedside; limits: Limits; units: Units; hasKeys: boolean }) {
  const { bedside, limits, units } = props;
  const { short, units: written } = t.value.monitor;
  const common = { bedside, units };
  return (
    <div class="mon-tiles">
      <NumberTile
        {...common}
        tile="ecg"
        reading="heart_rate"
        limitName="heart_rate"
        kind="plain"
        label={<HeartRateLabel bedside={bedside} />}
        unit={written.per_minute}
        limit={limits.heart_rate}
      />
      <NibpTile {...common} limit={limits.systolic} hasKeys={props.hasKeys} />
      <NumberTile
        {...common}
        tile="spo2"
        reading="spo2"
        limitName="spo2"
        kind="plain"
        label={short.spo2}
        unit={written.percent}
        limit={limits.spo2}
        beside={<Doubt bedside={bedside} />}
        below={<PulseRate bedside={bedside} units={units} />}
      />
      <NumberTile
        {...common}
        tile="temperature"
        reading="temperature"
        limitName="temperature"
        kind="temperature"
        label={short.temperature}
        unit={units.temperature}
        limit={limits.temperature}
      />
      <NumberTile
        {...common}
        tile="co2"
        reading="etco2"
        limitName="etco2"
        kind="pressure"
        label={short.etco2}
        unit={units.pressure}
        limit={limits.etco2}
      />
      <NumberTile
        {...common}
        tile="resp"
        reading="respiratory_rate"
        limitName="respiratory_rate"
        kind="plain"
        label={short.respiratory_rate}
        unit={written.per_minute}
        limit={limits.respiratory_rate}
      />
    </div>
  );
}

/** Counted at the finger it is a pulse, and says so, in the finger's colour. */
function HeartRateLabel(props: { bedside: Bedside }) {
  const { short } = t.value.monitor;
  const isPulse = props.bedside.heartRateFrom.value === "pleth";
  return <span data-source={props.bedside.heartRateFrom.value}>{isPulse ? short.pulse : short.heart_rate}</span>;
}

/** The saturation is that of before: the finger has no wave any more. */
function Doubt(props: { bedside: Bedside }) {
  if (!props.bedside.isSaturationOld.value) return null;
  return (
    <span class="mon-doubt">
      <span aria-hidden="true">?</span>
      <span class="visually-hidden">{t.value.monitor.tiles.old}</span>
    </span>
  );
}

function PulseRate(props: { bedside: Bedside; units: Units }) {
  const text = useShown(props.bedside.readings.pulse, "plain", props.units);
  const label = useMemo(() => computed(() => t.value.monitor.short.pulse), []);
  return (
    <div class="mon-sub">
      {label} <b>{text}</b>
    </div>
  );
}
