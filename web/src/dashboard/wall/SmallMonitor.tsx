import { useComputed, type ReadonlySignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { createBedside, type Bedside } from "../../monitor/bedside";
import type { Alarm } from "../../monitor/alarms";
import type { TileName } from "../../monitor/conditions";
import { PriorityIcon } from "../../monitor/icons";
import { LaneStrip } from "../../monitor/LaneStrip";
import type { ReadingName } from "../../monitor/readings";
import { settings } from "../../monitor/settings";
import { alarmSpoken, alarmText } from "../../monitor/texts";
import { useShown } from "../../monitor/Tile";
import type { NumberKind } from "../../monitor/units";
import { isOn } from "../../patient/circulation";
import { ADULT_LIMITS } from "../../patient/signs";
import { theme } from "../../theme/theme";
import { createWaves, seedOf } from "../../waves";
import type { LastValues } from "../../wire/types";
import { announce } from "../shell/announce";
import type { WallBeat } from "./beat";
import type { WallRoom } from "./wallRoom";

/** What the trainees of one room see, so small that it stands among many: waves, numbers and what is wrong. */
export function SmallMonitor(props: { wallRoom: WallRoom; beat: WallBeat; isStale: boolean }) {
  const { wallRoom, beat } = props;
  const { room } = wallRoom;
  const last = room.shown.value;
  const limits = useComputed(() => room.session.value?.limits ?? ADULT_LIMITS);
  const ahead = useComputed(() => (room.session.value?.hall ? -(room.session.value.clock_offset_ms ?? 0) : 0)).value;
  const waves = useMemo(() => createWaves(room.id), [room]);
  const bedside = useMemo(() => createBedside(waves, { seed: seedOf(room.id), latches: false }), [waves]);
  const at = useSeen(last, () => room.device.serverNow() + ahead);
  useMemo(() => {
    waves.update(last, at);
    bedside.update(last, at);
  }, [waves, last, at]);
  useLayoutEffect(() => beat.add((now) => bedside.tick(limits.peek(), now + ahead)), [beat, bedside, ahead]);
  return (
    <div class="db-wall-monitor" data-stale={props.isStale ? "yes" : "no"}>
      <div class="db-wall-waves">
        <LaneStrip
          waves={waves}
          last={last}
          loop={beat.loop}
          ahead={ahead}
          theme={theme.value}
          stale={props.isStale}
          label={wavesWords(last)}
        />
        <WorstAlarm bedside={bedside} wallRoom={wallRoom} />
      </div>
      <Numbers bedside={bedside} />
    </div>
  );
}

function Numbers(props: { bedside: Bedside }) {
  const { bedside } = props;
  const { short } = t.value.monitor;
  return (
    <div class="db-wall-numbers">
      <Quantity bedside={bedside} tile="ecg" reading="heart_rate" kind="plain" name={short.heart_rate} />
      <Pressure bedside={bedside} />
      <Quantity bedside={bedside} tile="spo2" reading="spo2" kind="plain" name={short.spo2} />
      <Quantity bedside={bedside} tile="temperature" reading="temperature" kind="temperature" name={short.temperature} />
      <Quantity bedside={bedside} tile="co2" reading="etco2" kind="pressure" name={short.etco2} />
      <Quantity bedside={bedside} tile="resp" reading="respiratory_rate" kind="plain" name={short.respiratory_rate} />
    </div>
  );
}

function Quantity(props: { bedside: Bedside; tile: TileName; reading: ReadingName; kind: NumberKind; name: string }) {
  const { bedside, tile } = props;
  const text = useShown(bedside.readings[props.reading], props.kind, settings.value.units);
  const priority = usePriority(bedside, tile);
  return (
    <p class={`db-wall-number db-wall-${tile}`} data-alarm={priority.value ?? undefined}>
      <span>{props.name}</span> <b>{text}</b>
    </p>
  );
}

function Pressure(props: { bedside: Bedside }) {
  const { systolic, diastolic } = props.bedside.readings;
  const { units } = settings.value;
  const [upper, lower] = [useShown(systolic, "pressure", units), useShown(diastolic, "pressure", units)];
  const priority = usePriority(props.bedside, "nibp");
  return (
    <p class="db-wall-number db-wall-nibp" data-alarm={priority.value ?? undefined}>
      <span>{t.value.monitor.short.nibp}</span>{" "}
      <b>
        {upper}/{lower}
      </b>
    </p>
  );
}

function usePriority(bedside: Bedside, tile: TileName): ReadonlySignal<Alarm["priority"] | null> {
  return useComputed(() => bedside.alarms.value.find((alarm) => alarm.tile === tile)?.priority ?? null);
}

/** The worst, and how many there are besides. A new one of high priority is said, with the room in which it is. */
function WorstAlarm(props: { bedside: Bedside; wallRoom: WallRoom }) {
  const { bedside, wallRoom } = props;
  const alarms = bedside.alarms.value;
  const worst = alarms[0];
  const loud = worst?.priority === "high" ? worst : null;
  useEffect(() => {
    if (loud === null) return;
    const room = wallRoom.title.peek();
    announce(fill(t.value.wall.alarm_in, { room, alarm: alarmSpoken(loud) }));
  }, [loud?.id]);
  if (worst === undefined) return null;
  return (
    <p class="mon-chip db-wall-alarm" data-priority={worst.priority} data-ended="false">
      <PriorityIcon priority={worst.priority} />
      <span class="mon-chip-text">
        <span class="visually-hidden">{t.value.monitor.alarms.priority[worst.priority]} </span>
        {alarmText(worst, settings.value.units)}
      </span>
      {alarms.length > 1 ? <span class="db-wall-more">+{alarms.length - 1}</span> : null}
    </p>
  );
}

function wavesWords(last: LastValues): string {
  const { lanes } = t.value.monitor;
  const names = [lanes.ecg, lanes.pleth, isOn(last, "co2_off") ? lanes.respiration : lanes.capnogram];
  return fill(lanes.label, { names: names.join(", ") });
}

/** When these values were first seen here (milliseconds of the room's clock). */
function useSeen(values: LastValues, now: () => number): number {
  const seen = useRef<{ values: LastValues; at: number } | null>(null);
  if (seen.current === null || seen.current.values !== values) seen.current = { values, at: now() };
  return seen.current.at;
}
