// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import opioid from "../../../seeds/templates/opioid_overdose.json";
import { moveWords, outcomeLines, suggestionWords, warningWords } from "../../src/dashboard/editor/preview/causeWords";
import { arrivedIn, courseOf, measured } from "../../src/dashboard/editor/preview/course";
import { curveOf, pathOf, scaleOf, ticksOf } from "../../src/dashboard/editor/preview/curves";
import { offersOf } from "../../src/dashboard/editor/preview/offers";
import { readSeconds } from "../../src/dashboard/editor/seconds";
import { chooseLanguage } from "../../src/i18n";
import { cuffOf, downAt } from "../../src/patient/cuff";
import { dryRun, type RunningTemplate, type Tried } from "../../src/patient/dryRun";
import { START_VALUES } from "../../src/patient/signs";
import type { TemplateStep } from "../../src/wire/types";

const blank = { at_seconds: null, ramp_seconds: 0, vitals: {}, rhythm: null, flags: {}, note: null, transitions: [] };
const aStep = (part: Partial<TemplateStep> & { key: string }): TemplateStep => ({ ...blank, title: part.key.toUpperCase(), ...part });
const aCase = (steps: TemplateStep[], more: Partial<RunningTemplate> = {}): RunningTemplate => ({
  vitals: {}, rhythm: null, flags: {}, duration_minutes: null, steps, ...more,
}); // prettier-ignore
const goes = (to: string | null, on: TemplateStep["transitions"][number]["on"], automatic = true, label: string | null = null) => ({
  to, on, automatic, label,
}); // prettier-ignore
const tried = (at_seconds: number, key: string): Tried => ({ at_seconds, kind: "marker", key });

/** Asleep, then apnoea unless naloxone comes; the heart stops on the way. */
const SLEEPY = aCase([
  aStep({
    key: "sleepy",
    vitals: { spo2: 90 },
    ramp_seconds: 60,
    transitions: [goes("better", { marker: "naloxone" }), goes("apnoea", { after: 180 })],
  }),
  aStep({
    key: "apnoea",
    vitals: { heart_rate: 0 },
    ramp_seconds: 100,
    transitions: [goes("better", { when: [{ sign: "heart_rate", op: "lt", value: 40 }], hold: 10 }, false, "Wake up")],
  }),
  aStep({ key: "better", vitals: { heart_rate: 80, spo2: 96 } }),
]);

describe("the course of a case", () => {
  it("has a band for each time in a step, and ends a bit behind what happens last", () => {
    const course = courseOf(SLEEPY, []);
    expect(course.bands).toEqual([
      { key: "sleepy", begin: 0, end: 180 },
      { key: "apnoea", begin: 180, end: 360 },
    ]);
    expect(course.until).toBe(360);
    expect(course.isPlan).toBe(false);
  });

  it("follows what is tried", () => {
    const course = courseOf(SLEEPY, [tried(100, "naloxone")]);
    expect(course.bands.map(({ key, begin }) => [key, begin])).toEqual([["sleepy", 0], ["better", 100]]);
    expect(course.pulseless).toEqual([]);
  });

  it("tells where there is no pulse, and joins it over steps", () => {
    expect(courseOf(SLEEPY, []).pulseless).toEqual([{ begin: 280, end: 360 }]);
    const steps = [
      aStep({ key: "vf", rhythm: "ventricular_fibrillation", transitions: [goes("cpr", { after: 30 })] }),
      aStep({ key: "cpr", flags: { cpr: true }, transitions: [goes("rosc", { after: 30 })] }),
      aStep({ key: "rosc", rhythm: "sinus" }),
    ];
    expect(courseOf(aCase(steps), []).pulseless).toEqual([{ begin: 0, end: 60 }]);
  });

  it("never goes beyond the duration of the case", () => {
    const course = courseOf({ ...SLEEPY, duration_minutes: 2 }, [tried(300, "naloxone")]);
    expect([course.until, course.bands]).toEqual([120, [{ key: "sleepy", begin: 0, end: 120 }]]);
  });

  it("of a case that is moved by hand is its plan", () => {
    const steps = [aStep({ key: "a" }), aStep({ key: "b", at_seconds: 90 }), aStep({ key: "c" })];
    const course = courseOf(aCase(steps), []);
    expect(course.isPlan).toBe(true);
    expect(course.bands.map(({ key, begin }) => [key, begin])).toEqual([["a", 0], ["b", 90], ["c", 150]]);
    expect(course.run.moves).toHaveLength(1);
  });

  it("knows what the patient has in a step, also in one that nothing leads to", () => {
    const course = courseOf(SLEEPY, []);
    expect(arrivedIn(SLEEPY, course, "sleepy")).toMatchObject({ spo2: 90, heart_rate: 75, ramps: {} });
    expect(arrivedIn(SLEEPY, course, "better")).toMatchObject({ spo2: 96, heart_rate: 80 });
    expect(arrivedIn(SLEEPY, course, "apnoea")).toMatchObject({ spo2: 90, heart_rate: 0 });
  });

  it("has a finished measurement of the pressure for a monitor, but none without a pulse", () => {
    const now = Date.parse("2026-11-27T10:00:00.000Z");
    const shock = { ...START_VALUES, systolic: 78, diastolic: 42 };
    const seen = measured(shock, now);
    expect(seen.nibp).toMatchObject({ systolic: 78, diastolic: 42, failed: false });
    expect(downAt(cuffOf(seen)!)).toBeLessThan(now);
    // What a try has measured on the way was measured of other values.
    expect(measured({ ...seen, systolic: 90 }, now).nibp).toMatchObject({ systolic: 90 });
    for (const flags of [{ pulseless: true }, { nibp_off: true }]) expect(measured({ ...shock, flags }, now).nibp).toBeNull();
  });
});

describe("a curve", () => {
  it("is a slope along a ramp and stands upright at a jump", () => {
    const { states, until } = courseOf(SLEEPY, [tried(240, "naloxone")]);
    expect(curveOf(states, "spo2", until)).toEqual([[0, 98], [60, 90], [until, 90]]);
    expect(curveOf(states, "heart_rate", until)).toEqual([[0, 75], [180, 75], [280, 0], [until, 0]]);
    const jumps = courseOf(SLEEPY, [tried(100, "naloxone")]);
    expect(curveOf(jumps.states, "spo2", 200)).toEqual([[0, 98], [60, 90], [100, 90], [100, 96], [200, 96]]);
  });

  it("breaks off a ramp where the next step begins", () => {
    const { states, until } = courseOf(SLEEPY, [tried(30, "naloxone")]);
    expect(curveOf(states, "spo2", until)).toEqual([[0, 98], [30, 94], [30, 96], [until, 96]]);
  });

  it("has room for its values and its limits, and hardly moves where the sign hardly moves", () => {
    expect(scaleOf("heart_rate", [[[0, 75], [10, 75]]], { low: null, high: null })).toEqual({ low: 70, high: 80 });
    const { low, high } = scaleOf("spo2", [[[0, 98], [60, 70]]], { low: 90, high: null });
    expect(low).toBeLessThan(70);
    expect(high).toBe(100);
    expect(pathOf([[0, 0], [50, 10], [100, 10]], 100, { low: 0, high: 10 })).toBe("M0 100L50 0L100 0");
  });

  it("has a few even ticks", () => {
    expect(ticksOf(360)).toEqual([0, 60, 120, 180, 240, 300, 360]);
    expect(ticksOf(7200)).toHaveLength(9);
  });
});

describe("a long case", () => {
  const steps = Array.from({ length: 50 }, (_, place) =>
    aStep({
      key: `s${place}`,
      vitals: { heart_rate: 60 + (place % 5) * 20, spo2: 99 - (place % 7), systolic: 100 + place, diastolic: 40 + (place % 30) },
      ramp_seconds: 120,
      transitions: [
        goes(`s${(place + 1) % 50}`, { after: 144 }),
        goes(`s${(place + 2) % 50}`, { when: [{ sign: "mean", op: "lt", value: 40 }, { sign: "heart_rate", op: "ge", value: 250 }], hold: 60 }),
      ],
    }),
  );
  const long = aCase(steps, { duration_minutes: 120 });

  it("of fifty steps and two hours is a few hundred points", () => {
    const course = courseOf(long, []);
    expect(course.bands).toHaveLength(50);
    expect(curveOf(course.states, "heart_rate", course.until).length).toBeLessThanOrEqual(3 * course.states.length);
  });

  it("is looked through between two strokes of a key: at each of its moves, not at each of its seconds", () => {
    let looks = 0;
    const watched = <T extends object>(of: T): T =>
      new Proxy(of, {
        get(target, name) {
          looks++;
          const value: unknown = Reflect.get(target, name);
          return typeof value === "object" && value !== null ? watched(value) : value;
        },
      });
    const course = courseOf({ ...long, steps: watched(steps) }, []);
    // Counted, for a clock tells what else the machine does. It stays in each step for 144 s, and stands at some 560.
    expect(looks / course.bands.length).toBeLessThan(1_000);
  });
});

describe("what a dry run finds, in words", () => {
  afterEach(() => chooseLanguage("en"));
  const run = dryRun(SLEEPY, []);
  const all = (tries: Tried[] = []) => outcomeLines(dryRun(SLEEPY, tries), tries, SLEEPY.steps).map(({ at_seconds, words }) => `${at_seconds} ${words}`);

  it("is a list in the order of time", () => {
    expect(all().map((line) => line.replaceAll("\u00a0", " "))).toEqual([
      "0 The case starts with “SLEEPY”.",
      "180 “APNOEA” begins, because “SLEEPY” had lasted 3 min.",
      "237.334 The button “Wake up” lights up, because this was so: HR < 40 for 10 s.",
    ]);
    expect(all([tried(0, "help"), tried(100, "naloxone")])).toEqual([
      "0 The case starts with “SLEEPY”.",
      "0 You: Help called",
      "100 You: Naloxone given",
      "100 “BETTER” begins, because the marker “Naloxone given” was set.",
    ]);
  });

  it("is said in French", () => {
    chooseLanguage("fr");
    expect(all([tried(100, "naloxone")]).at(-1)?.replaceAll("\u00a0", " ")).toBe(
      "100 « BETTER » commence, car le repère « Naloxone injectée » a été posé.",
    );
  });

  it("says how often, who did it, and where it ends", () => {
    const steps = SLEEPY.steps;
    const move = (because: TemplateStep["transitions"][number]["on"], step: string | null) =>
      moveWords({ at_seconds: 5, from: "sleepy", step, because }, steps);
    expect(move({ marker: "fluid", count: 2 }, "better")).toBe("“BETTER” begins, because the marker “Fluid bolus” was set 2 times.");
    expect(move({ action: "nibp_start", count: 1 }, null)).toBe("The case ends, because somebody started a blood pressure measurement.");
    const lit = { at_seconds: 5, step: "sleepy", to: null, label: null, because: { after: 60 } };
    expect(suggestionWords(lit, steps)).toContain("The button “End of the case” lights up");
  });

  it("warns in whole sentences", () => {
    expect(run.warnings).toEqual([]);
    expect(warningWords({ code: "moves_limit", step: "apnoea" }, SLEEPY.steps)).toContain("After 300 moves");
    for (const code of ["unreachable", "no_way_out", "impossible_step"] as const)
      expect(warningWords({ code, step: "apnoea" }, SLEEPY.steps)).toContain("“APNOEA”");
  });
});

describe("what can be tried", () => {
  it("begins with what the case waits for", () => {
    const { markers, actions } = offersOf(opioid as unknown as Parameters<typeof offersOf>[0]);
    expect(markers.slice(0, 2)).toEqual([{ kind: "marker", key: "ventilation" }, { kind: "marker", key: "naloxone" }]);
    expect(new Set(markers.map(({ key }) => key)).size).toBe(markers.length);
    expect(actions.map(({ key }) => key)).toContain("nibp_start");
  });

  it.each([
    ["2:30", 150], ["150", 150], [" 0:05 ", 5], ["1:02:30", 3750], ["90:00", 5400],
    ["2:75", null], ["", null], ["soon", null], ["-5", null], ["1.5", null], ["1 min 30", 90],
  ])("%s is a time", (text, seconds) => expect(readSeconds(text)).toBe(seconds)); // prettier-ignore
});
