import { describe, expect, it } from "vitest";
import { USUAL_UNITS, writeNumber, writeShown } from "../../src/monitor/units";

const kPa = { ...USUAL_UNITS, pressure: "kPa" } as const;
const fahrenheit = { ...USUAL_UNITS, temperature: "°F" } as const;

describe("numbers as they are shown", () => {
  it("keeps mmHg whole and kPa to one decimal", () => {
    expect(writeNumber(120, "pressure", USUAL_UNITS, "en")).toBe("120");
    expect(writeNumber(120, "pressure", kPa, "en")).toBe("16.0");
    expect(writeNumber(80, "pressure", kPa, "en")).toBe("10.7");
    expect(writeNumber(38, "pressure", kPa, "fr")).toBe("5,1");
  });

  it("shows temperatures to one decimal in either unit, with a comma in French", () => {
    expect(writeNumber(37, "temperature", USUAL_UNITS, "en")).toBe("37.0");
    expect(writeNumber(38.5, "temperature", USUAL_UNITS, "fr")).toBe("38,5");
    expect(writeNumber(37, "temperature", fahrenheit, "en")).toBe("98.6");
    expect(writeNumber(39.4, "temperature", fahrenheit, "fr")).toBe("102,9");
  });

  it("does not touch what has no unit to choose", () => {
    expect(writeNumber(75, "plain", { pressure: "kPa", temperature: "°F" }, "fr")).toBe("75");
  });

  it("has dashes for nothing, and -?- for a pulse that is not found", () => {
    expect(writeShown("off", "plain", USUAL_UNITS, "en")).toBe("---");
    expect(writeShown("none", "pressure", USUAL_UNITS, "en")).toBe("---");
    expect(writeShown("unreadable", "plain", USUAL_UNITS, "en")).toBe("-?-");
    expect(writeShown(0, "plain", USUAL_UNITS, "en")).toBe("0");
  });
});
