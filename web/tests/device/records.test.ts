import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredSession } from "../../src/device/database/schema";
import { openedSession } from "../../src/device/outbox/opening";
import { planRecords, type OnDevice } from "../../src/device/sync/records";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, BERT, refused, ServerDouble } from "./support/server";

const NOW = Date.parse("2026-11-28T12:00:00.000Z");
const DAY = 24 * 3600_000;

function anEnded(id: string, daysAgo: number, part: Partial<StoredSession> = {}): StoredSession {
  const closed_at = new Date(NOW - daysAgo * DAY).toISOString();
  const session = openedSession(id, {}, undefined, ANNA, NOW);
  return { ...session, code: "ABC234", closed_at, close_reason: "closed", last_seq: 3, recorded_to: 3, attendance: [], ...part };
}

function plan(sessions: StoredSession[], sizes: Record<string, number>, part: Partial<OnDevice> = {}) {
  const records = new Map(Object.entries(sizes).map(([session_id, bytes]) => [session_id, { session_id, bytes }]));
  return planRecords({ sessions, records, cases: new Map(), busy: new Set(), now: NOW, room: 1000, ...part });
}

describe("what of ended sessions is on the device", () => {
  it("is fetched newest first, one after the other, and measured", () => {
    const missing = { recorded_to: 0, attendance: null };
    expect(plan([anEnded("old", 9, missing), anEnded("new", 1, missing)], {}).next).toBe("new");
    expect(plan([anEnded("old", 9, missing), anEnded("new", 1)], {}).next).toBe("new");
    expect(plan([anEnded("old", 9, missing), anEnded("new", 1)], { new: 10 }).next).toBe("old");
    expect(plan([anEnded("old", 9), anEnded("new", 1)], { new: 10, old: 10 })).toEqual({ next: null, drop: [], forget: [] });
  });

  it("goes oldest first where there is no room, however small it is, and is not fetched again", () => {
    const three = [anEnded("a", 1), anEnded("b", 2), anEnded("c", 3)];
    expect(plan(three, { a: 600, b: 500, c: 10 })).toEqual({ next: null, drop: ["b", "c"], forget: [] });
    const gone = [anEnded("a", 1), anEnded("b", 2, { recorded_to: 0, attendance: null })];
    expect(plan(gone, { a: 600, b: 500 })).toEqual({ next: null, drop: [], forget: [] });
    expect(plan(gone, { a: 600, b: 500 }, { room: 1100 }).next).toBe("b");
  });

  it("goes after 30 days, unless it was looked at since or is being looked at", () => {
    expect(plan([anEnded("a", 31)], { a: 10 }).drop).toEqual(["a"]);
    expect(plan([anEnded("a", 29)], { a: 10 }).drop).toEqual([]);
    expect(plan([anEnded("a", 31, { watched_at: new Date(NOW - DAY).toISOString() })], { a: 10 }).drop).toEqual([]);
    expect(plan([anEnded("a", 31)], { a: 10 }, { busy: new Set(["a"]) }).drop).toEqual([]);
  });

  it("does not speak of open sessions, and forgets old ones beyond the newest", () => {
    expect(plan([anEnded("a", 31, { closed_at: null })], {})).toEqual({ next: null, drop: [], forget: [] });
    const many = Array.from({ length: 203 }, (_, n) => anEnded(`s${n}`, 40 + n, { recorded_to: 0, attendance: null }));
    expect(plan(many, {})).toEqual({ next: null, drop: [], forget: ["s200", "s201", "s202"] });
  });
});

describe("records in the background", () => {
  let server: ServerDouble;
  let browser: BrowserDouble;
  let tab: TestTab;
  const asked: string[] = [];

  beforeEach(() => {
    server = new ServerDouble();
    browser = new BrowserDouble(server);
    asked.splice(0);
    browser.network.inBetween = (path) => {
      if (/events|debrief|annotations|case$/.test(path)) asked.push(path);
      return null;
    };
  });

  afterEach(() => browser.shut());

  function endedThere(count: number, daysAgo = 1): string {
    const { id } = server.open(BERT, { id: crypto.randomUUID(), title: `Ended ${server.sessions.size}` });
    for (let n = 0; n < count; n++) server.record(BERT, id, { id: crypto.randomUUID(), kind: "vitals", vitals: { heart_rate: 60 + (n % 100) } });
    server.close(BERT, id);
    const session = server.session(id);
    server.sessions.set(id, { ...session, closed_at: new Date(Date.now() - daysAgo * DAY).toISOString() });
    return id;
  }

  async function enter(): Promise<void> {
    tab = await browser.open();
    await tab.login(ANNA.email, "right");
    await browser.pass(1_000);
  }

  async function events(id: string): Promise<number> {
    const read = tab.events(id);
    void read.value;
    await browser.pass(10);
    return read.value.length;
  }

  it("come whole after the pull, and open without a network after a reload", async () => {
    const id = endedThere(450);
    await enter();
    await browser.pass(10_000);
    await tab.close();
    browser.network.isUp = false;
    tab = await browser.open();
    expect(tab.session(id).value).toMatchObject({ has_record: true, trainee_count: 0, attendance: [] });
    expect(await events(id)).toBe(451);
    expect(asked.filter((path) => path.endsWith("/events"))).toHaveLength(3);
  });

  it("are not fetched of sessions that ended long ago; those say so", async () => {
    const [old, recent] = [endedThere(2, 40), endedThere(2, 20)];
    await enter();
    await browser.pass(10_000);
    expect(tab.session(recent).value?.has_record).toBe(true);
    expect(tab.session(old).value).toMatchObject({ has_record: false, trainee_count: null });
  });

  it("are read again when names went out of them, and what was here is gone at once", async () => {
    const id = endedThere(3);
    await enter();
    await browser.pass(10_000);
    const shown = tab.events(id);
    expect(await events(id)).toBe(4);
    namesGoOut(id);
    browser.network.inBetween = (path) => (path.includes(`/sessions/${id}/`) ? new Response(null, { status: 500 }) : null);
    tab.wake();
    await browser.pass(5_000);
    expect(shown.value).toEqual([]);
    expect(tab.session(id).value).toMatchObject({ has_record: false, attendance: null });
    browser.network.inBetween = () => null;
    await browser.pass(300_000);
    expect(new Set(shown.value.map((event) => event.by.name))).toEqual(new Set(["Trainee 1"]));
    expect(tab.session(id).value?.has_record).toBe(true);
  });

  /** A page of this tab shows it; the answer is what it has of the record. */
  function look(id: string, by = tab) {
    by.watch(id);
    const shown = by.events(id);
    void shown.value;
    return shown;
  }

  /** Answers of the record's pages that come only when the answer is called. */
  function heldPages(): () => void {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    browser.network.inBetween = (path) => {
      if (/events|debrief$/.test(path)) asked.push(path);
      browser.network.readLate = path.endsWith("/events") ? held : null;
      return null;
    };
    return release;
  }

  const askedFor = (what: string) => asked.filter((path) => path.endsWith(what)).length;

  it("come to a page that shows one before what the server has to reckon from it", async () => {
    const id = endedThere(1_100);
    await enterWithoutRecords();
    const release = heldPages();
    const shown = look(id);
    await browser.pass(5_000);
    expect([askedFor("/events"), askedFor("/debrief")]).toEqual([4, 0]);
    release();
    await browser.pass(20_000);
    expect(shown.value.map((event) => event.seq)).toEqual(Array.from({ length: 1_101 }, (_, n) => n + 1));
    expect([askedFor("/events"), askedFor("/debrief")]).toEqual([6, 1]);
    await tab.close();
    browser.network.isUp = false;
    tab = await browser.open();
    expect(tab.session(id).value).toMatchObject({ has_record: true, attendance: [] });
    expect(await events(id)).toBe(1_101);
  });

  it("are left to the page that shows one, also where some of it is under way already", async () => {
    const id = endedThere(2_100);
    const releaseFirst = heldPages();
    await enter();
    await browser.pass(10_000);
    expect(askedFor("/events")).toBe(4);
    const release = heldPages();
    const shown = look(id);
    await browser.pass(1_000);
    releaseFirst();
    await browser.pass(2_000);
    expect(askedFor("/events")).toBe(4 + 4);
    release();
    await browser.pass(20_000);
    expect(shown.value).toHaveLength(2_101);
    expect(askedFor("/events")).toBe(4 + 11);
  });

  it("are on the page before they are kept, and are whole there by then", async () => {
    const id = endedThere(1_100);
    await enterWithoutRecords();
    const shown = look(id);
    /** How much of it a second tab, which reads what is stored, has when the page has all of it. */
    const stored = look(id, await browser.open());
    await browser.pass(10);
    let storedThen: number | null = null;
    shown.subscribe(({ length }) => {
      if (length === 1_101) storedThen ??= stored.peek().length;
    });
    const seen: [number, boolean | undefined][] = [];
    tab.session(id).subscribe((session) => void seen.push([shown.peek().length, session?.has_record]));
    browser.network.inBetween = null;
    await browser.pass(20_000);
    expect(storedThen).toBe(0);
    expect(seen.filter(([length, isWhole]) => isWhole !== (length === 1_101))).toEqual([]);
    expect(stored.value).toHaveLength(1_101);
  });

  it("do not name anybody whose name went out while they came", async () => {
    const id = endedThere(450);
    await enterWithoutRecords();
    asked.splice(0);
    const shown = look(id);
    // Read on the server before, they come after it.
    const release = heldPages();
    await browser.pass(15_000);
    expect(askedFor("/events")).toBe(3);
    browser.network.inBetween = null;
    browser.network.readLate = null;
    namesGoOut(id);
    tab.wake();
    await browser.pass(1_000);
    expect(tab.session(id).value?.names_out_at).not.toBeNull();
    const names = new Set<string>();
    shown.subscribe((some) => some.forEach((event) => names.add(event.by.name)));
    release();
    await browser.pass(60_000);
    expect(names).toEqual(new Set(["Trainee 1"]));
    expect(tab.session(id).value?.has_record).toBe(true);
    expect(shown.value).toHaveLength(451);
  });

  function namesGoOut(id: string): void {
    for (const [key, event] of server.events)
      if (event.session_id === id) server.events.set(key, { ...event, by: { ...event.by, name: "Trainee 1" } });
    const session = server.session(id);
    server.sessions.set(id, { ...session, names_out_at: new Date().toISOString(), version: session.version + 1 });
  }

  /** As long as nothing else is in between. */
  async function enterWithoutRecords(): Promise<void> {
    browser.network.inBetween = (path) => (path.endsWith("/events") ? new Response(null, { status: 500 }) : null);
    await enter();
  }

  it("are gone when they were deleted on the server", async () => {
    const [gone, here] = [endedThere(3), endedThere(3)];
    await enter();
    await browser.pass(10_000);
    const shown = tab.events(gone);
    expect(await events(gone)).toBe(4);
    server.school.forget(gone);
    tab.wake();
    await browser.pass(5_000);
    expect(shown.value).toEqual([]);
    expect(tab.session(gone).value).toBeNull();
    expect(tab.session(here).value?.has_record).toBe(true);
  });

  it("wait for what a person does", async () => {
    const [ended, open] = [endedThere(3), server.open(ANNA, { id: crypto.randomUUID() }).id];
    await enter();
    await browser.pass(10_000);
    expect(tab.session(ended).value?.has_record).toBe(true);
    asked.splice(0);
    server.judge = ({ what, by }) => {
      if (what === "vitals" && by === ANNA.id) throw refused("storage_unavailable");
    };
    await tab.push(open, { vitals: { heart_rate: 90 } });
    const later = endedThere(3);
    tab.wake();
    await browser.pass(20_000);
    expect(asked.filter((path) => path.includes(later))).toEqual([]);
    server.judge = () => {};
    await browser.finish(tab);
    await browser.pass(10_000);
    expect(tab.session(later).value?.has_record).toBe(true);
  });

  /** The room for records is told only when the answer is called. */
  function roomLater(): (bytes: number) => void {
    let tell: (bytes: number) => void = () => {};
    Object.assign(browser, { recordRoom: new Promise<number>((resolve) => (tell = resolve)) });
    return (bytes) => {
      browser.recordRoom = bytes;
      tell(bytes);
    };
  }

  it("come soon also if a session ends while it is being looked what there is to do", async () => {
    await enter();
    const tell = roomLater();
    tab.wake();
    await browser.pass(2_000);
    const id = endedThere(3);
    // The pull that brings it finds the keeper at work, on a plan of before: nothing wakes it again for minutes.
    tab.wake();
    await browser.pass(2_000);
    tell(2 ** 20);
    await browser.pass(10_000);
    expect(tab.session(id).value?.has_record).toBe(true);
  });

  it("are let be when somebody opens one while it is being looked what has to go", async () => {
    const id = endedThere(3);
    await enter();
    await browser.pass(10_000);
    const seen: (boolean | undefined)[] = [];
    tab.session(id).subscribe((session) => void seen.push(session?.has_record));
    const tell = roomLater();
    tab.wake();
    await browser.pass(2_000);
    tab.watch(id);
    await browser.pass(100);
    // What is on a page does not go, whatever was so when the look began.
    tell(0);
    await browser.pass(2_000);
    expect(new Set(seen)).toEqual(new Set([true]));
  });

  it("are bounded: the oldest is out first, also when a newer one comes later", async () => {
    browser.recordRoom = 300_000;
    const [first, second] = [endedThere(200, 3), endedThere(200, 2)];
    await enter();
    await browser.pass(30_000);
    const here = (id: string) => tab.session(id).value?.has_record;
    expect([here(first), here(second)]).toEqual([true, true]);
    const third = endedThere(200, 1);
    tab.wake();
    await browser.pass(30_000);
    expect([here(first), here(second), here(third)]).toEqual([false, true, true]);
    asked.splice(0);
    tab.wake();
    await browser.pass(30_000);
    expect(asked).toEqual([]);
  });

  it("are tried again after a failure, and given up where the server has none for us", async () => {
    const [id, foreign] = [endedThere(3, 2), endedThere(3, 1)];
    let fails = true;
    browser.network.inBetween = (path) => {
      if (path === `/sessions/${foreign}/debrief`)
        return new Response(JSON.stringify({ code: "not_found" }), { status: 404, headers: { "content-type": "application/problem+json" } });
      return fails && path.endsWith("/events") ? new Response(null, { status: 500 }) : null;
    };
    await enter();
    await browser.pass(5_000);
    expect(tab.session(id).value?.has_record).toBe(false);
    fails = false;
    await browser.pass(300_000);
    expect(tab.session(id).value?.has_record).toBe(true);
    expect(tab.status.value).toEqual({ word: "saved", waiting: 0 });
  });
});
