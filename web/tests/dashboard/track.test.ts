import { describe, expect, it } from "vitest";
import { statesAfter, trackOf, type SignChange } from "../../src/dashboard/room/record/track";
import { NOON } from "./fakeDevice";

const at = (seconds: number) => NOON + seconds * 1000;

describe("the timeline's track", () => {
  const pushes: SignChange[] = [
    { at: at(10), patch: { vitals: { heart_rate: 100 } } },
    { at: at(20), patch: { vitals: { heart_rate: 160, spo2: 88 }, ramp_seconds: 30 } },
  ];
  const track = trackOf(pushes, at(0), at(60), 60);
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

  it("has ascending times without repeats, and a value of every sign at each", () => {
    expect(track.xs.every((x, place) => place === 0 || x > (track.xs[place - 1] ?? 0))).toBe(true);
    for (const values of Object.values(track.values)) expect(values).toHaveLength(track.xs.length);
  });

  it("stands still while the session is paused, and goes on with what was left", () => {
    const changes: SignChange[] = [...pushes, { at: at(35), control: "paused" }, { at: at(45), control: "resumed" }];
    const paused = trackOf(changes, at(0), at(70), 70);
    const rate = (seconds: number) => paused.values.heart_rate[paused.xs.findIndex((x) => x >= at(seconds) / 1000)];
    expect([rate(35), rate(40), rate(45), rate(50), rate(60)]).toEqual([130, 130, 130, 140, 160]);
    expect(paused.xs).toContain(at(60) / 1000);
  });

  it("knows what came before its window", () => {
    const late = trackOf(pushes, at(40), at(60), 10);
    expect(late.values.heart_rate[0]).toBe(140);
  });

  it("replays a thousand pushes without being felt", () => {
    const many = Array.from({ length: 1000 }, (_, n) => ({ at: at(n), patch: { vitals: { heart_rate: 60 + (n % 90) } } }));
    const began = performance.now();
    trackOf(many, at(0), at(1000), 400);
    expect(performance.now() - began).toBeLessThan(150);
  });

  it("gives the table the targets after each push", () => {
    expect(statesAfter(pushes).map((one) => [one.heart_rate, one.spo2])).toEqual([[100, 98], [160, 88]]);
  });
});
