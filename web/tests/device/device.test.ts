import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, BERT, refused, ServerDouble } from "./support/server";
import { settle } from "./support/time";

let server: ServerDouble;
let browser: BrowserDouble;
let tab: TestTab;

beforeEach(async () => {
  server = new ServerDouble();
  browser = new BrowserDouble(server);
  tab = await browser.open();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await browser.shut();
});

async function loggedIn(): Promise<string> {
  await tab.login(ANNA.email, "right");
  const id = await tab.openSession({ title: "Anna's" });
  await browser.finish(tab);
  return id;
}

const rates = (sessionId: string) => server.eventsOf(sessionId).map((event) => event.heart_rate);

describe("a reload", () => {
  it("in the middle, offline, loses nothing: not the entries, not the screen", async () => {
    const id = await loggedIn();
    browser.network.isUp = false;
    for (const rate of [90, 91, 92]) await tab.push(id, { vitals: { heart_rate: rate } });
    const before = tab.session(id).value;
    tab.crash();
    tab = await browser.open();
    expect(tab.isReady.value).toBe(true);
    expect(tab.me.value).toEqual(ANNA);
    expect(tab.session(id).value).toEqual(before);
    expect(tab.status.value).toEqual({ word: "offline", waiting: 3 });
    browser.network.isUp = true;
    tab.wake();
    await browser.finish(tab);
    expect(rates(id)).toEqual([90, 91, 92]);
  });

  it("while an entry is being sent sends it again under the same id", async () => {
    const id = await loggedIn();
    server.judge = (arrival) => {
      if (arrival.what === "vitals" && server.arrivals.at(-1) === arrival) tab.crash();
    };
    const entry = await tab.push(id, { vitals: { heart_rate: 90 } });
    await settle();
    server.judge = () => {};
    browser.network.isUp = false;
    tab = await browser.open();
    expect(tab.entries.value).toMatchObject([{ id: entry, state: "waiting" }]);
    browser.network.isUp = true;
    tab.wake();
    await browser.finish(tab);
    expect(server.arrivals.filter((arrival) => arrival.id === entry)).toHaveLength(2);
    expect(rates(id)).toEqual([90]);
    expect(tab.status.value).toEqual({ word: "saved", waiting: 0 });
  });

  it("keeps what was refused, with its reason", async () => {
    const id = await loggedIn();
    server.judge = (arrival) => {
      if (arrival.what === "vitals") throw refused("invalid_fields");
    };
    await tab.push(id, { vitals: { heart_rate: 90 } });
    await browser.pass(1_000);
    tab.crash();
    tab = await browser.open();
    expect(tab.entries.value).toMatchObject([{ state: "rejected", refusal: { code: "invalid_fields" } }]);
    expect(tab.status.value.word).toBe("problem");
  });
});

describe("a login that runs out", () => {
  it("pauses everything, loses nothing, and goes on after the next one", async () => {
    const id = await loggedIn();
    browser.network.endLogin();
    await browser.pass(2_000);
    expect(tab.needsLogin.value).toBe(true);
    expect(tab.me.value).toEqual(ANNA);
    const arrived = server.arrivals.length;
    await tab.push(id, { vitals: { heart_rate: 90 } });
    await tab.addNote(id, "still here");
    await browser.pass(120_000);
    expect(server.arrivals).toHaveLength(arrived);
    expect(tab.entries.value).toMatchObject([{ state: "waiting", failures: 0 }, { state: "waiting", failures: 0 }]);
    expect(tab.status.value).toEqual({ word: "problem", waiting: 2 });
    expect(await tab.login(ANNA.email, "wrong")).toMatchObject({ code: "unauthenticated" });
    expect(await tab.login(ANNA.email, "right")).toBeNull();
    await browser.finish(tab);
    expect(rates(id)).toEqual([90, null]);
    expect(tab.status.value.word).toBe("saved");
    expect(tab.needsLogin.value).toBe(false);
  });

  it("for sockets only is lived with, not hammered at", async () => {
    const id = await loggedIn();
    browser.network.refusesSockets = true;
    for (const socket of browser.network.sockets) socket.renew();
    await settle();
    const calls = browser.network.calls;
    await browser.pass(600_000);
    expect(browser.network.calls - calls).toBeLessThan(120);
    await tab.push(id, { vitals: { heart_rate: 90 } });
    await browser.finish(tab);
    expect(rates(id)).toEqual([90]);
  });

  it("is noticed from the answer to a change, too", async () => {
    const id = await loggedIn();
    browser.network.withoutSockets();
    browser.network.cookie = null;
    await tab.push(id, { vitals: { heart_rate: 90 } });
    await browser.pass(60_000);
    expect(tab.needsLogin.value).toBe(true);
    await tab.login(ANNA.email, "right");
    await browser.finish(tab);
    expect(rates(id)).toEqual([90]);
  });
});

describe("another trainer on the same tablet", () => {
  it("sees nothing of the first, sends nothing of the first, and the first finds it all again", async () => {
    const id = await loggedIn();
    server.judge = (arrival) => {
      if (arrival.what === "vitals") throw refused("storage_unavailable");
    };
    await tab.push(id, { vitals: { heart_rate: 90 } });
    await tab.logout();
    expect(tab.me.value).toBeNull();
    expect(tab.entries.value).toEqual([]);
    expect(tab.sessions.value).toEqual([]);
    server.judge = () => {};
    await tab.login(BERT.email, "right");
    await browser.pass(60_000);
    expect(tab.me.value).toEqual(BERT);
    expect(tab.entries.value).toEqual([]);
    expect(tab.status.value).toEqual({ word: "saved", waiting: 0 });
    expect(rates(id)).toEqual([]);
    await tab.logout();
    await tab.login(ANNA.email, "right");
    await browser.finish(tab);
    expect(rates(id)).toEqual([90]);
    expect(server.eventsOf(id)[0]?.by.id).toBe(ANNA.id);
    expect(server.arrivals.every((arrival) => arrival.by === ANNA.id)).toBe(true);
  });

  it("is safe from a tab that was not told of the change", async () => {
    const id = await loggedIn();
    const other = await browser.open();
    browser.network.isUp = false;
    await tab.push(id, { vitals: { heart_rate: 90 } });
    await browser.pass(500);
    tab.deafen();
    await other.logout();
    browser.network.cookie = null;
    browser.network.isUp = true;
    await other.login(BERT.email, "right");
    await tab.push(id, { vitals: { heart_rate: 91 } });
    tab.wake();
    await browser.pass(60_000);
    expect(tab.me.value).toEqual(BERT);
    expect(rates(id)).toEqual([]);
    expect(server.arrivals.every((arrival) => arrival.by === ANNA.id)).toBe(true);
  });

  it("whose cookie it is found to be gets his own store", async () => {
    await loggedIn();
    tab.crash();
    browser.network.cookie = BERT;
    tab = await browser.open();
    await settle();
    expect(tab.me.value).toEqual(BERT);
    expect(tab.sessions.value.map((session) => session.trainer_id)).toEqual([ANNA.id]);
    expect(tab.entries.value).toEqual([]);
  });
});

describe("a logout", () => {
  it("leaves nothing on the device but what was not sent", async () => {
    await loggedIn();
    await tab.logout();
    const names = (await indexedDB.databases()).map((one) => one.name).filter((name) => name?.includes(browser.name));
    expect(names.toSorted()).toEqual([browser.name, `${browser.name}.${ANNA.id}`]);
    expect(await dump(`${browser.name}.${ANNA.id}`)).toEqual({
      cases: [], choices: [], colleagues: [], copies: [], drafts: [], edits: [], events: [], outbox: [], preparations: [], records: [], sessions: [], templates: [],
      // Under what name it comes back, and from where: the beginning.
      sync: [{ key: "cases, sessions and trainers", client_id: expect.any(String), cursor: 0, epoch: "epoch-1", is_resync: false }],
    }); // prettier-ignore
    expect(JSON.stringify(await dump(browser.name))).not.toContain(ANNA.email);
  });

  it("without a network holds here at once, and reaches the server later", async () => {
    await loggedIn();
    browser.network.isUp = false;
    await tab.logout();
    expect(tab.me.value).toBeNull();
    expect(browser.network.cookie).toEqual(ANNA);
    tab.crash();
    browser.network.isUp = true;
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
    tab = await browser.open();
    expect(tab.me.value).toBeNull();
    expect(browser.network.cookie).toBeNull();
  });
});

describe("a login that had run out", () => {
  it("is not asked for again by an answer to the cookie before it", async () => {
    await loggedIn();
    let read = () => {};
    browser.network.readLate = new Promise((resolve) => (read = resolve));
    const { calls } = browser.network;
    browser.network.endLogin();
    await browser.pass(2_000);
    expect(browser.network.calls).toBeGreaterThan(calls);
    browser.network.readLate = null;
    // Refused when it was asked, and read when somebody has logged in since.
    expect(await tab.login(ANNA.email, "right")).toBeNull();
    read();
    await browser.pass(100);
    expect(tab.needsLogin.value).toBe(false);
    expect([...browser.network.sockets].map(({ isConnected }) => isConnected)).toEqual([true]);
  });
});

describe("what is stored", () => {
  it("holds no secret", async () => {
    await loggedIn();
    const everything = JSON.stringify([await dump(browser.name), await dump(`${browser.name}.${ANNA.id}`)]);
    expect(everything).not.toContain("secret");
    expect(everything).not.toContain("right");
  });

  it("of an answer that cannot be written is asked for again, under the same id", async () => {
    const id = await loggedIn();
    const full = vi.spyOn(IDBObjectStore.prototype, "delete").mockImplementation(() => {
      throw new DOMException("The disk is full.", "QuotaExceededError");
    });
    const entry = await tab.push(id, { vitals: { heart_rate: 140 } });
    await settle();
    expect(tab.status.value).toEqual({ word: "problem", waiting: 1 });
    full.mockRestore();
    await browser.finish(tab);
    expect(server.arrivals.filter((arrival) => arrival.id === entry).length).toBeGreaterThan(1);
    expect(rates(id)).toEqual([140]);
    expect(tab.status.value.word).toBe("saved");
  });

  it("that cannot be written is rolled back and said", async () => {
    const id = await loggedIn();
    const full = vi.spyOn(IDBObjectStore.prototype, "add").mockImplementation(() => {
      throw new DOMException("The disk is full.", "QuotaExceededError");
    });
    const promise = tab.push(id, { vitals: { heart_rate: 140 } });
    expect(tab.session(id).value?.shown_values.heart_rate).toBe(140);
    await expect(promise).rejects.toThrow();
    expect(tab.session(id).value?.shown_values.heart_rate).toBe(75);
    expect(tab.status.value.word).toBe("problem");
    expect(tab.problem.value?.code).toBe("device_full");
    full.mockRestore();
    await tab.push(id, { vitals: { heart_rate: 141 } });
    await browser.finish(tab);
    expect(tab.status.value.word).toBe("saved");
    expect(rates(id)).toEqual([141]);
  });
});

describe("live messages", () => {
  it("that were missed are read again, and a gap is filled", async () => {
    const id = await loggedIn();
    tab.watch(id);
    expect(tab.events(id).value).toEqual([]);
    await settle();
    server.watchers.clear();
    for (const rate of [81, 82, 83]) server.record(ANNA, id, vitals(rate));
    expect(tab.events(id).value).toEqual([]);
    await tab.push(id, { vitals: { spo2: 90 } });
    await browser.pass(5_000);
    expect(tab.events(id).value.map((event) => event.seq)).toEqual([1, 2, 3, 4]);
    expect(tab.session(id).value?.shown_values).toEqual(server.session(id).last_values);
  });

  it("of a session that nobody watches: one confirmed change beyond a gap is right, too", async () => {
    const id = await loggedIn();
    for (const rate of [81, 82, 83]) server.record(ANNA, id, vitals(rate));
    await tab.push(id, { vitals: { spo2: 90 } });
    await settle();
    expect(tab.session(id).value?.shown_values).toMatchObject({ heart_rate: 75, spo2: 90 });
    await browser.pass(5_000);
    expect(tab.session(id).value?.shown_values).toMatchObject({ heart_rate: 83, spo2: 90 });
  });

  const vitals = (heart_rate: number) => ({ id: crypto.randomUUID(), kind: "vitals", vitals: { heart_rate } });
});

async function dump(name: string): Promise<Record<string, unknown[]>> {
  const { Dexie } = await import("dexie");
  const database = await new Dexie(name).open();
  const tables = await Promise.all(database.tables.map(async (table) => [table.name, await table.toArray()] as const));
  database.close();
  return Object.fromEntries(tables);
}
