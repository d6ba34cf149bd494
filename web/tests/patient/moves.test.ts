import { describe, expect, it } from "vitest";
import { dryRun, type RunningTemplate } from "../../src/patient/dryRun";
import { pause, resume } from "../../src/patient/fold";
import { advance, nextMove, progressOf } from "../../src/patient/moves";
import { START_VALUES } from "../../src/patient/signs";
import type { Signs, TemplateStep } from "../../src/wire/types";
import file from "../../../tests/vectors/moves.json";

interface Vector {
  case: string;
  start: Partial<Signs>;
  steps: Partial<TemplateStep>[];
  tried: [number, "marker" | "action", string][];
  moves: [number, string | null][];
  suggestions: [number, string | null][];
}

interface DryVector {
  case: string;
  template: Omit<Partial<RunningTemplate>, "steps"> & { steps: Partial<TemplateStep>[] };
  tried: [number, "marker" | "action", string][];
  answer: object;
}

function aStep(part: Partial<TemplateStep>): TemplateStep {
  const blank = { key: "", title: "", at_seconds: null, ramp_seconds: 0, vitals: {}, rhythm: null, flags: {}, note: null };
  const transitions = (part.transitions ?? []).map((each) => ({ ...each, label: each.label ?? null }));
  return { ...blank, ...part, transitions };
}

function aTemplate({ steps, ...part }: DryVector["template"]): RunningTemplate {
  return { vitals: {}, rhythm: null, flags: {}, duration_minutes: null, ...part, steps: steps.map(aStep) };
}

function asTried(tried: Vector["tried"]) {
  return tried.map(([at_seconds, kind, key]) => ({ at_seconds, kind, key }));
}

describe("the vectors that the server is held to as well", () => {
  it.each(file.vectors as unknown as Vector[])("$case", (vector) => {
    const run = dryRun(aTemplate({ vitals: vector.start, steps: vector.steps }), asTried(vector.tried));
    // Without the first step, which no rule plays.
    expect(run.moves.slice(1).map(({ at_seconds, step }) => [at_seconds, step])).toEqual(vector.moves);
    expect(run.suggestions.map(({ at_seconds, to }) => [at_seconds, to])).toEqual(vector.suggestions);
  });

  it.each(file.runs as unknown as DryVector[])("$case", ({ template, tried, answer }) => {
    expect(dryRun(aTemplate(template), asTried(tried))).toMatchObject(answer);
  });
});

describe("a draft that is not finished", () => {
  it("runs as far as it goes", () => {
    const steps = [aStep({ key: "a", transitions: [{ to: "gone", automatic: true, label: null, on: { after: 10 } }] })];
    const run = dryRun(aTemplate({ vitals: { systolic: 60, diastolic: 80 }, steps }), []);
    expect(run.moves.map(({ step }) => step)).toEqual(["a", "gone"]);
    expect(run.states.map(({ at_seconds, step }) => [at_seconds, step])).toEqual([[0, null], [0, "a"], [10, null]]);
  });
});

describe("a pause", () => {
  it("in which the automation is switched on counts for nothing", () => {
    const on = { when: [{ sign: "spo2" as const, op: "gt" as const, value: 90 }], hold: 0 };
    const steps = [aStep({ key: "a", transitions: [{ to: null, automatic: true, label: null, on }] })];
    const by = { role: "trainer" as const, id: null, name: "" };
    const says = (action: string, at: number) =>
      ({ kind: "case" as const, step: null, marker: null, details: { action }, by, createdAt: at });
    const paused = pause(START_VALUES, 30_000);
    let progress = advance(steps, progressOf(START_VALUES, 0), says("automation_off", 0), START_VALUES);
    progress = advance(steps, progress, { ...says("", 0), kind: "vitals", step: "a", details: null }, START_VALUES);
    progress = advance(steps, progress, says("paused", 30_000), paused);
    progress = advance(steps, progress, says("automation_on", 40_000), paused);
    progress = advance(steps, progress, says("resumed", 100_000), resume(paused, 100_000));
    expect(nextMove(steps, progress)?.at).toBe(100_000);
  });
});
