import { computed, signal } from "@preact/signals";
import { keptOnDevice } from "../app/siteData";
import { en, type Messages } from "./en";
import { fr } from "./fr";

export type Language = "en" | "fr";

const STORED = "shiller.language";

export const language = signal<Language>(firstLanguage());

/** The texts of the chosen language: `t.value.join.title`. Read inside a component, it follows the choice. */
export const t = computed<Messages>(() => (language.value === "fr" ? fr : en));

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
