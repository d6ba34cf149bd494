import { computed, signal } from "@preact/signals";
import { keptOnDevice } from "../app/siteData";
import { enTrainees, type TraineeMessages } from "./en/trainees";
import { frTrainees } from "./fr/trainees";

export type Language = "en" | "fr";

const STORED = "shiller.language";

export const language = signal<Language>(firstLanguage());

/**
 * The texts of the chosen language: `t.value.join.title`. Read inside a component, it follows the choice. Only what
 * trainees read: the dashboard's are in `trainers.ts`, which a trainee's tablet never loads.
 */
export const t = computed<TraineeMessages>(() => (language.value === "fr" ? frTrainees : enTrainees));

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  keptOnDevice.write(STORED, chosen);
}

/** Fill `{name}` places: `fill(t.value.join.seats, { count: 3 })`. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function firstLanguage(): Language {
  const stored = keptOnDevice.read(STORED);
  if (stored === "en" || stored === "fr") return stored;
  return typeof navigator !== "undefined" && navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en";
}
