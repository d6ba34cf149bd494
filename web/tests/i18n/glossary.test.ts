import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { en } from "../../src/i18n/en";
import { fr } from "../../src/i18n/fr";

/** The words of docs/glossary.md, and what French typography asks for, held against every text that is shown. */

const here = (path: string) => new URL(`../../../${path}`, import.meta.url);

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function casesIn(folder: string): string[] {
  return readdirSync(here(folder))
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => textsIn(withoutKeys(JSON.parse(readFileSync(here(`${folder}/${name}`), "utf8")))));
}

/** What is read by machines only. */
function withoutKeys(one: unknown): unknown {
  if (Array.isArray(one)) return one.map(withoutKeys);
  if (typeof one !== "object" || one === null) return one;
  return Object.fromEntries(
    Object.entries(one)
      .filter(([name]) => !["id", "key", "marker", "from", "language", "rhythm", "to", "sign", "op", "flag"].includes(name))
      .map(([name, value]) => [name, withoutKeys(value)]),
  );
}

const SHOWN = {
  en: [...textsIn(en), ...casesIn("seeds/templates/")],
  fr: [...textsIn(fr), ...casesIn("seeds/templates/fr/")],
};
type Language = keyof typeof SHOWN;

/** `fr: modèle, scénario; en: template` of the table's last column. */
const FORBIDDEN: Record<Language, string[]> = { en: [], fr: [] };
for (const row of readFileSync(here("docs/glossary.md"), "utf8").split("in both languages")[1]!.matchAll(/\| ([^|]*) \|$/gm))
  for (const part of row[1]!.split(";")) {
    const [language, words] = part.split(":");
    if (language?.trim() === "en" || language?.trim() === "fr")
      FORBIDDEN[language.trim() as Language].push(...words!.split(",").map((word) => word.trim()));
  }

function find(words: readonly string[], texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    words.filter((word) => new RegExp(`(?<!\\p{L})${word}s?(?!\\p{L})`, "iu").test(text)).map((word) => `${word}: ${text}`),
  );
}

describe("the words of the glossary", () => {
  it("are read at all, and a wrong one would be found", () => {
    expect(FORBIDDEN.fr.length).toBeGreaterThan(10);
    expect(FORBIDDEN.en.length).toBeGreaterThan(5);
    expect(SHOWN.fr.length).toBeGreaterThan(500);
    expect(find(["scénario"], ["Les Scénarios du jour"])).toHaveLength(1);
    expect(find(["cas"], ["cascade"])).toEqual([]);
  });

  it.each(["en", "fr"] as const)("have no second word for the same thing in %s", (language) => {
    expect(find(FORBIDDEN[language], SHOWN[language])).toEqual([]);
  });
});

describe("sent", () => {
  it.each([
    ["en", ["Sent {when}", "Sent, {time}", "Sent in other words", "sent"]],
    ["fr", ["Envoyée à {when}", "Envoyé, {time}"]],
  ] as const)("begins no other words in %s than those of what the server has", (language, known) => {
    const told = textsIn({ en, fr }[language]).filter((text) => /^(sent|envoyée?s?)(?!\p{L})/iu.test(text));
    expect(told.map((text) => text.replaceAll("\u00a0", " ")).sort()).toEqual([...known].sort());
  });
});

describe("French", () => {
  it("has no English left in it", () => {
    const english = ["the", "of", "and", "is", "are", "to", "your", "with", "this", "not", "from", "by", "for", "send", "sent"];
    expect(find(english, SHOWN.fr.map((text) => text.replace(/\{\w+\}/g, "")))).toEqual([]);
  });

  it("says nothing as English does, unless the word is the same", () => {
    const same = new Set(["SpO₂", "EtCO₂", "Torsades de pointes", "Resp", "Pause", "Code", "Code {code}", "Silence", "Pages", "Circulation",
      "Note", "Notes", "Intubation", "{count} min", "{minutes} min", "STAT", "/min", "Invitation", "Invitations", "Amiodarone", "Naloxone",
      "Description", "Actions", "Moments", "compressions", "NEWS2", "Patient", "patient"]); // prettier-ignore
    const english = new Set(textsIn(en));
    const words = (text: string) => text.replace(/\{\w+\}/g, "").replace(/[^\p{L}]/gu, "").length > 2;
    expect(textsIn(fr).filter((text) => english.has(text) && words(text) && !same.has(text))).toEqual([]);
  });

  it("keeps a sign with the word before it, and quotes with what they hold", () => {
    const loose = /\S [:;?!»%](?=[\s.,)”]|$)|« |"|(?<=\p{L})'(?=\p{L})/u;
    expect(SHOWN.fr.filter((text) => loose.test(text))).toEqual([]);
  });
});
