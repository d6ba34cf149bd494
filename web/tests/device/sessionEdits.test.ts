import "fake-indexeddb/auto";
import { Dexie } from "dexie";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WHOLE_LOG, type SessionChange } from "../../src/device/sync/edit";
import type { SessionConflict } from "../../src/device/sync/shownSessions";
import type { Session } from "../../src/wire/types";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, BERT, ServerDouble } from "./support/server";

let server: ServerDouble;
let browser: BrowserDouble;
let tab: TestTab;

const saved = { word: "saved", waiting: 0 };

beforeEach(async () => {
  server = new ServerDouble();
  browser = new BrowserDouble(server);
  tab = await browser.open();
  await tab.login(ANNA.email, "right");
  await browser.pass(1_000);
});

afterEach(() => browser.shut());

async function opened(): Promise<string> {
  const id = await tab.openSession({ title: "Sepsis" });
  await browser.finish(tab);
  await browser.pass(1_000);
  return id;
}

/** A colleague, or oneself at another device, over HTTP. */
const colleague = (id: string, change: Partial<Session>) => server.change(BERT, id, change, null);
const shown = (id: string) => tab.session(id).value!;

async function offline(): Promise<void> {
  browser.network.isUp = false;
  await browser.pass(100);
}

async function online(): Promise<void> {
  browser.network.isUp = true;
  tab.wake();
  await browser.pass(5_000);
  await browser.finish(tab);
}

/** A database on a disk takes its own time, whatever the clock of the test says. */
async function passUntil(done: () => boolean): Promise<void> {
  for (let round = 0; round < 500 && !done(); round++) await browser.pass(200);
}

describe("what is edited of a session", () => {
  it("is shown at once, also after a reload without a network, and sent with the fields that it changes", async () => {
    const id = await opened();
    await offline();
    const changed = tab.changeSession(id, { title: "Septic shock", trainee_name: "" });
    expect(shown(id)).toMatchObject({ title: "Septic shock", trainee_name: null });
    await changed;
    await tab.close();
    tab = await browser.open();
    expect(shown(id).title).toBe("Septic shock");
    expect(tab.entries.value).toEqual([]);
    expect(tab.status.value).toEqual({ word: "offline", waiting: 1 });
    await online();
    expect(server.session(id)).toMatchObject({ title: "Septic shock", version: 2 });
    expect(server.school.received).toMatchObject([
      { entityType: "SESSION", entityId: id, operation: "UPDATE", changedFields: ["title", "trainee_name"] },
    ]);
    expect(tab.status.value).toEqual(saved);
  });

  it("keeps its face and its place while live work goes on", async () => {
    const id = await opened();
    await offline();
    await tab.changeSession(id, { title: "Septic shock" });
    await tab.push(id, { vitals: { heart_rate: 140 } });
    expect(shown(id)).toMatchObject({ title: "Septic shock", shown_values: { heart_rate: 140 } });
    expect(tab.status.value.waiting).toBe(2);
    await online();
    expect(server.session(id)).toMatchObject({ title: "Septic shock", last_values: { heart_rate: 140 } });
  });

  it("of another field than a colleague's is merged, and both are here", async () => {
    const id = await opened();
    await offline();
    await tab.changeSession(id, { title: "Septic shock" });
    colleague(id, { trainee_name: "Group 2" });
    await online();
    expect(tab.conflicts.value).toEqual([]);
    expect(server.session(id)).toMatchObject({ title: "Septic shock", trainee_name: "Group 2" });
    expect(shown(id)).toMatchObject({ title: "Septic shock", trainee_name: "Group 2" });
  });

  it("arrives once, though its answer was lost and somebody else has edited since", async () => {
    const id = await opened();
    browser.network.loseAnswer = (what) => what === "/api/sync/up";
    await tab.changeSession(id, { title: "Ours" });
    await browser.pass(2_000);
    expect(server.session(id).title).toBe("Ours");
    colleague(id, { title: "Theirs" });
    browser.network.loseAnswer = () => false;
    await browser.pass(120_000);
    expect(server.school.received.length).toBeGreaterThan(1);
    expect(server.session(id)).toMatchObject({ title: "Theirs", version: 3 });
    expect(shown(id).title).toBe("Theirs");
    expect(tab.status.value).toEqual(saved);
  });

  it("after another one of one's own is never in conflict with it", async () => {
    const id = await opened();
    await offline();
    for (const title of ["One", "Two", "Three"]) await tab.changeSession(id, { title });
    await online();
    await tab.changeSession(id, { title: "Four" });
    await tab.changeSession(id, { title: "Five" });
    await browser.pass(2_000);
    expect(tab.conflicts.value).toEqual([]);
    expect(server.session(id).title).toBe("Five");
  });

  it("of a session that was opened here waits until the server has it, and comes before its end", async () => {
    await offline();
    const id = await tab.openSession({ title: "In the cellar" });
    await tab.changeSession(id, { title: "In the attic", expires_at: "2027-01-01T00:00:00.000Z" });
    await tab.push(id, { vitals: { heart_rate: 99 } });
    await tab.endSession(id);
    expect(tab.status.value).toEqual({ word: "offline", waiting: 4 });
    await online();
    expect(server.session(id)).toMatchObject({ title: "In the attic", expires_at: "2027-01-01T00:00:00.000Z", close_reason: "closed" });
    expect(tab.conflicts.value).toEqual([]);
    expect(tab.status.value).toEqual(saved);
  });

  it("is one on its session's place in the log, also where the screen does not know that yet", async () => {
    browser.network.inBetween = (path) => (path.startsWith("/api/sync/") ? new Response(null, { status: 503 }) : null);
    const id = await tab.openSession({ title: "Sepsis" });
    await browser.finish(tab);
    expect(server.session(id).version).toBe(1);
    // As a reading of the log writes it, and before any screen is told.
    const stored = await new Dexie(`${browser.name}.${ANNA.id}`).open();
    await stored.table("sessions").update(id, { logged: server.school.head });
    await stored.table("sync").update(WHOLE_LOG, { cursor: server.school.head });
    stored.close();
    await tab.changeSession(id, { title: "Septic shock" });
    browser.network.inBetween = null;
    await online();
    expect(tab.conflicts.value).toEqual([]);
    expect(server.session(id).title).toBe("Septic shock");
  });

  it("is no lost update where a colleague was faster in a session that was opened here", async () => {
    await offline();
    const id = await tab.openSession({ title: "In the cellar" });
    await tab.changeSession(id, { title: "In the attic" });
    browser.network.inBetween = (path) => (path.startsWith("/api/sync/") ? new Response(null, { status: 503 }) : null);
    browser.network.isUp = true;
    tab.wake();
    await passUntil(() => server.sessions.has(id));
    colleague(id, { title: "Theirs" });
    browser.network.inBetween = null;
    await online();
    await passUntil(() => tab.conflicts.value.length > 0);
    expect(server.session(id).title).toBe("Theirs");
    expect(tab.conflicts.value).toMatchObject([{ theirs: { title: "Theirs" }, mine: { title: "In the attic" } }]);
  });

  it("goes with the opening that is discarded", async () => {
    await offline();
    const id = await tab.openSession({ title: "In the cellar" });
    await tab.changeSession(id, { title: "In the attic" });
    await tab.discard(id);
    expect(tab.edits.value).toEqual([]);
    expect(tab.session(id).value).toBeNull();
    expect(tab.status.value.waiting).toBe(0);
  });

  it("is refused where the session is over, and said so", async () => {
    const id = await opened();
    await offline();
    await tab.changeSession(id, { title: "Septic shock" });
    server.close(BERT, id);
    await online();
    expect(tab.edits.value).toMatchObject([{ state: "rejected", rejection: { reason: "session_over" } }]);
    expect(shown(id)).toMatchObject({ title: "Sepsis", close_reason: "closed" });
    expect(tab.status.value).toEqual({ word: "problem", waiting: 0 });
  });

  it("does not hold up the end of its session for ever", async () => {
    const id = await opened();
    browser.network.inBetween = (path) => (path.startsWith("/api/sync/") ? new Response(null, { status: 429 }) : null);
    await tab.changeSession(id, { title: "Septic shock" });
    await tab.endSession(id);
    await browser.pass(10_000);
    expect(server.session(id).closed_at).toBeNull();
    await browser.pass(25_000);
    expect(server.session(id).close_reason).toBe("closed");
    browser.network.inBetween = null;
    await browser.pass(120_000);
    expect(tab.edits.value).toMatchObject([{ state: "rejected", rejection: { reason: "session_over" } }]);
  });

  it("made in a tab that does not lead is sent by the one that does", async () => {
    const id = await opened();
    const follower = await browser.open();
    await follower.changeSession(id, { title: "Septic shock" });
    await browser.pass(1_000);
    expect(server.session(id).title).toBe("Septic shock");
    expect(shown(id).title).toBe("Septic shock");
    expect(follower.edits.value).toEqual([]);
  });

  it("makes the status say that something waits, and that the cursor lags", async () => {
    const id = await opened();
    expect(tab.status.value).toEqual(saved);
    browser.network.inBetween = (path) => (path.startsWith("/api/sync/") ? new Response(null, { status: 429 }) : null);
    await tab.changeSession(id, { title: "Septic shock" });
    await browser.pass(100);
    expect(tab.status.value).toEqual({ word: "saving", waiting: 1 });
    browser.network.inBetween = null;
    await browser.pass(120_000);
    expect(tab.status.value).toEqual(saved);
    colleague(id, { title: "Theirs" });
    browser.network.inBetween = (path) => (path === "/api/sync/down" ? new Response(null, { status: 429 }) : null);
    for (const socket of browser.network.sockets) socket.tellEdited(1_000_000);
    await browser.pass(100);
    expect(tab.status.value).toEqual({ word: "saving", waiting: 0 });
  });
});

describe("a conflict of a session", () => {
  async function inConflict(theirs: Partial<Session>, mine: SessionChange): Promise<{ id: string; conflict: SessionConflict }> {
    const id = await opened();
    await offline();
    await tab.changeSession(id, mine);
    colleague(id, theirs);
    await online();
    expect(tab.status.value.word).toBe("problem");
    return { id, conflict: tab.conflicts.value[0] as SessionConflict };
  }

  it("shows theirs, keeps mine, and names the fields that differ", async () => {
    const { id, conflict } = await inConflict({ title: "Urosepsis", trainee_name: "Group 1" }, { title: "Septic shock", public_title: "A man of 60" });
    expect(shown(id)).toMatchObject({ title: "Urosepsis", trainee_name: "Group 1" });
    expect(conflict).toMatchObject({ fields: ["title", "public_title"], mine: { title: "Septic shock", trainee_name: "Group 1" } });
  });

  it("tells who wrote theirs, as long as that is what stands there", async () => {
    const { id, conflict } = await inConflict({ title: "Urosepsis" }, { title: "Septic shock" });
    expect(conflict.written).toMatchObject({ version: conflict.version, by: { name: "Bea" } });
    colleague(id, { title: "Pneumonia" });
    tab.wake();
    await browser.pass(2_000);
    expect(tab.conflicts.value).toMatchObject([{ theirs: { title: "Pneumonia" }, written: null }]);
  });

  it("is over when theirs is kept, and nothing of mine is sent", async () => {
    const { id, conflict } = await inConflict({ title: "Urosepsis" }, { title: "Septic shock" });
    await tab.settle(conflict, { keep: "theirs" });
    await browser.pass(2_000);
    expect(server.session(id).title).toBe("Urosepsis");
    expect(server.school.resolved).toMatchObject([{ keep: "server", serverVersion: conflict.version }]);
    expect(tab.status.value).toEqual(saved);
  });

  it("is settled without a network by a choice that waits like any edit", async () => {
    const { id, conflict } = await inConflict({ title: "Urosepsis" }, { title: "Septic shock" });
    await offline();
    await tab.settle(conflict, { keep: "mine", content: { title: "Urosepsis with shock" } });
    expect(tab.conflicts.value).toEqual([]);
    expect(shown(id).title).toBe("Urosepsis with shock");
    await online();
    expect(server.session(id).title).toBe("Urosepsis with shock");
    expect(server.school.resolved).toMatchObject([{ id: conflict.edits[0]!.conflict!.id, keep: "local" }]);
    expect(tab.status.value).toEqual(saved);
  });

  it("that was overtaken while the choice waited is shown again, with what is there now", async () => {
    const { id, conflict } = await inConflict({ title: "Urosepsis" }, { title: "Septic shock" });
    await offline();
    await tab.settle(conflict, { keep: "mine", content: { title: "Septic shock" } });
    colleague(id, { title: "Pneumonia" });
    await online();
    expect(tab.conflicts.value).toMatchObject([{ theirs: { title: "Pneumonia" }, mine: { title: "Septic shock" } }]);
    expect(server.session(id).title).toBe("Pneumonia");
  });
});

describe("a server that comes back from a backup", () => {
  it("is sent again what this device had confirmed of a session and it has lost", async () => {
    const id = await opened();
    const restore = server.school.backup();
    await tab.changeSession(id, { title: "Septic shock" });
    await browser.pass(2_000);
    restore();
    expect(server.session(id).title).toBe("Sepsis");
    tab.wake();
    await browser.pass(2_000);
    await browser.finish(tab);
    expect(server.session(id).title).toBe("Septic shock");
    expect(tab.conflicts.value).toEqual([]);
    expect(tab.status.value).toEqual(saved);
  });

  it("and was edited since: a person sees both", async () => {
    const id = await opened();
    const restore = server.school.backup();
    await tab.changeSession(id, { title: "Septic shock" });
    await browser.pass(2_000);
    restore();
    colleague(id, { title: "Urosepsis" });
    tab.wake();
    await browser.pass(2_000);
    await browser.finish(tab);
    expect(tab.conflicts.value).toMatchObject([{ theirs: { title: "Urosepsis" }, mine: { title: "Septic shock" } }]);
  });

  it("without an open session takes it from the screen; what has ended stays here with its record", async () => {
    const restore = server.school.backup();
    const [open, ended] = [await opened(), await opened()];
    await tab.push(ended, { vitals: { heart_rate: 99 } });
    await tab.endSession(ended);
    await browser.finish(tab);
    await browser.pass(10_000);
    expect(shown(ended).has_record).toBe(true);
    restore();
    tab.wake();
    await browser.pass(5_000);
    expect(tab.session(open).value).toBeNull();
    expect(shown(ended)).toMatchObject({ close_reason: "closed", has_record: true });
  });
});

describe("sessions on the device", () => {
  it("come, change and end by the log: no list of ended ones is read", async () => {
    const session = server.open(BERT, { id: crypto.randomUUID(), title: "A colleague's" });
    tab.wake();
    await browser.pass(1_000);
    expect(shown(session.id)).toMatchObject({ title: "A colleague's", close_reason: null });
    colleague(session.id, { title: "Renamed there" });
    server.close(BERT, session.id);
    tab.wake();
    await browser.pass(1_000);
    expect(shown(session.id)).toMatchObject({ title: "Renamed there", close_reason: "closed" });
  });
});
