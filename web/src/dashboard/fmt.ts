import { computed } from "@preact/signals";
import { language, type Language } from "../i18n";

/** The device's own region where it speaks the chosen language (en-GB, fr-CA), else the language alone. */
export function localeOf(chosen: Language, own: readonly string[] = ownLanguages()): string {
  return own.find((one) => one.toLowerCase().startsWith(chosen)) ?? (chosen === "en" ? "en-GB" : chosen);
}

const formats = computed(() => {
  const locale = localeOf(language.value);
  return {
    clock: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    minute: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }),
    day: new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" }),
    whole: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }),
    number: new Intl.NumberFormat(locale),
    plural: new Intl.PluralRules(locale),
  };
});

/** 14:03:09 */
export function clockTime(at: number): string {
  return formats.value.clock.format(at);
}

/** 14:03 */
export function minuteTime(at: number): string {
  return formats.value.minute.format(at);
}

export function wholeTime(at: number): string {
  return formats.value.whole.format(at);
}

/** 14:03 today, with its day on another one. */
export function dayTime(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? minuteTime(at) : `${formats.value.day.format(at)}, ${minuteTime(at)}`;
}

export function wholeNumber(value: number): string {
  return formats.value.number.format(value);
}

export function isOne(count: number): boolean {
  return formats.value.plural.select(count) === "one";
}

/** 4:07, 1:02:30: a clock that counts. */
export function counting(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** 30 s, 2 min, 1 min 30 s, 3 h 12 min: the same letters in French and English. */
export function lasting(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}\u00a0s`;
  if (whole < 3600) return joined([Math.floor(whole / 60), "min"], [whole % 60, "s"]);
  return joined([Math.floor(whole / 3600), "h"], [Math.floor((whole % 3600) / 60), "min"]);
}

function joined(...parts: [number, string][]): string {
  return parts
    .filter(([value], place) => place === 0 || value > 0)
    .map(([value, unit]) => `${value}\u00a0${unit}`)
    .join("\u00a0");
}

function ownLanguages(): readonly string[] {
  return typeof navigator === "undefined" ? [] : navigator.languages;
}
