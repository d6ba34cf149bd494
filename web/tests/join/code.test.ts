import { describe, expect, it } from "vitest";
import { caretAfter, groupedCode, normalCode, strangers } from "../../src/join/code";

describe("a typed code", () => {
  it.each([
    ["abc234", "ABC234"],
    [" ab c-2 34 ", "ABC234"],
    ["ABC–234", "ABC234"],
    ["abc\u00a0234", "ABC234"],
    ["ＡＢＣ２３４", "ABC234"],
    ["https://sim.example.org/j/abc234", "ABC234"],
    ["http://192.168.1.20:8000/j/ABC234?x=1", "ABC234"],
    ["HTTPS://SIM.EXAMPLE.ORG/J/ABC234).", "ABC234"],
    ["sim.example.org//j//abc234/", "ABC234"],
    ["ABC234\u200b, ", "ABC234"],
    ["ABC2345678", "ABC234"],
    ["", ""],
  ])("%j is %j", (typed, code) => {
    expect(normalCode(typed)).toBe(code);
  });

  it("is shown in two groups", () => {
    expect(["", "AB", "ABC", "ABC2", "ABC234"].map(groupedCode)).toEqual(["", "AB", "ABC", "ABC 2", "ABC 234"]);
  });

  it("keeps the caret behind its character", () => {
    for (let count = 0; count <= 6; count += 1)
      expect(caretAfter(count)).toBe(groupedCode("ABC234".slice(0, count)).length);
  });

  it("names the characters that no code has", () => {
    expect(strangers("ABC234")).toEqual([]);
    expect(strangers("O0ILO1")).toEqual(["O", "0", "I", "L", "1"]);
  });
});
