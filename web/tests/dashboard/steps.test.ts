import { describe, expect, it } from "vitest";
import { lastPlayed, nextOnItsWay, nextStep, type PlayedStep } from "../../src/dashboard/room/case/steps";
import { patchOfPush, patchOfStep } from "../../src/patient/patches";
import type { TemplateStep } from "../../src/wire/types";
import { NOON } from "./fakeDevice";

function aStep(part: Partial<TemplateStep>): TemplateStep {
  return { key: "step", title: "Step", at_seconds: null, ramp_seconds: 0, vitals: {}, rhythm: null, flags: {}, note: null, transitions: [], ...part };
}

const played = (step: string, at = NOON): PlayedStep => ({ step, at, isConfirmed: true });

const onset = aStep({ key: "onset", vitals: { heart_rate: 108, spo2: 96 }, ramp_seconds: 50, note: "Itching" });
const again = aStep({ ...onset, key: "again" });
const arrest = aStep({ key: "arrest", rhythm: "ventricular_fibrillation", flags: { pulseless: true, cpr: null } });
const cue = aStep({ key: "handover", title: "Ask for the handover" });

describe("a step of the case", () => {
  it("is one push of what it names", () => {
    expect(patchOfStep(onset)).toEqual({ vitals: { heart_rate: 108, spo2: 96 }, ramp_seconds: 50 });
    expect(patchOfStep(arrest)).toEqual({
      rhythm: "ventricular_fibrillation",
      flags: { pulseless: true, cpr: null },
    });
  });

  it("changes what is written in it if only its key is sent, else what is sent", () => {
    expect(patchOfPush({ step: "onset" }, [onset, arrest])).toEqual(patchOfStep(onset));
    expect(patchOfPush({ step: "onset", rhythm: "svt" }, [onset])).toEqual({ step: "onset", rhythm: "svt" });
    expect(patchOfPush({ step: "handover" }, [cue])).toEqual({});
    expect(patchOfPush({ step: "unheard of" }, [onset])).toEqual({ step: "unheard of" });
  });

  it("is known again by its key, whoever played it and whatever it changed", () => {
    expect(lastPlayed([onset, arrest], [played("onset")])).toEqual([played("onset"), null]);
    expect(lastPlayed([onset, cue], [played("handover")])).toEqual([null, played("handover")]);
  });

  it("is not taken for another one of the same content", () => {
    expect(lastPlayed([onset, again], [played("again")])).toEqual([null, played("again")]);
  });

  it("that was played twice tells of the last time", () => {
    expect(lastPlayed([onset], [played("onset"), played("onset", NOON + 60_000)])).toEqual([played("onset", NOON + 60_000)]);
  });
});

describe("the next step", () => {
  const done = played("a");
  it("is the first of a case that has not begun", () => expect(nextStep([null, null])).toBe(0));
  it("follows the last that was played, also over a gap", () => expect(nextStep([done, null, done, null])).toBe(3));
  it("is none when the case is through", () => expect(nextStep([done, done])).toBeNull());
  it("is none where there are no steps", () => expect(nextStep([])).toBeNull());
});

describe("the next step of a case that goes its own ways", () => {
  const steps = ["well", "shock", "arrest", "better"].map((key) => aStep({ key }));
  const sent = [played("well"), played("shock"), null, null];
  const way = (to: string | null) => ({ transition: { to, label: null, automatic: true, on: { after: 60 } }, at: NOON });
  const next = (ways: (string | null)[], step: string | null = "shock", enteredAt = NOON) =>
    nextOnItsWay(steps, sent, { progress: { step, enteredAt }, ways: ways.map(way) });

  it("is where the first way leads, wherever that stands", () => expect(next(["better", "arrest"])).toBe(3));
  it("may have been played before", () => expect(next(["well"])).toBe(0));
  it("is none where the case can only end", () => expect(next([null])).toBeNull());
  it("is none after its end", () => expect(next([], null)).toBeNull());
  it("is the next of the list where the step has no way out", () => expect(next([])).toBe(2));
  it("is the first before the case has begun", () => {
    expect(nextOnItsWay(steps, [null, null, null, null], { progress: { step: null, enteredAt: 0 }, ways: [] })).toBe(0);
  });
  it("is the next of the list in a case without ways", () => {
    expect(nextOnItsWay(steps, sent, { progress: null, ways: [] })).toBe(2);
  });
});
