import { describe, expect, it } from "vitest";
import { nextStep, sentSteps, type Done } from "../../src/dashboard/room/case/steps";
import { patchOfEvent, patchOfStep } from "../../src/patient/patches";
import type { TemplateStep, VitalsPatch } from "../../src/wire/types";
import { anEvent, NOON } from "./fakeDevice";

function aStep(part: Partial<TemplateStep>): TemplateStep {
  return { key: "step", title: "Step", at_seconds: null, ramp_seconds: 0, vitals: {}, rhythm: null, flags: {}, note: null, ...part };
}

function pushed(id: string, patch: VitalsPatch): Done {
  return { id, at: NOON, patch, text: null, isConfirmed: true };
}

const onset = aStep({ vitals: { heart_rate: 108, spo2: 96 }, ramp_seconds: 50, note: "Itching" });
const arrest = aStep({ rhythm: "ventricular_fibrillation", flags: { pulseless: true, cpr: null } });
const cue = aStep({ title: "Ask for the handover" });

describe("a step of the case", () => {
  it("is one push of what it names", () => {
    expect(patchOfStep(onset)).toEqual({ vitals: { heart_rate: 108, spo2: 96 }, ramp_seconds: 50 });
    expect(patchOfStep(arrest)).toEqual({
      rhythm: "ventricular_fibrillation",
      flags: { pulseless: true, cpr: null },
    });
  });

  it("is known again in the record, whoever sent it", () => {
    const event = anEvent({ id: "e", kind: "vitals", heart_rate: 108, spo2: 96, ramp_seconds: 50, flags: {} });
    const done = sentSteps([onset, arrest], [pushed("e", patchOfEvent(event))]);
    expect(done.map((one) => one?.id ?? null)).toEqual(["e", null]);
  });

  it("is not taken for sent by a push that only resembles it", () => {
    expect(sentSteps([onset], [pushed("a", { vitals: { heart_rate: 108 }, ramp_seconds: 50 })])).toEqual([null]);
    expect(sentSteps([onset], [pushed("a", { vitals: { heart_rate: 108, spo2: 95 }, ramp_seconds: 50 })])).toEqual([null]);
    expect(sentSteps([onset], [pushed("a", { vitals: { heart_rate: 108, spo2: 96 }, rhythm: "svt" })])).toEqual([null]);
  });

  it("is known again when the case was played faster than in life", () => {
    const fast = pushed("a", { vitals: { heart_rate: 108, spo2: 96 }, ramp_seconds: 2.5 });
    expect(sentSteps([onset], [fast])).toEqual([fast]);
  });

  it("of the same content twice takes two pushes", () => {
    const patch = patchOfStep(onset);
    expect(sentSteps([onset, onset], [pushed("a", patch)]).map((one) => one?.id)).toEqual(["a", undefined]);
    expect(sentSteps([onset, onset], [pushed("a", patch), pushed("b", patch)]).map((one) => one?.id)).toEqual(["a", "b"]);
  });

  it("without any change is known by its note", () => {
    const noted: Done = { id: "n", at: NOON, patch: null, text: "Ask for the handover", isConfirmed: false };
    expect(sentSteps([cue], [noted])).toEqual([noted]);
  });
});

describe("the next step", () => {
  const done = pushed("a", {});
  it("is the first of a case that has not begun", () => expect(nextStep([null, null])).toBe(0));
  it("follows the last that was sent, also over a gap", () => expect(nextStep([done, null, done, null])).toBe(3));
  it("is none when the case is through", () => expect(nextStep([done, done])).toBeNull());
  it("is none where there are no steps", () => expect(nextStep([])).toBeNull());
});
