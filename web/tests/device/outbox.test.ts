import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { until } from "../until";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, refused, ServerDouble } from "./support/server";
import { settle } from "./support/time";
import { turns } from "./support/turns";

let server: ServerDouble;
let browser: BrowserDouble;
let tab: TestTab;

beforeEach(async () => {
  server = new ServerDouble();
  browser = new BrowserDouble(server);
  tab = await browser.open();
  await tab.login(ANNA.email, "right");
  await settle();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await browser.shut();
});

async function opened(): Promise<string> {
  const id = await tab.openSession({ title: "Sepsis" });
  await browser.finish(tab);
  return id;
}

const rates = (sessionId: string) => server.eventsOf(sessionId).map((event) => event.heart_rate);
const shown = (sessionId: string) => tab.session(sessionId).value?.shown_values.heart_rate;

describe("a change", () => {
  it("is on the screen before anything is written or sent", async () => {
    const id = await opened();
    const promise = tab.push(id, { vitals: { heart_rate: 140 } });
    expect(shown(id)).toBe(140);
    expect(tab.status.value).toEqual({ word: "saving", waiting: 1 });
    await promise;
    await browser.finish(tab);
    expect(rates(id)).toEqual([140]);
    expect(shown(id)).toBe(140);
    expect(tab.status.value).toEqual({ word: "saved", waiting: 0 });
  });

  it("never flickers on its way to being confirmed", async () => {
    const id = await opened();
    const seen: (number | undefined)[] = [];
    const { effect } = await import("@preact/signals");
    const dispose = effect(() => void seen.push(tab.session(id).value?.shown_values.heart_rate));
    for (const rate of [100, 110, 120, 130]) {
      await tab.push(id, { vitals: { heart_rate: rate } });
      await turns(5);
    }
    await browser.finish(tab);
    dispose();
    expect(seen.filter((rate, at) => rate !== seen[at - 1])).toEqual([75, 100, 110, 120, 130]);
  });

  it("is one commit away from the wire", async () => {
    const id = await opened();
    let writes = 0;
    const { transaction } = IDBDatabase.prototype;
    vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(function (this: IDBDatabase, ...asked) {
      if (asked[1] === "readwrite") writes += 1;
      return transaction.apply(this, asked);
    });
    // Dexie takes the function when it opens a database.
    tab.crash();
    tab = await browser.open();
    await browser.pass(1_000);
    writes = 0;
    let writesBefore = 0;
    server.judge = (arrival) => {
      if (arrival.what === "vitals") writesBefore = writes;
    };
    await tab.push(id, { vitals: { heart_rate: 140 } });
    await browser.finish(tab);
    expect(writesBefore).toBe(1);
    expect(rates(id)).toEqual([140]);
  });

  it("says while it is being sent that it is", async () => {
    const id = await opened();
    let seen: (string | undefined)[] = [];
    server.judge = (arrival) => {
      if (arrival.what === "vitals") seen = [tab.entries.value[0]?.state];
    };
    const entry = await tab.push(id, { vitals: { heart_rate: 140 } });
    await browser.finish(tab);
    expect(seen).toEqual(["sending"]);
    expect(server.arrivals.filter((arrival) => arrival.id === entry)).toHaveLength(1);
    expect(tab.entries.value).toEqual([]);
  });

  it("arrives in order within its session", async () => {
    const id = await opened();
    await Promise.all([90, 91, 92, 93, 94].map((rate) => tab.push(id, { vitals: { heart_rate: rate } })));
    await browser.finish(tab);
    expect(rates(id)).toEqual([90, 91, 92, 93, 94]);
  });

  it("of every kind reaches the server", async () => {
    const id = await opened();
    tab.watch(id);
    expect(tab.events(id).value).toEqual([]);
    await tab.changeSession(id, { title: "Septic shock", trainee_name: "Group 2" });
    await tab.addNote(id, "called for help");
    await tab.endSession(id);
    expect(tab.session(id).value).toMatchObject({ title: "Septic shock", closed_at: expect.any(String) as string });
    await browser.finish(tab);
    expect(server.session(id)).toMatchObject({ title: "Septic shock", trainee_name: "Group 2", close_reason: "closed" });
    expect(tab.events(id).value.map((event) => event.kind)).toEqual(["note", "lifecycle"]);
    expect(tab.session(id).value).toMatchObject({ title: "Septic shock", close_reason: "closed", event_count: 2 });
  });
});

describe("a network that fails", () => {
  it("is no attempt, and the retry has the same id", async () => {
    const id = await opened();
    browser.network.loseAnswer = (what) => what === "vitals:push" || what.endsWith("/events");
    const entry = await tab.push(id, { vitals: { heart_rate: 150 } });
    await browser.pass(120_000);
    expect(tab.entries.value).toMatchObject([{ id: entry, failures: 0 }]);
    browser.network.loseAnswer = () => false;
    await browser.finish(tab);
    const tries = server.arrivals.filter((arrival) => arrival.what === "vitals");
    expect(tries.length).toBeGreaterThan(3);
    expect(new Set(tries.map((arrival) => arrival.id))).toEqual(new Set([entry]));
    expect(rates(id)).toEqual([150]);
  });

  it("lets the pauses grow", async () => {
    const id = await opened();
    const tries: number[] = [];
    browser.network.withoutSockets();
    browser.network.loseAnswer = (what) => {
      if (what.endsWith("/events")) tries.push(browser.timers.now());
      return true;
    };
    await tab.push(id, { vitals: { heart_rate: 150 } });
    await browser.pass(180_000);
    const gaps = tries.slice(1).map((at, index) => at - tries[index]!);
    // Of 2, 4, 8, 16, 30, 30 s (the lost socket was the first trouble) the test's chance takes a quarter off.
    expect(gaps.slice(0, 6)).toEqual([1500, 3000, 6000, 12000, 22500, 22500]);
  });

  it("says offline and counts, and everything arrives once when it is back", async () => {
    const id = await opened();
    browser.network.isUp = false;
    for (let rate = 100; rate < 110; rate++) await tab.push(id, { vitals: { heart_rate: rate } });
    await browser.pass(20_000);
    expect(tab.status.value).toEqual({ word: "offline", waiting: 10 });
    expect(tab.isOnline.value).toBe(false);
    expect(tab.entries.value.every((entry) => entry.failures === 0)).toBe(true);
    browser.network.isUp = true;
    tab.wake();
    await browser.finish(tab);
    expect(rates(id)).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
    expect(tab.status.value).toEqual({ word: "saved", waiting: 0 });
  });

  it("says offline also when an answer is read only after the line broke", async () => {
    await opened();
    let read = () => {};
    browser.network.readLate = new Promise((resolve) => (read = resolve));
    const [socket] = browser.network.sockets;
    const { calls } = browser.network;
    socket!.tellEdited(1_000);
    await until(() => expect(browser.network.calls).toBeGreaterThan(calls));
    await settle();
    browser.network.isUp = false;
    expect(tab.isOnline.value).toBe(false);
    browser.network.readLate = null;
    read();
    await until(() => expect(tab.isOnline.value).toBe(true));
    socket!.fail();
    await until(() => expect(tab.isOnline.value).toBe(false));
  });

  it("is not offline for a question that hung while the socket came back", async () => {
    await opened();
    browser.network.withoutSockets();
    tab.wake();
    await until(() => expect(tab.isOnline.value).toBe(true));
    const [socket] = browser.network.sockets;
    let giveUp = () => {};
    browser.network.readLate = new Promise((_, reject) => (giveUp = () => reject(new TypeError("fetch failed"))));
    const { calls } = browser.network;
    socket!.fail();
    await until(() => expect(browser.network.calls).toBeGreaterThan(calls));
    await settle();
    browser.network.readLate = null;
    browser.network.hasSockets = true;
    socket!.connect();
    await until(() => expect(socket!.isConnected).toBe(true));
    await settle();
    // It asked of a time when the server could not be reached: with nothing to send, nothing else would take it back.
    giveUp();
    await settle();
    expect(tab.isOnline.value).toBe(true);
  });

  it("where only HTTP gets through is not offline for sockets that lead nowhere", async () => {
    await opened();
    browser.network.withoutSockets();
    tab.wake();
    await until(() => expect(tab.isOnline.value).toBe(true));
    const [socket] = browser.network.sockets;
    const { calls } = browser.network;
    socket!.fail();
    await until(() => expect(browser.network.calls).toBeGreaterThan(calls));
    await settle();
    expect(tab.isOnline.value).toBe(true);
  });

  it.each([
    ["the socket", true],
    ["HTTP", false],
  ])("and what was done without it says over %s when it was done", async (_, hasSockets) => {
    const id = await opened();
    if (!hasSockets) browser.network.withoutSockets();
    browser.network.isUp = false;
    const real = Date.now.bind(Date);
    const clock = vi.spyOn(Date, "now");
    const made: string[] = [];
    for (const seconds of [2, 3, 4]) {
      const at = real() + seconds * 1000;
      clock.mockReturnValue(at);
      made.push(new Date(at).toISOString());
      if (seconds === 3) await tab.addNote(id, "called for help");
      else await tab.push(id, { vitals: { heart_rate: 100 + seconds } });
    }
    clock.mockReturnValue(real() + 600_000);
    browser.network.isUp = true;
    tab.wake();
    await browser.finish(tab);
    const arrived = server.arrivals.filter((arrival) => arrival.what === "vitals" || arrival.what === "note");
    expect(arrived.map((arrival) => arrival.made_at)).toEqual(made);
    expect(server.eventsOf(id)).toHaveLength(3);
  });

  it("that is only believed to be gone does not stop anything", async () => {
    const id = await opened();
    tab.goOffline();
    await tab.push(id, { vitals: { heart_rate: 88 } });
    await browser.finish(tab);
    expect(rates(id)).toEqual([88]);
    expect(tab.status.value.word).toBe("saved");
  });

  it.each([
    ["a hotspot's page", () => new Response("<html>log in</html>", { headers: { "content-type": "text/html" } })],
    ["a gateway without its server", () => new Response("bad gateway", { status: 502 })],
  ])("or is answered by %s is no answer", async (_, answer) => {
    const id = await opened();
    browser.network.withoutSockets();
    browser.network.inBetween = answer;
    await tab.push(id, { vitals: { heart_rate: 77 } });
    await browser.pass(60_000);
    expect(tab.entries.value).toMatchObject([{ state: "waiting", failures: 0 }]);
    browser.network.inBetween = null;
    await browser.finish(tab);
    expect(rates(id)).toEqual([77]);
  });

  it("waits as long as the server asks for", async () => {
    const id = await opened();
    const tries: number[] = [];
    browser.network.withoutSockets();
    server.judge = (arrival) => {
      if (arrival.what !== "vitals") return;
      tries.push(browser.timers.now());
      if (tries.length === 1) throw refused("rate_limited", { retry_after: 20 });
      if (tries.length === 2) throw refused("storage_unavailable", { retry_after: 7 });
    };
    await tab.push(id, { vitals: { heart_rate: 66 } });
    await browser.finish(tab);
    expect(tries[1]! - tries[0]!).toBe(20_000);
    expect(tries[2]! - tries[1]!).toBe(7_000);
    expect(rates(id)).toEqual([66]);
  });
});

describe("a session opened offline", () => {
  it("works at once, and everything done in it waits behind its opening", async () => {
    browser.network.isUp = false;
    const id = await tab.openSession({ title: "In the cellar" });
    await tab.push(id, { vitals: { heart_rate: 130 } });
    await tab.addNote(id, "started");
    expect(tab.session(id).value).toMatchObject({ code: null, title: "In the cellar" });
    expect(shown(id)).toBe(130);
    expect(tab.sessions.value.map((session) => session.id)).toContain(id);
    browser.network.isUp = true;
    server.judge = (arrival) => {
      if (arrival.what === "open" && server.arrivals.filter((one) => one.what === "open").length < 3)
        throw refused("storage_unavailable");
    };
    tab.wake();
    await browser.finish(tab);
    expect(server.arrivals.map((arrival) => arrival.what)).toEqual(["open", "open", "open", "vitals", "note"]);
    expect(tab.session(id).value?.code).toBe(server.session(id).code);
    expect(server.eventsOf(id).map((event) => event.kind)).toEqual(["vitals", "note"]);
  });

  it("that the server refuses is discarded with everything done in it", async () => {
    server.judge = (arrival) => {
      if (arrival.what === "open") throw refused("invalid_fields");
    };
    const id = await tab.openSession({});
    await tab.push(id, { vitals: { heart_rate: 130 } });
    await browser.pass(10_000);
    expect(tab.entries.value).toMatchObject([{ state: "rejected" }, { state: "waiting" }]);
    await tab.discard(id);
    expect(tab.entries.value).toEqual([]);
    expect(tab.session(id).value).toBeNull();
    expect(tab.status.value.word).toBe("saved");
  });

  it("that the server refuses is kept with everything done in it, and tried again in order", async () => {
    let isRefusing = true;
    server.judge = (arrival) => {
      if (isRefusing && arrival.what === "open") throw refused("invalid_fields");
    };
    const id = await tab.openSession({});
    await tab.push(id, { vitals: { heart_rate: 130 } });
    await browser.pass(10_000);
    await tab.keep(id);
    await browser.pass(10_000);
    expect(tab.entries.value.map((entry) => entry.state)).toEqual(["kept", "kept"]);
    isRefusing = false;
    await tab.retry(id);
    await browser.finish(tab);
    expect(rates(id)).toEqual([130]);
    expect(tab.entries.value).toEqual([]);
  });
});
