import { expect, it } from "vitest";
import { en } from "../../src/i18n/en";
import { fr } from "../../src/i18n/fr";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`),
  );
}

const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted();

it.each(["join", "monitor"] as const)("%s: each text has the same places to fill in both languages", (part) => {
  const french = new Map(leaves(fr[part] as Tree));
  for (const [path, text] of leaves(en[part] as Tree)) {
    expect(french.get(path), path).toBeTruthy();
    expect(places(french.get(path) ?? ""), path).toEqual(places(text));
  }
});
