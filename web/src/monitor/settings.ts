import { effect, signal } from "@preact/signals";
import { keptOnDevice } from "../app/siteData";
import { USUAL_UNITS, type Units } from "./units";

/** What the person at this monitor prefers; kept on this device. Of the connected page only. */
export interface MonitorSettings {
  sound: boolean;
  beep: boolean;
  units: Units;
}

const STORED = "shiller.monitor";
const USUAL: MonitorSettings = { sound: true, beep: true, units: USUAL_UNITS };

export const settings = signal<MonitorSettings>(readSettings());

export function change(part: Partial<MonitorSettings>): void {
  settings.value = { ...settings.value, ...part };
}

effect(() => {
  keptOnDevice.write(STORED, JSON.stringify(settings.value));
});

export function readSettings(): MonitorSettings {
  try {
    const stored: unknown = JSON.parse(keptOnDevice.read(STORED) ?? "{}");
    if (typeof stored !== "object" || stored === null) return USUAL;
    const { sound, beep, units } = stored as { sound?: unknown; beep?: unknown; units?: Partial<Units> | null };
    return {
      sound: sound !== false,
      beep: beep !== false,
      units: {
        pressure: units?.pressure === "kPa" ? "kPa" : "mmHg",
        temperature: units?.temperature === "°F" ? "°F" : "°C",
      },
    };
  } catch {
    return USUAL;
  }
}
