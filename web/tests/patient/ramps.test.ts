import { describe, expect, it } from "vitest";
import { signsAt, valueAt } from "../../src/patient/ramps";
import { SIGN_NAMES, SIGNS } from "../../src/patient/signs";
import type { LastValues, SignName, Signs } from "../../src/wire/types";
import file from "../../../tests/vectors/ramps.json";

interface Vector {
  sign: SignName;
  from: number;
  to: number;
  started_at: string;
  seconds: number;
  at: string;
  value: number;
}

const start = Object.fromEntries(SIGN_NAMES.map((name) => [name, SIGNS[name].start])) as Signs;
const last: LastValues = { ...start, rhythm: "sinus", flags: {}, ramps: {}, nibp: null };

describe("the vectors that the server is held to as well", () => {
  const vectors = file.vectors as Vector[];

  it("are there, for every sign that has a ramp", () => {
    expect(vectors.length).toBeGreaterThan(20);
    expect(new Set(vectors.map((vector) => vector.sign)).has("temperature")).toBe(true);
  });

  it.each(vectors)("$sign from $from to $to in $seconds s reads $value at $at", (vector) => {
    const { sign, from, to, started_at, seconds } = vector;
    const moving = { ...last, [sign]: to, ramps: { [sign]: { from, started_at, seconds } } };
    expect(valueAt(moving, sign, Date.parse(vector.at))).toBe(vector.value);
  });
});

describe("without a ramp", () => {
  it("a sign is its number, at any time", () => {
    expect(signsAt(last, 0)).toEqual(start);
    expect(signsAt(last, Date.now())).toEqual(start);
  });

  it("and a ramp of 0 seconds is none", () => {
    const moving = { ...last, ramps: { spo2: { from: 50, started_at: new Date(1_000).toISOString(), seconds: 0 } } };
    expect(valueAt(moving, "spo2", 1_000)).toBe(98);
  });
});
