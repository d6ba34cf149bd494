import { describe, expect, it } from "vitest";
import { chartSentence } from "../../../src/dashboard/debrief/chart/sentence";
import { bandsOf } from "../../../src/dashboard/debrief/chart/spans";
import { limitsCourse } from "../../../src/dashboard/debrief/limitsCourse";
import { RecordCourse, type SignChange } from "../../../src/dashboard/room/record/course";
import { ADULT_LIMITS } from "../../../src/patient/signs";
import { NOON } from "../fakeDevice";

const at = (seconds: number) => NOON + seconds * 1000;

function said(seconds: number, ...changes: SignChange[]): string {
  const course = new RecordCourse(changes, NOON);
  const span = { from: NOON, until: at(seconds) };
  return chartSentence({
    span, course, time: { startedAt: NOON, zero: NOON, pauses: [] }, limits: limitsCourse(undefined, ADULT_LIMITS),
    bands: bandsOf(course, span.until), lines: [],
  }).replace(/\s/g, " "); // prettier-ignore
}

describe("the course in one sentence", () => {
  it("tells the pressure that the patient had, though no cuff measured it", () => {
    const shock = { at: at(60), patch: { vitals: { systolic: 72, diastolic: 36, spo2: 88 }, ramp_seconds: 90 } };
    const better = { at: at(400), patch: { vitals: { systolic: 108, diastolic: 64, spo2: 96 } } };
    const turned = { at: at(105), patch: { vitals: { systolic: 120, diastolic: 80 } } };
    expect(said(600, shock, better)).toContain("SYS lowest 72 mmHg, SpO₂ lowest 88 %");
    // Half of the way down, and up again.
    expect(said(600, shock, turned)).toContain("SYS lowest 96 mmHg");
  });

  it("tells of an arrest that there was one, and no value of it", () => {
    const patch = { vitals: { systolic: 0, diastolic: 0, spo2: 30, etco2: 0, respiratory_rate: 0 }, rhythm: "ventricular_fibrillation" as const };
    const back = { at: at(200), patch: { vitals: { systolic: 85, diastolic: 50, spo2: 84, etco2: 40, respiratory_rate: 12 }, rhythm: "sinus" as const } };
    const sentence = said(600, { at: at(100), patch }, back);
    expect(sentence).toContain("SYS lowest 85 mmHg, SpO₂ lowest 84 %");
    expect(sentence).toContain("EtCO₂ lowest 38 mmHg");
    expect(sentence).toContain("1 arrest");
  });
});
