import { describe, expect, it } from "vitest";
import { dryRun } from "../../src/patient/dryRun";
import { SIGN_NAMES, SIGNS } from "../../src/patient/signs";
import type { LastValues, Signs, TemplateStep } from "../../src/wire/types";
import file from "../../../tests/vectors/moves.json";

interface Vector {
  case: string;
  start: Partial<Signs>;
  steps: Partial<TemplateStep>[];
  tried: [number, "marker" | "action", string][];
  moves: [number, string | null][];
  suggestions: [number, string | null][];
}

const signs = Object.fromEntries(SIGN_NAMES.map((name) => [name, SIGNS[name].start])) as Signs;
const start: LastValues = { ...signs, rhythm: "sinus", flags: {}, ramps: {}, nibp: null };

function aStep(part: Partial<TemplateStep>): TemplateStep {
  const blank = { key: "", title: "", at_seconds: null, ramp_seconds: 0, vitals: {}, rhythm: null, flags: {}, note: null };
  return { ...blank, transitions: [], ...part };
}

describe("the vectors that the server is held to as well", () => {
  it.each(file.vectors as unknown as Vector[])("$case", (vector) => {
    const tried = vector.tried.map(([seconds, kind, key]) => ({ seconds, kind, key }));
    const run = dryRun({ ...start, ...vector.start }, vector.steps.map(aStep), tried);
    expect(run.moves.map(({ seconds, step }) => [seconds, step])).toEqual(vector.moves);
    expect(run.suggestions.map(({ seconds, step }) => [seconds, step])).toEqual(vector.suggestions);
  });
});
