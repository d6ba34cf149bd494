// @vitest-environment happy-dom
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../../src/i18n";
import { publicName } from "../../src/join/publicName";

afterEach(() => chooseLanguage("en"));

it("is the public title, else the trainee's name, else a word in the reader's language", () => {
  expect(publicName({ title: "Woman, 34", trainee_name: "Group 3" })).toBe("Woman, 34");
  expect(publicName({ title: "", trainee_name: "Group 3" })).toBe("Group 3");
  chooseLanguage("en");
  expect(publicName({ title: "", trainee_name: null })).toBe("Session");
  chooseLanguage("fr");
  expect(publicName({ title: "", trainee_name: null })).toBe("Séance");
});
