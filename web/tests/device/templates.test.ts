import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ADULT_LIMITS } from "../../src/patient/signs";
import type { Template } from "../../src/wire/types";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, ServerDouble } from "./support/server";

const TEMPLATE: Template = {
  id: "33333333-3333-4333-8333-333333333333", school_id: "school", title: "Sepsis", public_title: "", description: "A man of 60.",
  duration_minutes: null, language: "en", vitals: {}, rhythm: null, flags: {}, limits: ADULT_LIMITS, checklist: [], pass_percent: null, targets: [], steps: [],
  created_at: "2026-11-01T09:00:00.000Z", updated_at: "2026-11-01T09:00:00.000Z", deleted_at: null, version: 1,
}; // prettier-ignore

let server: ServerDouble;
let browser: BrowserDouble;
let tab: TestTab;

const shown = () => tab.templates.value.map(({ title }) => title);
const stored = () => server.templates.map(({ title }) => title).toSorted();
const first = () => tab.templates.value[0]!;
const saved = { word: "saved", waiting: 0 };

beforeEach(() => {
  server = new ServerDouble();
  server.templates.push(TEMPLATE);
  browser = new BrowserDouble(server);
});

afterEach(() => browser.shut());

async function enter(): Promise<void> {
  tab = await browser.open();
  await tab.login(ANNA.email, "right");
  await browser.pass(1_000);
}

/** Another trainer, at another device. */
function colleague(change: Partial<Template>, id = TEMPLATE.id): void {
  const at = server.templates.findIndex((one) => one.id === id);
  const before = server.templates[at]!;
  server.templates[at] = { ...before, ...change, version: before.version + 1 };
}

function deletedByColleague(): void {
  server.templates.splice(0);
}

/** What the server tells the leading tab when something was edited. */
async function heard(): Promise<void> {
  tab.wake();
  await browser.pass(2_000);
}

function busy(): Response {
  const body = JSON.stringify({ code: "rate_limited", detail: "too many at once" });
  return new Response(body, { status: 429, headers: { "content-type": "application/problem+json", "retry-after": "2" } });
}

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

describe("cases on the device", () => {
  it("are read in pages, once, and then only what has changed", async () => {
    server.school.limit = 2;
    for (let n = 0; n < 5; n++) server.templates.push({ ...TEMPLATE, id: crypto.randomUUID(), title: `Case ${n}` });
    await enter();
    expect(shown()).toEqual(["Case 0", "Case 1", "Case 2", "Case 3", "Case 4", "Sepsis"]);
    colleague({ title: "Septic shock" });
    await heard();
    expect(shown()).toContain("Septic shock");
    deletedByColleague();
    await heard();
    expect(shown()).toEqual([]);
  });

  it("are asked for again after five minutes, whatever was told", async () => {
    await enter();
    colleague({ title: "Septic shock" });
    await browser.pass(4 * 60_000);
    expect(shown()).toEqual(["Sepsis"]);
    await browser.pass(61_000);
    expect(shown()).toEqual(["Septic shock"]);
  });

  it("lag, says the status, from the server's word until they are here", async () => {
    await enter();
    expect(tab.status.value).toEqual(saved);
    colleague({ title: "Septic shock" });
    browser.network.inBetween = (path) => (path === "/api/sync/down" ? busy() : null);
    for (const socket of browser.network.sockets) socket.tellEdited(1_000_000);
    await browser.pass(100);
    expect(tab.status.value).toEqual({ word: "saving", waiting: 0 });
  });
});

describe("a device that an admin has shut out", () => {
  it("says so, keeps what was edited, and sends it when it is let in again", async () => {
    await enter();
    let isRevoked = true;
    const body = JSON.stringify({ code: "device_revoked", detail: "Olga has shut this device out" });
    const revoked = () => new Response(body, { status: 403, headers: { "content-type": "application/problem+json" } });
    browser.network.inBetween = (path) => (isRevoked && path.startsWith("/api/sync/") ? revoked() : null);
    await tab.changeTemplate(first(), { title: "Septic shock" });
    await browser.pass(3_000);
    expect(tab.problem.value?.code).toBe("device_revoked");
    expect(tab.status.value).toEqual({ word: "problem", waiting: 1 });
    expect(shown()).toEqual(["Septic shock"]);
    isRevoked = false;
    await browser.pass(61_000);
    await browser.finish(tab);
    expect(tab.problem.value).toBeNull();
    expect(tab.status.value).toEqual(saved);
    expect(server.templates[0]!.title).toBe("Septic shock");
  });
});

describe("an edit", () => {
  it("is shown at once, also after a reload without a network, and sent with the fields that it changes", async () => {
    await enter();
    await offline();
    const changed = tab.changeTemplate(first(), { title: "Septic shock" });
    expect(shown()).toEqual(["Septic shock"]);
    await changed;
    await tab.close();
    tab = await browser.open();
    expect(shown()).toEqual(["Septic shock"]);
    expect(tab.status.value).toEqual({ word: "offline", waiting: 1 });
    await online();
    expect(server.school.received).toMatchObject([{ operation: "UPDATE", payload: { title: "Septic shock" }, changedFields: ["title"] }]);
    expect(tab.status.value).toEqual(saved);
    expect(tab.edits.value).toEqual([]);
  });

  it("of another field than a colleague's is merged, and both are here", async () => {
    await enter();
    await offline();
    await tab.changeTemplate(first(), { title: "Septic shock" });
    colleague({ description: "A woman of 70." });
    await online();
    expect(tab.conflicts.value).toEqual([]);
    expect(server.templates).toMatchObject([{ title: "Septic shock", description: "A woman of 70." }]);
    expect(first()).toMatchObject({ title: "Septic shock", description: "A woman of 70." });
  });

  it("keeps its face when a newer base comes", async () => {
    await enter();
    browser.network.inBetween = (path) => (path === "/api/sync/up" ? busy() : null);
    await tab.changeTemplate(first(), { title: "Septic shock" });
    colleague({ description: "A woman of 70." });
    await heard();
    expect(first()).toMatchObject({ title: "Septic shock", description: "A woman of 70." });
    expect(tab.edits.value).toHaveLength(1);
  });

  it("arrives once, though its answer was lost", async () => {
    await enter();
    let lost = 0;
    browser.network.loseAnswer = (what) => what === "/api/sync/up" && lost++ < 2;
    await tab.changeTemplate(first(), { title: "Septic shock" });
    await browser.pass(60_000);
    await browser.finish(tab);
    expect(server.school.received.length).toBeGreaterThan(1);
    expect(server.templates).toMatchObject([{ title: "Septic shock", version: 2 }]);
    expect(tab.status.value).toEqual(saved);
  });

  it("after another one of one's own is never in conflict with it", async () => {
    await enter();
    await offline();
    await tab.changeTemplate(first(), { title: "Septic shock" });
    await tab.changeTemplate(first(), { title: "Septic shock, early" });
    await tab.deleteTemplate(first());
    await tab.restoreTemplate({ ...TEMPLATE, title: "Septic shock, late" });
    expect(shown()).toEqual(["Septic shock, late"]);
    await online();
    expect(tab.conflicts.value).toEqual([]);
    expect(stored()).toEqual(["Septic shock, late"]);
    expect(shown()).toEqual(["Septic shock, late"]);
  });

  it("is sent in smaller parts where the server takes fewer at a time", async () => {
    server.school.mostEvents = 3;
    await enter();
    await offline();
    for (let n = 0; n < 10; n++) await tab.duplicateTemplate(first(), `Case ${n}`);
    await online();
    expect(server.templates).toHaveLength(11);
    expect(tab.status.value).toEqual(saved);
  });

  it("that the server refuses is taken back and kept, and holds nothing up", async () => {
    await enter();
    await tab.changeTemplate(first(), { title: "" });
    await tab.changeTemplate(first(), { description: "A woman of 70." });
    await browser.pass(2_000);
    expect(first()).toMatchObject({ title: "Sepsis", description: "A woman of 70." });
    expect(tab.edits.value).toMatchObject([{ state: "rejected", rejection: { reason: "invalid_fields" } }]);
    expect(tab.status.value).toEqual({ word: "problem", waiting: 0 });
    await tab.dropEdit(tab.edits.value[0]!.id);
    expect(tab.status.value).toEqual(saved);
  });

  it("made in a tab that does not lead is sent by the one that does", async () => {
    await enter();
    const follower = await browser.open();
    await follower.changeTemplate(follower.templates.value[0]!, { title: "Septic shock" });
    await browser.pass(1_000);
    expect(stored()).toEqual(["Septic shock"]);
    expect(shown()).toEqual(["Septic shock"]);
    expect(follower.edits.value).toEqual([]);
  });
});

describe("a case that was duplicated without a network", () => {
  it("can be deleted and brought back, and a session is opened with it once it has arrived", async () => {
    await enter();
    await offline();
    const id = await tab.duplicateTemplate(first(), "Sepsis, again");
    expect(shown()).toEqual(["Sepsis", "Sepsis, again"]);
    const session = await tab.openSession({ template_id: id });
    expect(tab.session(session).value?.title).toBe("Sepsis, again");
    server.judge = ({ what }) => {
      if (what === "open") expect(stored()).toContain("Sepsis, again");
    };
    await online();
    expect(tab.session(session).value?.code).toBeTruthy();
    expect(tab.status.value).toEqual(saved);
  });
});

describe("a session with a new case", () => {
  it("waits for it while the server is too busy for edits, and holds no other session up", async () => {
    await enter();
    const other = await tab.openSession({});
    await browser.finish(tab);
    let isBusy = true;
    browser.network.inBetween = (path) => (isBusy && path.startsWith("/api/sync/") ? busy() : null);
    const id = await tab.duplicateTemplate(first(), "Sepsis, again");
    const session = await tab.openSession({ template_id: id });
    await tab.push(other, { vitals: { heart_rate: 140 } });
    await browser.pass(3_000);
    expect(server.eventsOf(other)).toHaveLength(1);
    expect(server.sessions.has(session)).toBe(false);
    isBusy = false;
    await browser.finish(tab);
    expect(server.sessions.get(session)?.template_id).toBe(id);
    expect(tab.status.value).toEqual(saved);
  });
});

describe("a conflict", () => {
  async function inConflict(theirs: Partial<Template> | null, mine: Partial<Template> | null) {
    await enter();
    await offline();
    if (mine === null) await tab.deleteTemplate(first());
    else await tab.changeTemplate(first(), mine);
    if (theirs === null) deletedByColleague();
    else colleague(theirs);
    await online();
    expect(tab.status.value.word).toBe("problem");
    return tab.conflicts.value[0]!;
  }

  it("shows theirs, keeps mine, and names the fields that differ", async () => {
    const conflict = await inConflict({ title: "Urosepsis", duration_minutes: 20 }, { title: "Septic shock", description: "Old." });
    expect(shown()).toEqual(["Urosepsis"]);
    expect(conflict).toMatchObject({ fields: ["title", "description"], mine: { title: "Septic shock", description: "Old.", duration_minutes: 20 } });
  });

  it("tells who wrote theirs, as long as that is what stands there", async () => {
    const conflict = await inConflict({ title: "Urosepsis" }, { title: "Septic shock" });
    expect(conflict.written).toEqual({ version: conflict.version, at: "2026-11-21T09:30:00.000Z", by: { role: "trainer", id: "colleague", name: "Bea" } });
    colleague({ title: "Pneumonia" });
    await heard();
    expect(tab.conflicts.value[0]).toMatchObject({ theirs: { title: "Pneumonia" }, written: null });
  });

  it("tells who deleted it", async () => {
    const conflict = await inConflict(null, { title: "Septic shock" });
    expect(conflict).toMatchObject({ theirs: null, written: { by: { name: "Bea" } } });
  });

  it("is over for both when theirs is kept, and nothing of mine is sent", async () => {
    const conflict = await inConflict({ title: "Urosepsis" }, { title: "Septic shock" });
    await tab.settle(conflict, { keep: "theirs" });
    await browser.pass(2_000);
    expect(stored()).toEqual(["Urosepsis"]);
    expect(server.school.resolved).toMatchObject([{ keep: "server", serverVersion: conflict.version }]);
    expect(tab.status.value).toEqual(saved);
  });

  it("is settled without a network by a choice that waits like any edit", async () => {
    const conflict = await inConflict({ title: "Urosepsis" }, { title: "Septic shock" });
    await offline();
    await tab.settle(conflict, { keep: "mine", content: { title: "Urosepsis with shock" } });
    expect(tab.conflicts.value).toEqual([]);
    expect(shown()).toEqual(["Urosepsis with shock"]);
    expect(tab.status.value).toEqual({ word: "offline", waiting: 1 });
    await online();
    expect(stored()).toEqual(["Urosepsis with shock"]);
    expect(server.school.resolved).toMatchObject([{ id: conflict.edits[0]!.conflict!.id, keep: "local" }]);
    expect(tab.status.value).toEqual(saved);
  });

  it("that was overtaken while the choice waited is shown again, with what is there now", async () => {
    const conflict = await inConflict({ title: "Urosepsis" }, { title: "Septic shock" });
    await offline();
    await tab.settle(conflict, { keep: "mine", content: { title: "Septic shock" } });
    colleague({ title: "Pneumonia" });
    await online();
    expect(tab.conflicts.value).toMatchObject([{ theirs: { title: "Pneumonia" }, mine: { title: "Septic shock" } }]);
    expect(stored()).toEqual(["Pneumonia"]);
  });

  it("with a deletion can bring the case back, with everything that it had", async () => {
    const conflict = await inConflict(null, { title: "Septic shock" });
    expect(conflict).toMatchObject({ theirs: null, mine: { title: "Septic shock", description: "A man of 60." } });
    const mine = conflict.mine as Template | null;
    await tab.settle(conflict, { keep: "mine", content: { title: mine!.title, description: mine!.description } });
    await browser.pass(2_000);
    expect(server.templates).toMatchObject([{ title: "Septic shock", description: "A man of 60." }]);
    expect(shown()).toEqual(["Septic shock"]);
  });

  it("with a case that was deleted here can delete it all the same", async () => {
    const conflict = await inConflict({ title: "Urosepsis" }, null);
    expect(conflict).toMatchObject({ theirs: { title: "Urosepsis" }, mine: null });
    await tab.settle(conflict, { keep: "mine", content: null });
    await browser.pass(2_000);
    expect(stored()).toEqual([]);
    expect(tab.status.value).toEqual(saved);
  });

  it("is one for each case, however many edits met a colleague's", async () => {
    await enter();
    await offline();
    await tab.changeTemplate(first(), { title: "Septic shock" });
    await tab.changeTemplate(first(), { title: "Septic shock, late" });
    colleague({ title: "Urosepsis" });
    await online();
    expect(tab.conflicts.value).toHaveLength(1);
    expect(tab.conflicts.value[0]).toMatchObject({ mine: { title: "Septic shock, late" } });
    await tab.settle(tab.conflicts.value[0]!, { keep: "theirs" });
    await browser.pass(2_000);
    expect(server.school.resolved).toHaveLength(2);
    expect(tab.status.value).toEqual(saved);
  });
});

describe("a server that comes back from a backup", () => {
  it("is sent again what this device had confirmed and it has lost, and nothing else", async () => {
    await enter();
    const restore = server.school.backup();
    await tab.changeTemplate(first(), { title: "Septic shock" });
    await tab.duplicateTemplate(first(), "After the backup");
    await browser.pass(2_000);
    expect(stored()).toEqual(["After the backup", "Septic shock"]);
    restore();
    expect(stored()).toEqual(["Sepsis"]);
    await heard();
    await browser.finish(tab);
    expect(stored()).toEqual(["After the backup", "Septic shock"]);
    expect(shown()).toEqual(["After the backup", "Septic shock"]);
    expect(tab.status.value).toEqual(saved);
  });

  it("is told again of a deletion", async () => {
    await enter();
    const restore = server.school.backup();
    await tab.deleteTemplate(first());
    await browser.pass(2_000);
    restore();
    await heard();
    await browser.finish(tab);
    expect(stored()).toEqual([]);
    expect(tab.status.value).toEqual(saved);
  });

  it("and was edited since: a person sees both", async () => {
    await enter();
    const restore = server.school.backup();
    await tab.changeTemplate(first(), { title: "Septic shock" });
    await browser.pass(2_000);
    restore();
    colleague({ title: "Urosepsis" });
    await heard();
    await browser.finish(tab);
    expect(tab.conflicts.value).toMatchObject([{ theirs: { title: "Urosepsis" }, mine: { title: "Septic shock" } }]);
  });

  it("where the deleted one was edited since: a person sees that, too", async () => {
    await enter();
    const restore = server.school.backup();
    await tab.deleteTemplate(first());
    await browser.pass(2_000);
    restore();
    colleague({ title: "Urosepsis" });
    await heard();
    await browser.finish(tab);
    expect(tab.conflicts.value).toMatchObject([{ theirs: { title: "Urosepsis" }, mine: null }]);
  });

  it("takes what waited after what it had lost", async () => {
    await enter();
    const restore = server.school.backup();
    await tab.duplicateTemplate(first(), "After the backup");
    await browser.pass(2_000);
    await offline();
    await tab.changeTemplate(tab.templates.value.find(({ title }) => title === "After the backup")!, { title: "Renamed" });
    restore();
    await online();
    expect(tab.conflicts.value).toEqual([]);
    expect(stored()).toEqual(["Renamed", "Sepsis"]);
  });
});
