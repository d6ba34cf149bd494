import { computed, type ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { language, t } from "../i18n";
import type { Limit, LimitName } from "../wire/types";
import type { Bedside } from "./bedside";
import type { Priority, TileName } from "./conditions";
import { PriorityIcon } from "./icons";
import type { ReadingName, Shown } from "./readings";
import { KINDS, STARS } from "./texts";
import { writeNumber, writeShown, type NumberKind, type Units } from "./units";
import "./Tile.css";

/** Two seconds hold a whole number of each kind's flashes: all tiles flash together, never faster than one does. */
const FLASH_TURN = 2000;

/** One quantity: its name, its number, its limits. In an alarm the tile flashes, never the page. */
export function Tile(props: {
  tile: TileName;
  bedside: Bedside;
  label: ComponentChildren;
  unit: string;
  limit: Limit | null;
  limitName: LimitName;
  units: Units;
  children: ComponentChildren;
}) {
  const { bedside, tile } = props;
  const priority = useMemo(
    () => computed<Priority | null>(() => bedside.alarms.value.find((alarm) => alarm.tile === tile && alarm.ended_at === null)?.priority ?? null),
    [bedside, tile],
  ).value;
  // Of the moment at which the flash begins, and then left alone: set anew, it would jump.
  const isFlashing = priority === "high" || priority === "medium";
  const phase = useMemo(
    () => (isFlashing ? { "--mon-phase": `${-Math.round(performance.now() % FLASH_TURN)}ms` } : undefined),
    [isFlashing],
  );
  return (
    <div class={`mon-tile mon-tile-${tile}`} data-alarm={priority ?? undefined} style={phase}>
      <div class="mon-tile-head">
        <span class="mon-label">{props.label}</span>
        <span class="mon-unit">{props.unit}</span>
        {priority === null ? (
          <LimitsShown limit={props.limit} kind={KINDS[props.limitName]} units={props.units} />
        ) : (
          <span class="mon-tile-alarm">
            <PriorityIcon priority={priority} />
            <span aria-hidden="true">{STARS[priority]}</span>
            <span class="visually-hidden">{t.value.monitor.alarms.priority[priority]}</span>
          </span>
        )}
      </div>
      {props.children}
    </div>
  );
}

function LimitsShown(props: { limit: Limit | null; kind: NumberKind; units: Units }) {
  const { limit, kind, units } = props;
  if (limit === null || (limit.low === null && limit.high === null)) return null;
  const write = (value: number | null) => (value === null ? "–" : writeNumber(value, kind, units, language.value));
  return (
    <span class="mon-limits" title={t.value.monitor.tiles.limits}>
      <span class="visually-hidden">{t.value.monitor.tiles.limits} </span>
      <span>{write(limit.high)}</span>
      <span class="visually-hidden"> / </span>
      <span>{write(limit.low)}</span>
    </span>
  );
}

/** The text of a reading as a signal: a change touches one text node and nothing else. */
export function useShown(shown: ReadonlySignal<Shown>, kind: NumberKind, units: Units): ReadonlySignal<string> {
  return useMemo(
    () => computed(() => writeShown(shown.value, kind, units, language.value)),
    [shown, kind, units.pressure, units.temperature],
  );
}

/** What the dashes mean, for somebody who hears the screen; `unreadable`: why that one cannot be read. */
export function useWhy(
  shown: ReadonlySignal<Shown>,
  unreadable: "unreadable" | "artefact" = "unreadable",
): ReadonlySignal<string> {
  return useMemo(
    () =>
      computed(() => {
        const { tiles } = t.value.monitor;
        return shown.value === "off" ? tiles.off : shown.value === "unreadable" ? tiles[unreadable] : "";
      }),
    [shown, unreadable],
  );
}

/** Characters of the longest number: they decide how large it may be. */
export function digitsOf(kind: NumberKind, units: Units): number {
  if (kind === "temperature") return units.temperature === "°F" ? 5 : 4;
  return kind === "pressure" && units.pressure === "kPa" ? 4 : 3;
}

/** A tile of one number. */
export function NumberTile(props: {
  tile: TileName;
  reading: ReadingName;
  limitName: LimitName;
  kind: NumberKind;
  label: ComponentChildren;
  unit: string;
  limit: Limit | null;
  bedside: Bedside;
  units: Units;
  /** Behind the number, in its line. */
  beside?: ComponentChildren;
  below?: ComponentChildren;
}) {
  const shown = props.bedside.readings[props.reading];
  const text = useShown(shown, props.kind, props.units);
  const why = useWhy(shown, props.tile === "ecg" ? "artefact" : "unreadable");
  return (
    <Tile {...props}>
      <div class="mon-value" data-digits={digitsOf(props.kind, props.units)}>
        <span class="mon-digits">{text}</span>
        {props.beside}
        <span class="visually-hidden">{why}</span>
      </div>
      {props.below}
    </Tile>
  );
}
