import type { Language } from "./index";

/** Making a format costs a thousand times what writing a number with it does, and monitors write all the time. */
const formats = new Map<string, Intl.NumberFormat>();

/** With the language's decimal mark and so many decimals; half goes up, as the server rounds. */
export function writeDecimals(value: number, decimals: number, language: Language): string {
  const scale = 10 ** decimals;
  return formatOf(language, decimals, decimals).format(Math.floor(value * scale + 0.5) / scale);
}

/** The same without decimals that say nothing: `5`, `0.5`. */
export function writeShort(value: number, decimals: number, language: Language): string {
  return formatOf(language, 0, decimals).format(value);
}

function formatOf(language: Language, least: number, most: number): Intl.NumberFormat {
  const key = `${language} ${least} ${most}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(language, {
      minimumFractionDigits: least,
      maximumFractionDigits: most,
      useGrouping: false,
    });
    formats.set(key, format);
  }
  return format;
}
