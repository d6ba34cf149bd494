import type { Language } from "../i18n";
import { writeDecimals } from "../i18n/numbers";
import type { Shown } from "./readings";

export interface Units {
  pressure: "mmHg" | "kPa";
  temperature: "°C" | "°F";
}

export const USUAL_UNITS: Units = { pressure: "mmHg", temperature: "°C" };

const MMHG_PER_KPA = 7.50062;

export function toPressure(mmhg: number, unit: Units["pressure"]): number {
  return unit === "kPa" ? mmhg / MMHG_PER_KPA : mmhg;
}

export function toTemperature(celsius: number, unit: Units["temperature"]): number {
  return unit === "°F" ? celsius * 1.8 + 32 : celsius;
}

export type NumberKind = "plain" | "pressure" | "temperature";

/** A number as it stands on the screen, in the units and with the decimal sign of the person looking at it. */
export function writeNumber(value: number, kind: NumberKind, units: Units, language: Language): string {
  if (kind === "temperature") return writeDecimals(toTemperature(value, units.temperature), 1, language);
  if (kind === "pressure" && units.pressure === "kPa") return writeDecimals(toPressure(value, "kPa"), 1, language);
  return writeDecimals(value, 0, language);
}

export function writeShown(shown: Shown, kind: NumberKind, units: Units, language: Language): string {
  if (typeof shown === "number") return writeNumber(shown, kind, units, language);
  return shown === "unreadable" ? "-?-" : "---";
}
