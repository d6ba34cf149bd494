import "fake-indexeddb/auto";
import { Dexie } from "dexie";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Preparation } from "../../src/device/database/preparation";
import { openedSession } from "../../src/device/outbox/opening";
import { MOST_PREPARATIONS } from "../../src/device/preparations";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, ServerDouble } from "./support/server";
import { settle } from "./support/time";

const MADE = Date.parse("2026-11-21T04:25:02.500Z");

let server: ServerDouble;
let browser: BrowserDouble;

beforeEach(() => {
  server = new ServerDouble();
  browser = new BrowserDouble(server);
});

afterEach(() => browser.shut());

function inHand(part: Partial<Preparation> = {}): Preparation {
  const staged = { signs: { heart_rate: 140 }, rhythm: "svt" as const, flags: { cpr: true } };
  return { staged, ramp_seconds: 30, is_at_once: true, undo: [{ vitals: { spo2: 98 }, undoes: "0b0e7b4e-0d6a-4c3f-9d55-7f3b1f3c9a11" }], by: "a page", ...part };
}

async function opened(): Promise<{ tab: TestTab; id: string }> {
  const tab = await browser.open();
  await tab.login(ANNA.email, "right");
  const id = await tab.openSession({ title: "Anna's" });
  await browser.finish(tab);
  return { tab, id };
}

describe("what is in hand", () => {
  it("is there after a reload, and in every other tab of the device, and is never sent", async () => {
    const { tab, id } = await opened();
    const beside = await browser.open();
    server.arrivals.splice(0);
    await tab.prepare(id, inHand());
    await settle();
    expect(beside.preparation(id).value).toMatchObject(inHand());
    tab.crash();
    const again = await browser.open();
    expect(again.preparation(id).value).toMatchObject(inHand());
    expect(again.entries.value).toEqual([]);
    expect(server.arrivals.filter(({ what }) => what !== "me")).toEqual([]);
  });

  it("is gone when it is nothing any more", async () => {
    const { tab, id } = await opened();
    await tab.prepare(id, inHand());
    await tab.prepare(id, inHand({ staged: { signs: {}, rhythm: null, flags: {} }, ramp_seconds: 0, is_at_once: false, undo: [] }));
    expect(tab.preparation(id).value).toBeNull();
  });

  it("goes with the end of its session, whoever ended it, and cannot be kept after it", async () => {
    const { tab, id } = await opened();
    await tab.prepare(id, inHand());
    await tab.endSession(id);
    await browser.finish(tab);
    expect(tab.session(id).value?.closed_at).not.toBeNull();
    expect(tab.preparation(id).value).toBeNull();
    await tab.prepare(id, inHand());
    expect(tab.preparation(id).value).toBeNull();
  });

  it("goes with a session that was never opened, and with a logout", async () => {
    const { tab, id } = await opened();
    browser.network.isUp = false;
    const unsent = await tab.openSession({ title: "In the cellar" });
    await tab.prepare(unsent, inHand());
    await tab.prepare(id, inHand());
    await tab.discard(unsent);
    expect(tab.preparation(unsent).value).toBeNull();
    await tab.logout();
    browser.network.isUp = true;
    await tab.login(ANNA.email, "right");
    await browser.finish(tab);
    expect(tab.preparation(id).value).toBeNull();
  });

  it("is bounded: the oldest is let go", async () => {
    const { tab, id } = await opened();
    await tab.prepare(id, inHand());
    for (let count = 0; count < MOST_PREPARATIONS; count++) {
      await new Promise((done) => setTimeout(done, 2));
      await tab.prepare(await tab.openSession({}), inHand());
    }
    const database = await new Dexie(`${browser.name}.${ANNA.id}`).open();
    expect(await database.table("preparations").count()).toBe(MOST_PREPARATIONS);
    expect(await database.table("preparations").get(id)).toBeUndefined();
    database.close();
  });
});

it("a device of version 3 has its waiting entries sent, and can keep what is in hand", async () => {
  const { id } = server.open(ANNA, { id: crypto.randomUUID(), title: "Open" });
  await leaveVersion3(browser.name, id);
  browser.network.cookie = ANNA;
  const tab = await browser.open();
  await tab.prepare(id, inHand());
  expect(tab.preparation(id).value).toMatchObject(inHand());
  tab.wake();
  await browser.finish(tab);
  expect(server.eventsOf(id).map((event) => event.heart_rate)).toEqual([91, 92]);
  expect(tab.entries.value).toEqual([]);
});

/** As that version of the app left it: two pushes wait. */
async function leaveVersion3(name: string, sessionId: string): Promise<void> {
  const device = new Dexie(name);
  device.version(1).stores({ meta: "key" });
  await device.table("meta").put({ key: "holder", value: { trainer: ANNA, state: "in", since: Date.now() } });
  device.close();
  const database = new Dexie(`${name}.${ANNA.id}`);
  const outbox = "++position, &id, session_id";
  database.version(3).stores({ sessions: "id", templates: "id", events: "[session_id+seq]", outbox, cases: "session_id" });
  await database.table("sessions").put({ ...openedSession(sessionId, { title: "Open" }, undefined, ANNA, MADE), code: "ABC234", version: 1 });
  for (const heart_rate of [91, 92]) {
    const made_at = new Date(MADE + heart_rate * 1000).toISOString();
    await database.table("outbox").add({
      id: crypto.randomUUID(), entity: { type: "session", id: sessionId }, session_id: sessionId, kind: "vitals:push",
      body: { vitals: { heart_rate } }, author: ANNA.id, made_at, created_at: made_at, state: "waiting", failures: 0, refusal: null,
    }); // prettier-ignore
  }
  database.close();
}
