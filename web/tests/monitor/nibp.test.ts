import { describe, expect, it } from "vitest";
import {
  cuffAt,
  cuffPhase,
  cuffPressure,
  MEASURING_SECONDS,
  restingCuff,
  startCuff,
  stopCuff,
} from "../../src/monitor/nibp";
import { NOW, seconds } from "./patient";

const found = () => ({ systolic: 118, diastolic: 76, mean: 90 });
const nothing = () => null;

describe("the cuff", () => {
  it("goes up for 16 s, holds for one and comes down in 13", () => {
    const cuff = startCuff(restingCuff(), NOW, 120);
    expect(cuffPhase(cuff, seconds(15.9))).toBe("inflating");
    expect(cuffPhase(cuff, seconds(16.1))).toBe("holding");
    expect(cuffPhase(cuff, seconds(17.1))).toBe("deflating");
    expect(cuffPressure(cuff, seconds(8))).toBe(80);
    expect(cuffPressure(cuff, seconds(16))).toBe(160);
    const falling = Array.from({ length: 53 }, (_, i) => cuffPressure(cuff, seconds(17 + i / 4)));
    expect(falling.every((pressure, i) => i === 0 || pressure <= (falling[i - 1] ?? 0))).toBe(true);
    expect(falling.at(-1)).toBe(0);
  });

  it("pumps above the patient's pressure, within what a cuff stands", () => {
    expect(startCuff(restingCuff(), NOW, 190).peak).toBe(225);
    expect(startCuff(restingCuff(), NOW, 300).peak).toBe(280);
    expect(startCuff(restingCuff(), NOW, 60).peak).toBe(160);
  });

  it("has its result at the end, with the time of the end", () => {
    let cuff = startCuff(restingCuff(), NOW, 120);
    cuff = cuffAt(cuff, seconds(MEASURING_SECONDS - 0.1), found);
    expect(cuff.last).toBeNull();
    cuff = cuffAt(cuff, seconds(MEASURING_SECONDS + 2), found);
    expect(cuff.last).toEqual({ ...found(), at: seconds(MEASURING_SECONDS) });
    expect(cuffPhase(cuff, seconds(MEASURING_SECONDS + 2))).toBe("idle");
  });

  it("reads what was when it was done, however late the tab wakes up", () => {
    const asked: number[] = [];
    cuffAt(startCuff(restingCuff(), NOW, 120), seconds(600), (at) => {
      asked.push(at);
      return found();
    });
    expect(asked).toEqual([seconds(MEASURING_SECONDS)]);
  });

  it("keeps the last result while it measures and when it is stopped", () => {
    const last = { systolic: 130, diastolic: 80, mean: 97, at: NOW - 60_000 };
    const cuff = startCuff(restingCuff(last), NOW, 130);
    expect(cuffAt(cuff, seconds(10), found).last).toEqual(last);
    expect(stopCuff(cuff)).toMatchObject({ started_at: null, last });
  });

  it("does not start twice", () => {
    const cuff = startCuff(restingCuff(), NOW, 120);
    expect(startCuff(cuff, seconds(5), 120)).toBe(cuff);
  });

  it("says so when it finds no pulse, and forgets it with the next result", () => {
    let cuff = cuffAt(startCuff(restingCuff(), NOW, 120), seconds(40), nothing);
    expect(cuff).toMatchObject({ last: null, failed_at: seconds(MEASURING_SECONDS) });
    cuff = cuffAt(startCuff(cuff, seconds(60), 120), seconds(100), found);
    expect(cuff).toMatchObject({ failed_at: null, last: found() });
  });
});
