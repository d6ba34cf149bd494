import { describe, expect, it } from "vitest";
import { RecordCourse, type SignChange } from "../../src/dashboard/room/record/course";
import { shownThen, trackOf } from "../../src/dashboard/room/record/track";
import { NOON } from "./fakeDevice";
import { growth } from "../support/growth";

const at = (seconds: number) => NOON + seconds * 1000;
const replayed = (changes: SignChange[]) => new RecordCourse(changes, at(-60));

describe("the timeline's track", () => {
  const pushes: SignChange[] = [
    { at: at(10), patch: { vitals: { heart_rate: 100 } } },
    { at: at(20), patch: { vitals: { heart_rate: 160, spo2: 88 }, ramp_seconds: 30 } },
  ];
  const track = trackOf(replayed(pushes), at(0), at(60), 60);
  const read = (name: "heart_rate" | "spo2", seconds: number) => {
    const place = track.xs.findIndex((x) => x >= at(seconds) / 1000);
    return track.values[name][place];
  };

  it("begins as a session begins, jumps where a push jumps, and moves where it ramps", () => {
    expect(read("heart_rate", 0)).toBe(75);
    expect(read("heart_rate", 9.999)).toBe(75);
    expect(read("heart_rate", 10)).toBe(100);
    expect(read("heart_rate", 35)).toBe(130);
    expect(read("spo2", 35)).toBe(93);
    expect(read("heart_rate", 50)).toBe(160);
    expect(read("heart_rate", 60)).toBe(160);
  });

  it("has ascending times without repeats, and what was shown of every sign at each", () => {
    expect(track.xs.every((x, place) => place === 0 || x > (track.xs[place - 1] ?? 0))).toBe(true);
    for (const values of Object.values(track.values)) expect(values).toHaveLength(track.xs.length);
  });

  it("stands still while the session is paused, and goes on with what was left", () => {
    const changes: SignChange[] = [...pushes, { at: at(35), control: "paused" }, { at: at(45), control: "resumed" }];
    const paused = trackOf(replayed(changes), at(0), at(70), 70);
    const rate = (seconds: number) => paused.values.heart_rate[paused.xs.findIndex((x) => x >= at(seconds) / 1000)];
    expect([rate(35), rate(40), rate(45), rate(50), rate(60)]).toEqual([130, 130, 130, 140, 160]);
    expect(paused.xs).toContain(at(60) / 1000);
  });

  it("has a gap where no number was shown, from when a monitor has seen it on", () => {
    const arrest = trackOf(replayed([{ at: at(10), patch: { rhythm: "ventricular_fibrillation" } }]), at(0), at(600), 2);
    const shown = (name: "heart_rate" | "spo2" | "etco2", seconds: number) =>
      arrest.values[name][arrest.xs.findLastIndex((x) => x <= at(seconds) / 1000)];
    expect([shown("heart_rate", 13.999), shown("heart_rate", 14)]).toEqual([75, null]);
    expect([shown("spo2", 19.999), shown("spo2", 20)]).toEqual([98, null]);
    expect([shown("etco2", 19.999), shown("etco2", 20)]).toEqual([38, 0]);
  });

  it("has the pressures of the cuff, each from when it was down until the next one", () => {
    const measured = replayed([
      { at: at(0), action: "nibp_start", details: {} },
      { at: at(10), patch: { vitals: { systolic: 80, diastolic: 50 } } },
      { at: at(60), action: "nibp_start", details: {} },
    ]);
    const cuffed = trackOf(measured, at(-10), at(120), 2);
    const systolic = (seconds: number) => cuffed.values.systolic[cuffed.xs.findLastIndex((x) => x <= at(seconds) / 1000)];
    expect([29.999, 30, 89.999, 90].map(systolic)).toEqual([null, 120, 120, 80]);
  });

  it("knows what came before its window", () => {
    const late = trackOf(replayed(pushes), at(40), at(60), 10);
    expect(late.values.heart_rate[0]).toBe(140);
  });

  it("goes through a thousand pushes once, not for each of its points", () => {
    const goThrough = (count: number) => {
      const many = Array.from({ length: count }, (_, n) => ({ at: at(n), patch: { vitals: { heart_rate: 60 + (n % 90) } } }));
      trackOf(replayed(many), at(0), at(count), 400);
    };
    expect(growth(goThrough, 500)).toBeLessThan(3);
  });
});

describe("what was shown at a moment of the record", () => {
  it("is that of the ramp, not of its target", () => {
    const states = replayed([{ at: at(0), patch: { vitals: { heart_rate: 135 }, ramp_seconds: 60 } }]);
    expect([shownThen(states, at(-30)), shownThen(states, at(30)), shownThen(states, at(60))].map((one) => one.heart_rate)).toEqual([75, 105, 135]);
  });

  it("is that of an arrest at once where a session opens with it", () => {
    const states = replayed([{ at: at(-60), patch: { rhythm: "asystole" } }]);
    expect(shownThen(states, at(-60))).toMatchObject({ heart_rate: 0, spo2: "unreadable" });
  });
});
