import { describe, expect, it } from "vitest";
import { conditionsOf, extremeRates } from "../../src/monitor/conditions";
import { ADULT_LIMITS } from "../../src/patient/signs";
import type { Limits } from "../../src/wire/types";
import { shown } from "./bed";
import { NOW, patient } from "./patient";

describe("extreme rates", () => {
  const of = (low: number | null, high: number | null) =>
    extremeRates({ ...ADULT_LIMITS, heart_rate: { low, high } });

  it("lie 20 beyond the limits, at 40 and 200 at the latest", () => {
    expect(of(75, 160)).toEqual({ low: 55, high: 180 });
    expect(of(50, 120)).toEqual({ low: 40, high: 140 });
    expect(of(100, 200)).toEqual({ low: 80, high: 200 });
  });

  it("never lie inside the limits that somebody has set", () => {
    expect(of(30, 230)).toEqual({ low: 30, high: 230 });
    expect(of(null, null)).toEqual({ low: null, high: null });
  });
});

describe("pressures", () => {
  const cuff = { systolic: 70, diastolic: 40, mean: 50, at: NOW };
  const ofPressure = (flags: Record<string, boolean>, failed = false, limits: Limits = ADULT_LIMITS) =>
    conditionsOf(shown(patient({ systolic: 70, diastolic: 40, flags }), cuff), limits, failed).filter(
      ({ tile }) => tile === "nibp",
    );

  it("alarm at once: what the cuff has found does not change before the next time", () => {
    expect(ofPressure({}).map(({ delay_seconds }) => delay_seconds)).toEqual([0]);
  });

  it("are one alarm: the systolic one, else that of the pressure that has limits", () => {
    const none = { low: null, high: null };
    expect(ofPressure({}).map(({ id }) => id)).toEqual(["systolic_low"]);
    expect(ofPressure({}, false, { ...ADULT_LIMITS, systolic: none }).map(({ id }) => id)).toEqual(["mean_low"]);
    expect(ofPressure({}, false, { ...ADULT_LIMITS, systolic: none, mean: none }).map(({ id }) => id)).toEqual(["diastolic_low"]);
  });

  it("are a low alarm when the cuff is off or found nothing", () => {
    expect(ofPressure({ nibp_off: true }, true).map(({ id, priority }) => [id, priority])).toEqual([["nibp_off", "low"]]);
    expect(ofPressure({}, true).map(({ id }) => id)).toContain("nibp_failed");
  });
});

it("takes an organised rhythm at a rate of 0 for asystole", () => {
  const ids = conditionsOf(shown(patient({ heart_rate: 0 })), ADULT_LIMITS, false).map(({ id }) => id);
  expect(ids).toContain("asystole");
  expect(ids).not.toContain("heart_rate_low");
  expect(ids).not.toContain("extreme_bradycardia");
});
