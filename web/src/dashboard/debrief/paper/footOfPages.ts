import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { wholeTime } from "../../fmt";

export function printedWords(by: string | null, at: number): string {
  const texts = t.value.marks.sheet;
  const when = wholeTime(at);
  return by === null ? fill(texts.printed_nameless, { when }) : fill(texts.printed, { who: by, when });
}

/** At the foot of every page, beside its number. A browser that has no such places says it once, below the record. */
export function footOfPages(): { write(printedBy: string | null): void; clear(): void } | null {
  if (typeof CSSStyleSheet === "undefined" || !("adoptedStyleSheets" in document)) return null;
  const rules = new CSSStyleSheet();
  return {
    write(printedBy) {
      const words = `${t.value.marks.sheet.foot} · ${printedWords(printedBy, Date.now())}`;
      rules.replaceSync(`@page { @bottom-left { content: ${quoted(words)}; } }`);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, rules];
    },
    clear() {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== rules);
    },
  };
}

/** As CSS reads a string, whatever somebody is called. */
function quoted(words: string): string {
  return `"${words.replace(/["\\\n\r\f<]/g, (sign) => `\\${sign.codePointAt(0)?.toString(16)} `)}"`;
}
