import { describe, expect, it } from "vitest";
import { fold, pause, resume } from "../../src/patient/fold";
import { valueAt } from "../../src/patient/ramps";
import { SIGN_NAMES, SIGNS } from "../../src/patient/signs";
import type { LastValues, SignName, Signs, VitalsPatch } from "../../src/wire/types";
import file from "../../../tests/vectors/pauses.json";

interface Move {
  at: string;
  push?: VitalsPatch;
  pause?: true;
}

interface Vector {
  name: string;
  moves: Move[];
  paused_at: string | null;
  ramps: LastValues["ramps"];
  shown: { sign: SignName; at: string; value: number }[];
}

const signs = Object.fromEntries(SIGN_NAMES.map((name) => [name, SIGNS[name].start])) as Signs;
const start: LastValues = { ...signs, rhythm: "sinus", flags: {}, ramps: {}, nibp: null };

function move(last: LastValues, { at, push, ...which }: Move): LastValues {
  const now = Date.parse(at);
  if (push !== undefined) return fold(last, push, now);
  return which.pause ? pause(last, now) : resume(last, now);
}

describe("the vectors that the server is held to as well", () => {
  it.each(file.vectors as Vector[])("$name", (vector) => {
    const last = vector.moves.reduce(move, start);
    expect(last.ramps).toEqual(vector.ramps);
    expect(last.paused_at ?? null).toBe(vector.paused_at);
    for (const { sign, at, value } of vector.shown) expect(valueAt(last, sign, Date.parse(at)), at).toBe(value);
  });
});
