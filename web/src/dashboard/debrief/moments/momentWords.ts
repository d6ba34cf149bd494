import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { AlarmId } from "../../../monitor/conditions";
import type { LimitName, Rhythm, TemplateStep } from "../../../wire/types";
import { flagName, noteWords, rhythmName, stepTitle } from "../../words";
import type { FoundMoment } from "./moments";

/** What a moment is called: as a person has named it, or as its kind is told. */
export function momentWords(moment: FoundMoment, steps: readonly TemplateStep[]): string {
  return moment.title ?? ruleWords(moment, steps);
}

export function ruleWords({ kind, details }: FoundMoment, steps: readonly TemplateStep[]): string {
  const { kinds, alarm } = t.value.debrief.moments;
  switch (kind) {
    case "rhythm":
    case "arrest":
      return fill(kinds[kind], { rhythm: rhythmName(details["rhythm"] as Rhythm) });
    case "step":
      return typeof details["step"] === "string" ? fill(kinds.step, { step: titleOfStep(details, steps) }) : t.value.dashboard.notes.case.ended;
    case "sensor_off":
      return fill(kinds.sensor_off, { sensor: sensorsOf(details).map(flagName).join(", ") });
    case "alarm":
      return fill(alarm, { alarm: alarmName(details["alarm"] as AlarmId) });
    case "bookmark":
    case "annotation":
      return noteWords(textOf(details, "marker"), textOf(details, "text")) || kinds.bookmark;
    default:
      return kinds[kind];
  }
}

/** A step of a case that is not on this device goes by what the server calls it. */
function titleOfStep(details: FoundMoment["details"], steps: readonly TemplateStep[]): string {
  const key = String(details["step"]);
  return steps.some((step) => step.key === key) ? stepTitle(key, steps) : (textOf(details, "step_title") ?? key);
}

function sensorsOf(details: FoundMoment["details"]): string[] {
  const sensors = details["sensors"];
  return Array.isArray(sensors) ? sensors.map((one: { flag?: unknown }) => String(one.flag)) : [];
}

/** `SpO2 low`, or the alarm's own name. */
export function alarmName(id: AlarmId): string {
  const { alarms } = t.value.monitor;
  const known: Record<string, unknown> = alarms;
  if (typeof known[id] === "string") return known[id];
  const [, name, side] = /^(.*)_(low|high)$/.exec(id) ?? [];
  if (name === undefined) return id;
  return `${t.value.common.signs[name as LimitName]} ${alarms[side as "low" | "high"]}`;
}

function textOf(details: FoundMoment["details"], name: string): string | null {
  const value = details[name];
  return typeof value === "string" && value !== "" ? value : null;
}
