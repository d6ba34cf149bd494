import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ServerClock } from "../../src/wire/clock";

const HOUR = 3_600_000;

/** A device and a server, each with a clock that can be set. */
describe("the server's clock, as a device reads it", () => {
  let device = 0;
  let server = 0;
  let clock: ServerClock;

  beforeEach(() => {
    [device, server] = [1_000_000, 5_000_000];
    vi.spyOn(Date, "now").mockImplementation(() => device);
    clock = new ServerClock();
  });
  afterEach(() => void vi.restoreAllMocks());

  /** `there`: how much of the way took the question. */
  function read(roundTrip: number, there = 0.5): void {
    const sent = device;
    device += roundTrip;
    server += roundTrip;
    clock.heard(new Date(server - roundTrip * (1 - there)).toISOString(), sent);
  }

  it("goes by the quickest reading", () => {
    read(100, 0.9);
    read(20);
    expect(clock.now()).toBe(server);
    read(300, 0.1);
    expect(clock.now()).toBe(server);
  });

  it.each([-HOUR, HOUR, 30_000])("follows at the next reading when the device is set by %i ms", (step) => {
    read(20);
    device += step;
    read(300);
    expect(clock.now()).toBe(server);
  });

  it("believes no answer on whose way the device was set back", () => {
    read(20);
    const sent = device;
    clock.heard(new Date(server).toISOString(), sent, sent - HOUR);
    expect(clock.now()).toBe(server);
  });

  it("follows a server that goes by another clock from now on, also by little at a time", () => {
    read(20);
    server += HOUR;
    read(26);
    expect(clock.now()).toBe(server);
    for (let reading = 0; reading < 10; reading += 1) {
      server += 60;
      read(30);
      expect(Math.abs(clock.now() - server)).toBeLessThanOrEqual(60);
    }
  });
});
