import { describe, expect, it } from "vitest";
import { REFUSALS } from "../../src/generated/catalogue";
import { knownCode, passesByItself, REFUSAL_CODES } from "../../src/wire/refusals";

describe("a code that comes in", () => {
  it("is taken as it is when this build knows it", () => {
    for (const code of Object.keys(REFUSALS)) expect(knownCode(code)).toBe(code);
  });

  it("is a strange answer when it does not", () => {
    for (const said of ["of_a_newer_server", "network", "toString", "", undefined, null, 7])
      expect(knownCode(said)).toBe("strange_answer");
  });
});

it("only what the server could not do just now passes by itself", () => {
  expect(REFUSAL_CODES.filter(passesByItself)).toEqual(["rate_limited", "internal_error", "storage_unavailable"]);
});
