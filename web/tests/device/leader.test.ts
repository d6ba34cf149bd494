import { beforeEach, describe, expect, it } from "vitest";
import type { Candidate } from "../../src/device/tabs/candidate";
import { standForLeader } from "../../src/device/tabs/election";
import { FakeLocks } from "./support/locks";
import { seeded, settle, VirtualTimers } from "./support/time";

let timers: VirtualTimers;
let locks: FakeLocks | null;
let stored: Map<string, string>;
let leads: Set<string>;

interface Standing extends Candidate {
  stop(): void;
}

function stand(tab: string, options: { canStore?: boolean } = {}): Standing {
  let isRunning = true;
  const candidate = standForLeader({
    name: "leader",
    tab,
    locks: locks?.asLockManager(),
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => {
        if (options.canStore === false) throw new DOMException("full", "QuotaExceededError");
        stored.set(key, value);
      },
      removeItem: (key) => void stored.delete(key),
    },
    timers: { now: () => timers.now(), after: (ms, run) => timers.after(ms, () => isRunning && run()) },
    random: seeded(tab.length + tab.charCodeAt(0)),
    gained: () => leads.add(tab),
    lost: () => leads.delete(tab),
  });
  return Object.assign(Object.create(candidate) as Candidate, {
    stop() {
      isRunning = false;
      leads.delete(tab);
    },
  });
}

beforeEach(() => {
  timers = new VirtualTimers();
  stored = new Map();
  leads = new Set();
});

describe.each([
  ["Web Locks", () => new FakeLocks()],
  ["a lease", () => null],
])("with %s", (_, make) => {
  beforeEach(() => {
    locks = make();
  });

  it("one of many leads, and another when it withdraws, until nobody is left", async () => {
    const tabs = ["a", "b", "c", "d"].map((tab) => [tab, stand(tab)] as const);
    const left = new Map(tabs);
    while (left.size > 0) {
      await timers.pass(6_000);
      expect(leads.size).toBe(1);
      const leader = [...leads][0]!;
      expect(left.has(leader)).toBe(true);
      left.get(leader)!.withdraw();
      left.delete(leader);
      await settle();
    }
    await timers.pass(6_000);
    expect(leads.size).toBe(0);
  });

  it("the same one leads on while it lives", async () => {
    stand("a");
    await timers.pass(200);
    stand("b");
    for (let minute = 0; minute < 3; minute++) {
      await timers.pass(60_000);
      expect([...leads]).toEqual(["a"]);
    }
  });
});

describe("with Web Locks", () => {
  it("a leader that does not answer is robbed, and stands in line again", async () => {
    locks = new FakeLocks();
    const [a, b] = [stand("a"), stand("b")];
    await settle();
    expect([...leads]).toEqual(["a"]);
    b.takeOver();
    await settle();
    expect([...leads]).toEqual(["b"]);
    b.withdraw();
    await settle();
    expect([...leads]).toEqual(["a"]);
    expect(a.isLeader).toBe(true);
  });
});

describe("with a lease", () => {
  beforeEach(() => {
    locks = null;
  });

  it("a leader that crashed is followed within seconds, and one that comes back sees it", async () => {
    const a = stand("a");
    await timers.pass(200);
    const b = stand("b");
    a.stop();
    await timers.pass(6_000);
    expect([...leads]).toEqual(["b"]);
    expect(b.isLeader).toBe(true);
  });

  it("a leader whose page is left is followed within a second or two", async () => {
    const a = stand("a");
    await timers.pass(200);
    stand("b");
    await timers.pass(200);
    a.stepAside();
    expect(leads.size).toBe(0);
    a.stop();
    await timers.pass(1_500);
    expect([...leads]).toEqual(["b"]);
  });

  it("a tab that can store nothing leads alone", async () => {
    stand("a", { canStore: false });
    await timers.pass(2_000);
    expect([...leads]).toEqual(["a"]);
  });
});
