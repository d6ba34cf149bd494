import { describe, expect, it } from "vitest";
import { ADULT_LIMITS, CONDITIONS, RHYTHMS, SENSORS_OFF, SIGNS } from "../../src/patient/signs";
import { en } from "../../src/i18n/en";
import { fr } from "../../src/i18n/fr";
import file from "../../../tests/vectors/signs.json";

describe("the tables that the server is held to as well", () => {
  it("have the same signs, in the same order", () => {
    expect(Object.values(SIGNS)).toEqual(file.signs);
  });

  it("have the same rhythms, and a name for each in both languages", () => {
    expect(RHYTHMS).toEqual(file.rhythms);
    for (const words of [en, fr]) expect(Object.keys(words.common.rhythms).toSorted()).toEqual(file.rhythms.toSorted());
  });

  it("give a meaning to no flag that the server does not list", () => {
    for (const flag of [...CONDITIONS, ...SENSORS_OFF]) expect(file.flags).toContain(flag);
  });

  it("have the same limits", () => {
    expect(ADULT_LIMITS).toEqual(file.limits);
  });
});
