import { describe, expect, it } from "vitest";
import { RecordCourse, type SignChange } from "../../../src/dashboard/room/record/course";
import { chartOf } from "../../../src/dashboard/debrief/chart/lanes";
import { limitsCourse } from "../../../src/dashboard/debrief/limitsCourse";
import { lineEnds, spread } from "../../../src/dashboard/debrief/paper/lineEnds";
import { ADULT_LIMITS } from "../../../src/patient/signs";
import { NOON } from "../fakeDevice";

const at = (seconds: number) => NOON + seconds * 1000;

function endsOf(...changes: SignChange[]): Record<string, string[]> {
  const view = { from: at(0), until: at(600) };
  const { lanes, track } = chartOf(new RecordCourse(changes, at(0)), view, limitsCourse(undefined, ADULT_LIMITS), 1000);
  return Object.fromEntries(lanes.map((lane) => [lane.name, lineEnds(lane, track).map(({ sign, whose, value }) => `${whose} ${sign} ${value}`)]));
}

describe("the ends of the lines on paper", () => {
  it("are named where a lane has more than one line, and where its only one is not what was shown", () => {
    const ramp: SignChange = { at: at(60), patch: { vitals: { heart_rate: 130 }, ramp_seconds: 60 } };
    expect(endsOf(ramp)).toMatchObject({
      heart_rate: [],
      spo2: [],
      // Nobody has measured it.
      pressure: ["patient systolic 120", "patient diastolic 80"],
    });
  });

  it("say of each pressure which it is, and whose", () => {
    const changes: SignChange[] = [
      { at: at(0), action: "nibp_start", details: {} },
      { at: at(300), patch: { vitals: { systolic: 80, diastolic: 50 } } },
    ];
    expect(endsOf(...changes)["pressure"]).toEqual([
      "monitor systolic 120", "patient systolic 80", "monitor diastolic 80", "patient diastolic 50",
    ]); // prettier-ignore
  });

  it("tell apart what was shown until a sensor went off, and what was so", () => {
    const changes: SignChange[] = [
      { at: at(100), patch: { flags: { spo2_off: true } } },
      { at: at(200), patch: { vitals: { spo2: 82 } } },
    ];
    expect(endsOf(...changes)["spo2"]).toEqual(["monitor spo2 98", "patient spo2 82"]);
  });
});

describe("what lines are called", () => {
  it("stands where they end, or as near to it as there is room", () => {
    expect(spread([30, 10], 12, 0, 50)).toEqual([30, 10]);
    expect(spread([20, 20, 20], 12, 0, 50)).toEqual([20, 32, 44]);
    expect(spread([48, 49, 50], 12, 0, 50)).toEqual([26, 38, 50]);
    expect(spread([-5, 2, 60], 12, 0, 50)).toEqual([0, 12, 50]);
    expect(spread([], 12, 0, 50)).toEqual([]);
  });
});
