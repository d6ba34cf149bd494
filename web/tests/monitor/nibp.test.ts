import { describe, expect, it } from "vitest";
import { cuffAt } from "../../src/monitor/nibp";
import { fold, pause, resume } from "../../src/patient/fold";
import { act } from "../../src/patient/nibp";
import { patient, seconds } from "./patient";

const started = (change = {}, at = 0) => act(patient(change), "nibp_start", {}, seconds(at));
const phases = (last = started()) => [0, 15.9, 16.1, 17.1, 29.9, 30.1].map((at) => cuffAt(last, seconds(at)).phase);

describe("the cuff", () => {
  it("is at rest, and has found nothing, before the first measurement", () => {
    expect(cuffAt(patient(), seconds(0))).toEqual({ phase: "idle", pressure: 0, last: null, hasFailed: false, cycle_minutes: null });
  });

  it("goes up for 16 s, holds for one and comes down in 13", () => {
    const last = started();
    expect(phases(last)).toEqual(["inflating", "inflating", "holding", "deflating", "deflating", "idle"]);
    expect(cuffAt(last, seconds(8)).pressure).toBe(80);
    expect(cuffAt(last, seconds(16)).pressure).toBe(160);
    const falling = Array.from({ length: 53 }, (_, i) => cuffAt(last, seconds(17 + i / 4)).pressure);
    expect(falling.every((pressure, i) => i === 0 || pressure <= (falling[i - 1] ?? 0))).toBe(true);
    expect(falling.at(-1)).toBe(0);
  });

  it("pumps above the patient's pressure, within what a cuff stands", () => {
    expect(cuffAt(started({ systolic: 190 }), seconds(16)).pressure).toBe(225);
    expect(cuffAt(started({ systolic: 300 }), seconds(16)).pressure).toBe(280);
    expect(cuffAt(started({ systolic: 60, diastolic: 40 }), seconds(16)).pressure).toBe(160);
  });

  it("has its result when it is down, with that time", () => {
    const last = fold(started(), { vitals: { systolic: 200 } }, seconds(5));
    expect(cuffAt(last, seconds(29.9)).last).toBeNull();
    const found = { systolic: 120, diastolic: 80, mean: 93, at: seconds(30) };
    expect(cuffAt(last, seconds(30)).last).toEqual(found);
    expect(cuffAt(last, seconds(100_000)).last).toEqual(found);
  });

  it("keeps the last result while it measures, when it is stopped, and when it finds nothing", () => {
    const found = { systolic: 120, diastolic: 80, mean: 93, at: seconds(30) };
    const again = act(fold(started(), { vitals: { systolic: 90 } }, seconds(40)), "nibp_start", {}, seconds(60));
    expect(cuffAt(again, seconds(70))).toMatchObject({ phase: "inflating", last: found });
    const stopped = act(again, "nibp_stop", {}, seconds(71));
    expect(cuffAt(stopped, seconds(71))).toMatchObject({ phase: "idle", pressure: 0, last: found, hasFailed: false });
    const failing = fold(again, { rhythm: "asystole" }, seconds(72));
    expect(cuffAt(failing, seconds(121))).toMatchObject({ phase: "idle", last: found, hasFailed: true });
  });

  it("tries twice before it says that it finds nothing, the second time higher", () => {
    const last = started({ flags: { pulseless: true } });
    expect(cuffAt(last, seconds(29)).phase).toBe("deflating");
    expect(cuffAt(last, seconds(31)).phase).toBe("inflating");
    expect(cuffAt(last, seconds(46)).pressure).toBe(200);
    expect(cuffAt(last, seconds(59.9))).toMatchObject({ phase: "deflating", hasFailed: false });
    expect(cuffAt(last, seconds(60))).toMatchObject({ phase: "idle", hasFailed: true, last: null });
  });

  it("does not jump when the pulse goes in the middle of a measurement", () => {
    const last = started();
    const failing = fold(last, { rhythm: "asystole" }, seconds(20));
    for (const at of [20, 25, 29]) expect(cuffAt(failing, seconds(at))).toEqual(cuffAt(last, seconds(at)));
  });

  it("stands while the session is paused", () => {
    const paused = pause(started(), seconds(8));
    for (const at of [8, 9, 400]) expect(cuffAt(paused, seconds(at))).toMatchObject({ phase: "inflating", pressure: 80 });
    const resumed = resume(paused, seconds(400));
    expect(cuffAt(resumed, seconds(400))).toMatchObject({ phase: "inflating", pressure: 80 });
    expect(cuffAt(resumed, seconds(422)).last?.at).toBe(seconds(422));
  });
});
