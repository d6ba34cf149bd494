import "fake-indexeddb/auto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TrainerDatabase } from "../../src/device/database/schema";
import { openBroadcastChannel, type Message } from "../../src/device/tabs/channel";
import { TrainerStore } from "../../src/device/trainerStore";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, ServerDouble } from "./support/server";
import { settle } from "./support/time";
import { until } from "../until";

let server: ServerDouble;
let browser: BrowserDouble;

async function twoTabs(isSecure: boolean): Promise<[TestTab, TestTab]> {
  server = new ServerDouble();
  browser = new BrowserDouble(server, { isSecure });
  const first = await browser.open();
  await first.login(ANNA.email, "right");
  await settle();
  return [first, await browser.open()];
}

afterEach(async () => {
  vi.restoreAllMocks();
  await browser.shut();
});

const rates = (sessionId: string) => server.eventsOf(sessionId).map((event) => event.heart_rate);
const rate = (tab: TestTab, id: string) => tab.session(id).value?.shown_values.heart_rate;

describe.each([
  ["with Web Locks", true],
  ["without them (plain http)", false],
])("two tabs %s", (_, isSecure) => {
  it("have one connection between them, and show the same within a moment", async () => {
    const [first, second] = await twoTabs(isSecure);
    expect(browser.network.sockets.size).toBe(1);
    expect(second.me.value).toEqual(ANNA);
    const id = await second.openSession({ title: "Shared" });
    await second.push(id, { vitals: { heart_rate: 101 } });
    await settle();
    expect(rate(first, id)).toBe(101);
    await browser.finish(second);
    expect(rates(id)).toEqual([101]);
    expect(first.status.value).toEqual({ word: "saved", waiting: 0 });
    expect(second.status.value).toEqual({ word: "saved", waiting: 0 });
    expect(second.session(id).value).toEqual(first.session(id).value);
  });

  it("both see what the leader hears live", async () => {
    const [first, second] = await twoTabs(isSecure);
    const id = await first.openSession({});
    await browser.finish(first);
    second.watch(id);
    expect(second.events(id).value).toEqual([]);
    await settle();
    server.record(ANNA, id, { id: crypto.randomUUID(), kind: "vitals", vitals: { heart_rate: 55 } });
    await settle();
    expect(rate(first, id)).toBe(55);
    expect(rate(second, id)).toBe(55);
    expect(second.events(id).value).toHaveLength(1);
  });

  it("are led again when the leader is frozen just as the device's clock is set back", async () => {
    const [first, second] = await twoTabs(isSecure);
    const id = await first.openSession({});
    await browser.finish(first);
    first.freeze();
    browser.timers.setBack(3_600_000);
    await second.push(id, { vitals: { heart_rate: 92 } });
    await browser.pass(20_000);
    expect(rates(id)).toEqual([92]);
  });

  it("lose nothing and send nothing twice when the leader is closed", async () => {
    const [first, second] = await twoTabs(isSecure);
    const id = await first.openSession({});
    await browser.finish(first);
    browser.network.isUp = false;
    await first.push(id, { vitals: { heart_rate: 90 } });
    await second.push(id, { vitals: { heart_rate: 91 } });
    await first.close();
    await browser.pass(10_000);
    expect(second.status.value).toEqual({ word: "offline", waiting: 2 });
    browser.network.isUp = true;
    second.wake();
    await browser.finish(second);
    expect(rates(id)).toEqual([90, 91]);
    expect(browser.network.sockets.size).toBe(1);
  });

  it("lose nothing and send nothing twice when the leader crashes while it sends", async () => {
    const [first, second] = await twoTabs(isSecure);
    const id = await first.openSession({});
    await browser.finish(first);
    let hasArrived = false;
    server.judge = (arrival) => {
      if (arrival.what === "vitals" && !hasArrived) {
        hasArrived = true;
        first.crash();
      }
    };
    const entry = await first.push(id, { vitals: { heart_rate: 90 } });
    await second.push(id, { vitals: { heart_rate: 91 } });
    await browser.pass(10_000);
    await browser.finish(second);
    expect(hasArrived).toBe(true);
    expect(server.arrivals.filter((arrival) => arrival.id === entry)).toHaveLength(2);
    expect(rates(id)).toEqual([90, 91]);
  });

  it("do not wait for a leader that the browser has frozen", async () => {
    const [first, second] = await twoTabs(isSecure);
    const id = await second.openSession({});
    await browser.finish(second);
    const thaw = first.freeze();
    browser.network.isUp = false;
    browser.network.isUp = true;
    await second.push(id, { vitals: { heart_rate: 90 } });
    await browser.pass(12_000);
    expect(rates(id)).toEqual([90]);
    thaw();
    await second.push(id, { vitals: { heart_rate: 91 } });
    await first.push(id, { vitals: { heart_rate: 92 } });
    await browser.finish(first);
    await browser.pass(10_000);
    expect(rates(id)).toEqual([90, 91, 92]);
    expect(browser.network.sockets.size).toBe(1);
    expect(first.session(id).value).toEqual(second.session(id).value);
  });

  it("share a login and a logout", async () => {
    const [first, second] = await twoTabs(isSecure);
    await second.logout();
    await browser.pass(100);
    expect(first.me.value).toBeNull();
    expect(first.sessions.value).toEqual([]);
    expect(browser.network.cookie).toBeNull();
    expect(browser.network.sockets.size).toBe(0);
    expect(await second.login(ANNA.email, "right")).toBeNull();
    await browser.pass(100);
    expect(first.me.value).toEqual(ANNA);
    expect(browser.network.sockets.size).toBe(1);
  });

  it.each(["the one that leads", "the other one"])("leave nothing of whoever logs out in %s, though an answer is read only then", async (which) => {
    const [first, second] = await twoTabs(isSecure);
    const id = await first.openSession({ title: "Anna's" });
    await browser.finish(first);
    server.record(ANNA, id, { id: crypto.randomUUID(), kind: "vitals", vitals: { heart_rate: 55 } });
    await browser.pass(20_000);
    let read = () => {};
    browser.network.readLate = new Promise((resolve) => (read = resolve));
    first.wake();
    await settle();
    browser.network.readLate = null;
    const { forget } = TrainerDatabase.prototype;
    vi.spyOn(TrainerDatabase.prototype, "forget").mockImplementation(async function (this: TrainerDatabase) {
      await forget.call(this);
      // Whoever still has the store open writes the answer into what was just emptied.
      read();
      await settle();
    });
    await (which === "the other one" ? second : first).logout();
    await browser.pass(100);
    const database = new TrainerDatabase(browser.name, ANNA.id);
    expect(await database.sessions.count()).toBe(0);
    expect(await database.events.count()).toBe(0);
    database.close();
  });
});

describe("tabs", () => {
  it("miss nothing that another one commits while they read what is stored", async () => {
    const [first] = await twoTabs(true);
    const id = await first.openSession({});
    await browser.finish(first);
    const { open } = TrainerStore.prototype;
    vi.spyOn(TrainerStore.prototype, "open").mockImplementationOnce(async function (this: TrainerStore) {
      await open.call(this);
      // Read, and not shown yet: nobody tells of this change a second time.
      await first.push(id, { vitals: { heart_rate: 91 } });
      await settle();
    });
    const third = await browser.open();
    await settle();
    expect(rates(id)).toEqual([91]);
    expect(rate(third, id)).toBe(91);
    expect(third.entries.value).toEqual([]);
  });

  it("hand a question to the leader, and its answer back", async () => {
    const [, second] = await twoTabs(true);
    expect(await second.removeTrainee("session", "seat")).toBeNull();
  });

  it("talk over the browser's own channel", async () => {
    browser = new BrowserDouble(new ServerDouble());
    const heard: Message[] = [];
    const one = openBroadcastChannel(browser.name, () => {});
    const other = openBroadcastChannel(browser.name, (message) => heard.push(message));
    one.post({ type: "gone", tab: "one" });
    await until(() => expect(heard).toEqual([{ type: "gone", tab: "one" }]));
    one.close();
    one.post({ type: "gone", tab: "one" });
    other.close();
  });
});
