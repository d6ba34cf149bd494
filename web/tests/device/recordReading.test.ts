import { beforeEach, describe, expect, it } from "vitest";
import type { StoredSession } from "../../src/device/database/schema";
import { readRecord } from "../../src/device/sync/recordReading";
import type { ServerFact, ServerFacts } from "../../src/device/sync/serverFacts";
import { LARGEST_PAGE, type Api } from "../../src/wire/api";
import type { SessionEvent } from "../../src/wire/types";
import { until } from "../until";
import { VirtualTimers } from "./support/time";

/** Of four hours with much going on, and of more than may wait to be written. */
const [LONG, LONGEST] = [100 * LARGEST_PAGE + 1, 300 * LARGEST_PAGE];

describe("a long record", () => {
  let timers: VirtualTimers;
  /** What happened to its events, in order: on the screen, or in the database. */
  let log: { what: "shown" | "written"; seqs: number[] }[];
  let asked: number;
  let last: number;
  /** Pages from this one on come when this is resolved. */
  let slow: { from: number; until: Promise<void> };
  let disk: Promise<void>;

  beforeEach(() => {
    timers = new VirtualTimers();
    [log, asked, last] = [[], 0, LONG];
    slow = { from: Number.POSITIVE_INFINITY, until: Promise.resolve() };
    disk = Promise.resolve();
  });

  const api = {
    async events(_sessionId: string, after: number) {
      asked++;
      if (after >= slow.from) await slow.until;
      const items = Array.from({ length: Math.min(LARGEST_PAGE, last - after) }, (_, n) => ({ seq: after + n + 1 }) as SessionEvent);
      return { ok: true, value: { items, last_seq: last } };
    },
  } as unknown as Api;

  const facts = {
    async tell(...told: ServerFact[]) {
      await disk;
      const seqs = told.flatMap((fact) => (fact.kind === "record" ? fact.events.map(({ seq }) => seq) : []));
      log.push({ what: "written", seqs });
    },
  } as unknown as ServerFacts;

  const read = () => {
    const session = { id: "session", recorded_to: 0, last_seq: last, names_out_at: null } as unknown as StoredSession;
    return readRecord(session, { api, facts, timers, arrived: (_, events) => void log.push({ what: "shown", seqs: events.map(({ seq }) => seq) }) });
  };
  const all = (what: "shown" | "written") => log.flatMap((one) => (one.what === what ? one.seqs : []));
  const whole = () => Array.from({ length: last }, (_, n) => n + 1);

  it("is on the screen before the first of it is written, in few pieces, and then all of it is", async () => {
    const { came, written } = read();
    expect(await came).toBe(last);
    // What is shown has to be drawn, too.
    await timers.pass(100);
    expect(all("written")).toEqual([]);
    await timers.pass(1_000);
    await written;
    expect(log.findLastIndex(({ what }) => what === "shown")).toBeLessThan(log.findIndex(({ what }) => what === "written"));
    expect(log.filter(({ what }) => what === "shown").length).toBeLessThan(5);
    expect(all("shown")).toEqual(whole());
    expect(all("written")).toEqual(whole());
  });

  it("is kept as far as it came over a slow network, and grows on the screen", async () => {
    let goOn = () => {};
    slow = { from: 20 * LARGEST_PAGE, until: new Promise((resolve) => (goOn = resolve)) };
    const { written } = read();
    await until(() => expect(asked).toBe(24));
    expect(all("written")).toEqual([]);
    await timers.pass(10_000);
    await until(() => expect(all("written")).toEqual(whole().slice(0, 20 * LARGEST_PAGE)));
    goOn();
    await written;
    expect(all("written")).toEqual(whole());
  });

  it("waits on the network while a slow disk has too much to write", async () => {
    let goOn = () => {};
    disk = new Promise((resolve) => (goOn = resolve));
    last = LONGEST;
    const { written } = read();
    await until(() => expect(asked).toBeGreaterThanOrEqual(250));
    await timers.pass(60_000);
    expect(asked).toBeLessThan(260);
    goOn();
    await written;
    expect(all("written")).toEqual(whole());
  });

  it("is on the screen where it cannot be kept, and that is told", async () => {
    disk = Promise.reject(new Error("the disk is full"));
    disk.catch(() => undefined);
    const { came, written } = read();
    expect(await came).toBe(last);
    void timers.pass(1_000);
    await expect(written).rejects.toThrow("full");
    expect(all("shown")).toEqual(whole());
  });
});
