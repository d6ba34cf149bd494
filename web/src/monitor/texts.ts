import { fill, language, t } from "../i18n";
import type { Alarm } from "./alarms";
import type { LimitName } from "../wire/types";
import { writeNumber, type NumberKind, type Units } from "./units";

/** How readings, alarms and times are said. */

export const KINDS: Record<LimitName, NumberKind> = {
  heart_rate: "plain",
  spo2: "plain",
  systolic: "pressure",
  diastolic: "pressure",
  mean: "pressure",
  respiratory_rate: "plain",
  etco2: "pressure",
  temperature: "temperature",
};

export const STARS = { high: "***", medium: "**", low: "*" } as const;

/** `FC 132 > 120`, or the alarm's name. */
export function alarmText(alarm: Alarm, units: Units): string {
  const texts = t.value.monitor;
  const { passed, id } = alarm;
  if (passed === undefined) return texts.alarms[id as keyof typeof texts.alarms] as string;
  const write = (value: number) => writeNumber(value, KINDS[passed.name], units, language.value);
  const sign = passed.side === "low" ? "<" : ">";
  return `${texts.short[passed.name]} ${write(passed.value)} ${sign} ${write(passed.limit)}`;
}

/** For a screen reader: said once, so without the number that keeps moving. */
export function alarmSpoken(alarm: Alarm): string {
  const { alarms } = t.value.monitor;
  const { passed, id } = alarm;
  const what =
    passed === undefined
      ? (alarms[id as keyof typeof alarms] as string)
      : `${t.value.common.signs[passed.name]} ${alarms[passed.side]}`;
  return `${alarms.priority[alarm.priority]}: ${what}`;
}

/** The wall clock of this device's place, for a moment of the server's. */
export function clockText(at: number): string {
  return new Date(at).toLocaleTimeString(language.value, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function minutesSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** `45 s`, `3 min`: the age of what is shown. */
export function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const { age } = t.value.monitor;
  if (seconds < 100) return fill(age.seconds, { count: seconds });
  return fill(age.minutes, { count: Math.floor(seconds / 60) });
}

/** `1 h 20`, `35 min`. */
export function durationText(milliseconds: number): string {
  const minutes = Math.max(0, Math.ceil(milliseconds / 60_000));
  if (minutes < 60) return fill(t.value.monitor.age.minutes, { count: minutes });
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}
