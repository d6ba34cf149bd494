import { expect, it } from "vitest";
import { writeDecimals, writeShort } from "../../src/i18n/numbers";

it.each([
  [37, 1, "37.0", "37,0"],
  [36.45, 1, "36.5", "36,5"],
  [101.94, 1, "101.9", "101,9"],
  [74.5, 0, "75", "75"],
  [0, 0, "0", "0"],
  [1234, 0, "1234", "1234"],
])("%d with %d decimals is %s, and %s in French", (value, decimals, english, french) => {
  expect(writeDecimals(value, decimals, "en")).toBe(english);
  expect(writeDecimals(value, decimals, "fr")).toBe(french);
});

it("leaves decimals away that say nothing", () => {
  expect([1, 0.5, 10].map((value) => writeShort(value, 1, "fr"))).toEqual(["1", "0,5", "10"]);
});
