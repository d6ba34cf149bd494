import { describe, expect, it } from "vitest";
import { en } from "../../src/i18n/en";
import { fr } from "../../src/i18n/fr";
import { notFromCatalogue, pseudo, pseudoText } from "./pseudo";

/** `device.refusals.other` -> the text. */
function flat(texts: object, prefix = ""): [string, string][] {
  return Object.entries(texts).flatMap(([key, text]: [string, string | object]) =>
    typeof text === "string" ? [[prefix + key, text] as [string, string]] : flat(text, `${prefix}${key}.`),
  );
}

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted();

describe("the catalogues", () => {
  it("have the same texts", () => {
    expect(flat(fr).map(([key]) => key).toSorted()).toEqual(flat(en).map(([key]) => key).toSorted());
  });

  it("have the same places in both languages", () => {
    const french = new Map(flat(fr));
    const wrong = flat(en).filter(([key, text]) => places(text).join() !== places(french.get(key) ?? "").join());
    expect(wrong.map(([key]) => key)).toEqual([]);
  });

  it.each([
    ["English", en],
    ["French", fr],
  ])("leave no text empty in %s", (_, texts) => {
    expect(flat(texts).filter(([, text]) => text.trim() === "")).toEqual([]);
  });
});

describe("the language that nobody speaks", () => {
  it("keeps places, and is longer than English by two fifths", () => {
    const text = pseudoText("Send {count} changes");
    expect(text).toContain("{count}");
    expect(text).not.toContain("Send");
    expect(text.length).toBeGreaterThanOrEqual("Send {count} changes".length * 1.4);
    expect(flat(pseudo(en)).map(([key]) => key)).toEqual(flat(en).map(([key]) => key));
  });

  it("tells what is from the catalogue from what is not", () => {
    const inner = pseudoText("Heart rate");
    expect(notFromCatalogue(`${pseudoText("{sign}: {step}").replace("{sign}", inner)} 75 mmHg`, ["mmHg"])).toBeNull();
    expect(notFromCatalogue(`${inner} Send`, [])).not.toBeNull();
  });
});
