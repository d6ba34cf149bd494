import { expect, it } from "vitest";
import { ADULT_LIMITS, KNOWN_FLAGS } from "../../src/generated/catalogue";
import { RHYTHMS, SIGN_NAMES } from "../../src/patient/signs";
import { en } from "../../src/i18n/en";
import { fr } from "../../src/i18n/fr";

it.each([
  ["English", en],
  ["French", fr],
])("every sign, rhythm, limit and known flag has a name in %s", (_, { common }) => {
  expect(Object.keys(common.rhythms).toSorted()).toEqual(RHYTHMS.toSorted());
  for (const name of [...SIGN_NAMES, ...Object.keys(ADULT_LIMITS)]) expect(common.signs).toHaveProperty(name);
  for (const flag of KNOWN_FLAGS) expect(common.flags).toHaveProperty(flag);
});
