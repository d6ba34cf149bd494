import "fake-indexeddb/auto";
import { Dexie } from "dexie";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ADULT_LIMITS } from "../../src/patient/signs";
import { openedSession } from "../../src/device/outbox/opening";
import { BrowserDouble } from "./support/browser";
import { ANNA, ServerDouble } from "./support/server";
import { settle } from "./support/time";
import { leaveVersion1 } from "./support/version1";

const MADE = Date.parse("2026-11-21T04:25:02.500Z");

let server: ServerDouble;
let browser: BrowserDouble;

beforeEach(() => {
  server = new ServerDouble();
  browser = new BrowserDouble(server);
});

afterEach(() => browser.shut());

let count = 0;
/** As version 1 wrote it. */
function old(session_id: string, kind: string, body: object, state = "waiting") {
  count += 1;
  const id = kind === "session:open" ? session_id : crypto.randomUUID();
  const created_at = new Date(MADE + count * 1000).toISOString();
  return { id, session_id, kind, body, author: ANNA.id, created_at, state, failures: 0, refusal: null };
}

const push = (session_id: string, heart_rate: number, state?: string) =>
  old(session_id, "vitals:push", { vitals: { heart_rate } }, state);
const rates = (sessionId: string) => server.eventsOf(sessionId).map((event) => event.heart_rate);
const outboxOf = (name: string) => new Dexie(`${name}.${ANNA.id}`).open();

describe("a device of version 1", () => {
  it("has everything that waited sent, once and in order", async () => {
    const open = server.open(ANNA, { id: crypto.randomUUID(), title: "Open" });
    const offline = crypto.randomUUID();
    const entries = [
      push(open.id, 90, "sending"),
      old(offline, "session:open", { title: "In the cellar" }),
      push(open.id, 91),
      push(offline, 130),
      old(open.id, "note:add", { text: "called for help" }),
      old(offline, "note:add", { text: "intubated" }),
      push(open.id, 92),
    ];
    const unsent = { ...openedSession(offline, { title: "In the cellar" }, undefined, ANNA, MADE) };
    const known = { ...open, event_count: 0, trainee_count: 0, recorded_to: 0, ahead: [], watched_at: null };
    await leaveVersion1(browser.name, ANNA, { sessions: [known, unsent], entries });
    server.arrivals.splice(0);
    const tab = await browser.open();
    expect(tab.entries.value.map((entry) => entry.id)).toEqual(entries.map((entry) => entry.id));
    expect(tab.entries.value.map((entry) => entry.made_at)).toEqual(entries.map((entry) => entry.created_at));
    expect(tab.session(open.id).value?.shown_values.heart_rate).toBe(92);
    expect(tab.session(offline).value).toMatchObject({ code: null, title: "In the cellar" });
    browser.network.cookie = ANNA;
    tab.wake();
    await browser.finish(tab);
    const arrived = server.arrivals.filter(({ what }) => what !== "me").map(({ id }) => id);
    expect(new Set(arrived).size).toBe(arrived.length);
    expect(server.eventsOf(open.id).map((event) => event.id)).toEqual(ids(entries, open.id));
    expect([offline, ...server.eventsOf(offline).map((event) => event.id)]).toEqual(ids(entries, offline));
    const made = new Map(server.arrivals.map((arrival) => [arrival.id, arrival.made_at]));
    for (const entry of entries.filter(({ kind }) => kind !== "session:open"))
      expect(made.get(entry.id)).toBe(entry.created_at);
    expect(tab.entries.value).toEqual([]);
    expect(tab.status.value.word).toBe("saved");
  });

  it("keeps what was refused and put aside as it was", async () => {
    const { id } = server.open(ANNA, { id: crypto.randomUUID() });
    const entries = [push(id, 90, "kept"), { ...push(id, 91, "rejected"), failures: 3 }, push(id, 92)];
    await leaveVersion1(browser.name, ANNA, { sessions: [], entries });
    browser.network.cookie = ANNA;
    const tab = await browser.open();
    await browser.pass(60_000);
    expect(tab.entries.value.map(({ state, failures }) => [state, failures])).toEqual([["kept", 0], ["rejected", 3], ["waiting", 0]]);
    expect(tab.entries.value.every((entry) => entry.entity.id === id)).toBe(true);
    expect(rates(id)).toEqual([]);
  });
});

describe("a device of version 4", () => {
  const TEMPLATE = {
    id: crypto.randomUUID(), school_id: "school", title: "Sepsis", public_title: "", description: "", duration_minutes: null,
    language: "en", vitals: {}, rhythm: null, flags: {}, limits: ADULT_LIMITS, checklist: [], targets: [], steps: [],
    created_at: new Date(MADE).toISOString(), updated_at: new Date(MADE).toISOString(), deleted_at: null, version: 1,
  }; // prettier-ignore

  async function leaveVersion4(entries: ReturnType<typeof old>[]): Promise<void> {
    await leaveVersion1(browser.name, ANNA, { sessions: [], entries });
    const database = new Dexie(`${browser.name}.${ANNA.id}`);
    database.version(4).stores({
      sessions: "id", templates: "id", events: "[session_id+seq]", outbox: "++position, &id, session_id", cases: "session_id",
      preparations: "session_id",
    }); // prettier-ignore
    await database.open();
    await database.table("templates").add(TEMPLATE);
    database.close();
  }

  it("has its cases at once, edits one without a network, and sends what waited", async () => {
    const { id } = server.open(ANNA, { id: crypto.randomUUID() });
    server.templates.push({ ...TEMPLATE, pass_percent: null });
    await leaveVersion4([push(id, 90), push(id, 91)]);
    browser.network.cookie = ANNA;
    browser.network.isUp = false;
    const tab = await browser.open();
    expect(tab.templates.value.map(({ title }) => title)).toEqual(["Sepsis"]);
    await tab.changeTemplate(tab.templates.value[0]!, { title: "Septic shock" });
    expect(tab.status.value).toEqual({ word: "offline", waiting: 3 });
    browser.network.isUp = true;
    tab.wake();
    await browser.finish(tab);
    expect(rates(id)).toEqual([90, 91]);
    expect(server.templates).toMatchObject([{ title: "Septic shock" }]);
    expect(tab.status.value).toEqual({ word: "saved", waiting: 0 });
  });

  it("is asked by a conflict where somebody had changed the same since", async () => {
    server.templates.push({ ...TEMPLATE, pass_percent: null, title: "Urosepsis", version: 2 });
    await leaveVersion4([]);
    browser.network.cookie = ANNA;
    browser.network.isUp = false;
    const tab = await browser.open();
    await tab.changeTemplate(tab.templates.value[0]!, { title: "Septic shock" });
    browser.network.isUp = true;
    tab.wake();
    await browser.finish(tab);
    expect(server.templates).toMatchObject([{ title: "Urosepsis" }]);
    expect(tab.conflicts.value).toMatchObject([{ theirs: { title: "Urosepsis" }, mine: { title: "Septic shock" }, fields: ["title"] }]);
  });
});

describe("a device of version 5", () => {
  const change = (session_id: string, body: object, state?: string) => old(session_id, "session:change", body, state);

  /** As it stood: cases read up to a cursor, one of them edited, and what was changed of sessions among the live entries. */
  async function leaveVersion5(sessions: object[], entries: ReturnType<typeof old>[]): Promise<void> {
    await leaveVersion1(browser.name, ANNA, { sessions: sessions as Record<string, unknown>[], entries });
    const database = new Dexie(`${browser.name}.${ANNA.id}`);
    database.version(5).stores({
      sessions: "id", templates: "id", events: "[session_id+seq]", outbox: "++position, &id, session_id", cases: "session_id",
      preparations: "session_id", copies: "id", edits: "++seq, &id, template_id", choices: "id", sync: "key",
    }); // prettier-ignore
    await database.open();
    await database.table("sync").add({ key: "school", client_id: "this-device", cursor: 1001, epoch: "epoch-1", is_resync: false });
    database.close();
  }

  const stored = (session: object) => ({ ...session, event_count: 0, trainee_count: 0, recorded_to: 0, ahead: [], watched_at: null });

  it("sends what waited of a session's own fields, as the same device and in order with everything else", async () => {
    const open = server.open(ANNA, { id: crypto.randomUUID(), title: "Open" });
    const offline = crypto.randomUUID();
    const entries = [
      change(open.id, { title: "Renamed" }),
      push(open.id, 90),
      old(offline, "session:open", { title: "In the cellar" }),
      change(offline, { title: "In the attic", trainee_name: "Group 2" }),
      change(open.id, { title: "Renamed again" }),
      old(offline, "session:close", {}),
    ];
    await leaveVersion5([stored(open), openedSession(offline, { title: "In the cellar" }, undefined, ANNA, MADE)], entries);
    browser.network.cookie = ANNA;
    browser.network.isUp = false;
    const tab = await browser.open();
    expect(tab.status.value).toEqual({ word: "offline", waiting: 6 });
    expect(tab.session(open.id).value?.title).toBe("Renamed again");
    expect(tab.session(offline).value).toMatchObject({ code: null, title: "In the attic", trainee_name: "Group 2" });
    browser.network.isUp = true;
    tab.wake();
    await browser.finish(tab);
    expect(server.session(open.id)).toMatchObject({ title: "Renamed again", version: 3 });
    expect(server.session(offline)).toMatchObject({ title: "In the attic", trainee_name: "Group 2", close_reason: "closed" });
    expect(rates(open.id)).toEqual([90]);
    expect(new Set(server.school.clients)).toEqual(new Set(["this-device"]));
    expect(tab.status.value).toEqual({ word: "saved", waiting: 0 });
  });

  it("asks a person where somebody has changed the same since, and keeps what was refused to be decided", async () => {
    const open = server.open(ANNA, { id: crypto.randomUUID(), title: "Open" });
    await leaveVersion5([stored(open)], [change(open.id, { title: "Ours" }), change(open.id, { title: "Refused" }, "rejected")]);
    server.change(ANNA, open.id, { title: "Theirs" }, null);
    browser.network.cookie = ANNA;
    const tab = await browser.open();
    await browser.pass(10_000);
    expect(server.session(open.id).title).toBe("Theirs");
    expect(tab.conflicts.value).toMatchObject([{ session_id: open.id, theirs: { title: "Theirs" }, mine: { title: "Ours" } }]);
    expect(tab.edits.value).toMatchObject([{ state: "conflict" }, { state: "rejected", content: { title: "Refused" } }]);
    expect(tab.entries.value).toEqual([]);
  });

  it("takes over what a tab of that version goes on putting into the outbox", async () => {
    const open = server.open(ANNA, { id: crypto.randomUUID(), title: "Open" });
    await leaveVersion5([stored(open)], []);
    browser.network.cookie = ANNA;
    const tab = await browser.open();
    const before = await outboxOf(browser.name);
    await before.table("outbox").add(change(open.id, { title: "From the old tab" }));
    before.close();
    await tab.push(open.id, { vitals: { heart_rate: 91 } });
    await browser.pass(2_000);
    await browser.finish(tab);
    expect(server.session(open.id).title).toBe("From the old tab");
    expect(rates(open.id)).toEqual([91]);
    expect(tab.status.value).toEqual({ word: "saved", waiting: 0 });
  });
});

describe("a tab of version 1 that is still open", () => {
  it("works on beside the new one: each sends what the other has put into the outbox", async () => {
    const { id } = server.open(ANNA, { id: crypto.randomUUID() });
    await leaveVersion1(browser.name, ANNA, { sessions: [], entries: [] });
    const before = new Dexie(`${browser.name}.${ANNA.id}`);
    before.version(1).stores({ sessions: "id", templates: "id", events: "[session_id+seq]", outbox: "++position, &id, session_id" });
    await before.open();
    browser.network.cookie = ANNA;
    const tab = await browser.open();
    await before.table("outbox").add(push(id, 101));
    await tab.push(id, { vitals: { heart_rate: 102 } });
    await browser.finish(tab);
    expect(rates(id)).toEqual([101, 102]);
    browser.network.isUp = false;
    await tab.push(id, { vitals: { heart_rate: 103 } });
    await settle();
    const [mine] = (await before.table("outbox").where({ session_id: id }).toArray()) as Record<string, unknown>[];
    expect(mine).toMatchObject({ session_id: id, created_at: mine?.["made_at"], state: "waiting" });
    // Neither has given the database another version again.
    const database = await outboxOf(browser.name);
    expect(database.backendDB().version).toBe(80);
    database.close();
    before.close();
  });
});

function ids(entries: readonly { id: string; session_id: string }[], sessionId: string): string[] {
  return entries.filter((entry) => entry.session_id === sessionId).map((entry) => entry.id);
}
