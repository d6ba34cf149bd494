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
export function writeNumber(value: number, kind: NumberKind, units: Units, language: string): string {
  if (kind === "plain") return String(Math.round(value));
  if (kind === "temperature") return oneDecimal(toTemperature(value, units.temperature), language);
  if (units.pressure === "kPa") return oneDecimal(toPressure(value, "kPa"), language);
  return String(Math.round(value));
}

export function writeShown(shown: Shown, kind: NumberKind, units: Units, language: string): string {
  if (typeof shown === "number") return writeNumber(shown, kind, units, language);
  return shown === "unreadable" ? "-?-" : "---";
}

function oneDecimal(value: number, language: string): string {
  const written = (Math.floor(value * 10 + 0.5) / 10).toFixed(1);
  return language === "fr" ? written.replace(".", ",") : written;
}
