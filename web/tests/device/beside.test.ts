import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { supersedes } from "../../src/device/outbox/entry";
import { figuresOf } from "../../src/device/sync/readBeside";
import type { StoredSession } from "../../src/device/database/schema";
import { mergeBeside } from "../../src/device/sync/merge";
import type { OwnSheet, Scores } from "../../src/wire/beside";
import type { Annotation } from "../../src/wire/types";
import { anEntry } from "../dashboard/fakeDevice";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, refused, ServerDouble } from "./support/server";
import { settle } from "./support/time";

const sheet = (score: 0 | 1 | 2, comment = ""): OwnSheet => ({ items: { pads: { score, at: null, comment: "" } }, comment });

describe("one's own sheet", () => {
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

  afterEach(() => browser.shut());

  const sent = () => server.arrivals.filter(({ what }) => what === "score").length;

  it("waits without a network as one entry, however often it changes, and goes whole", async () => {
    const id = await tab.openSession({ title: "Sepsis" });
    await browser.finish(tab);
    browser.network.isUp = false;
    await tab.score(id, sheet(0));
    await tab.score(id, sheet(1));
    await tab.score(id, sheet(2, "Calm voices"));
    await settle();
    expect(tab.entries.value).toMatchObject([{ kind: "scores:put", body: { comment: "Calm voices" } }]);
    expect(sent()).toBe(0);
    browser.network.isUp = true;
    tab.wake();
    await browser.finish(tab);
    expect(sent()).toBe(1);
    expect(server.scoresOf(id).sheets).toMatchObject([{ by: { id: ANNA.id }, items: { pads: { score: 2 } } }]);
    // With what the server makes of it, and no moment without it.
    expect(tab.session(id).value?.scores?.sheets).toMatchObject([{ comment: "Calm voices", percent: 50 }]);
  });

  it("stands in nobody's way when it is refused, and goes when it is made anew", async () => {
    const id = await tab.openSession({ title: "Sepsis" });
    await browser.finish(tab);
    server.judge = ({ what }) => {
      if (what === "score") throw refused("invalid_fields");
    };
    await tab.score(id, sheet(0));
    await browser.finish(tab);
    await tab.push(id, { vitals: { heart_rate: 140 } });
    await browser.finish(tab);
    expect(server.eventsOf(id)).toHaveLength(1);
    expect(tab.entries.value).toMatchObject([{ kind: "scores:put", state: "rejected" }]);
    server.judge = () => {};
    await tab.score(id, sheet(2));
    await browser.finish(tab);
    expect(tab.entries.value).toEqual([]);
    expect(server.scoresOf(id).sheets).toMatchObject([{ items: { pads: { score: 2 } } }]);
  });
});

describe("what waits and is said anew", () => {
  const change = (annotation_id: string, author = "t") => anEntry({ kind: "annotation:change", body: { annotation_id, text: "x" }, author });

  it("takes the place of the same sheet or annotation of the same author, and of nothing else", () => {
    const sheets = anEntry({ kind: "scores:put", body: {} });
    expect(supersedes(sheets, sheets)).toBe(true);
    expect(supersedes(sheets, { ...sheets, author: "another" })).toBe(false);
    expect(supersedes(sheets, { ...sheets, entity: { type: "session", id: "another" } })).toBe(false);
    expect(supersedes(change("a"), change("a"))).toBe(true);
    expect(supersedes(change("a"), change("b"))).toBe(false);
    expect(supersedes(change("a"), anEntry({ kind: "annotation:add", body: {} }))).toBe(false);
    expect(supersedes(anEntry(), anEntry())).toBe(false);
  });
});

describe("a reading that was begun before something was written here", () => {
  const by = { role: "trainer", id: ANNA.id, name: ANNA.name } as const;
  const note = (id: string, version = 1): Annotation => ({
    id, session_id: "s", at: "", kind: "note", text: `${id} ${version}`, marker: null, by, created_at: "", updated_at: "", deleted_at: null, version,
  }); // prettier-ignore
  const scores = (comment: string) => ({ sheets: [{ by, comment }], differences: [] }) as unknown as Scores;
  const stored = (part: Partial<StoredSession>) => ({ annotations: [], scores: null, attendance: null, ...part }) as unknown as StoredSession;

  it("takes nothing of it away, and brings nothing back", () => {
    const known = stored({ annotations: [note("changed"), note("removed"), note("theirs")] });
    const now = stored({ annotations: [note("changed", 2), note("theirs"), note("added")] });
    const read = { annotations: [note("changed"), note("removed"), note("theirs", 2), note("new")] };
    const after = mergeBeside(now, read, known).annotations.map(({ text }) => text);
    expect(after).toEqual(["changed 2", "theirs 2", "new 1", "added 1"]);
  });

  it("takes away what a colleague has removed", () => {
    const known = stored({ annotations: [note("theirs"), note("mine")] });
    expect(mergeBeside(known, { annotations: [note("mine")] }, known).annotations).toEqual([note("mine")]);
  });

  it("leaves the sheet that was sent meanwhile", () => {
    const known = stored({ scores: scores("before") });
    const read = { annotations: [], scores: scores("before") };
    expect(mergeBeside(stored({ scores: scores("mine") }), read, known).scores).toEqual(scores("mine"));
    expect(mergeBeside(known, { ...read, scores: scores("theirs") }, known).scores).toEqual(scores("theirs"));
  });

  it("brings back no name that was taken out meanwhile", () => {
    const known = stored({ annotations: [note("named")], attendance: [] });
    const now = stored({ names_out_at: "2026-11-29T05:00:00Z" });
    expect(mergeBeside(now, { annotations: [note("named")], attendance: [] }, known)).toBe(now);
  });
});

describe("a session in which somebody comes and goes all the time", () => {
  it("is read soon, and then now and then; what is asked for meanwhile is one reading", async () => {
    const server = new ServerDouble();
    const browser = new BrowserDouble(server);
    const tab = await browser.open();
    await tab.login(ANNA.email, "right");
    const id = await tab.openSession({ title: "Sepsis" });
    await browser.finish(tab);
    const [reads, tellers] = [counted(browser), browser.network.sockets];
    const flap = () => [...tellers].forEach((socket) => socket.tellTrainees(id, []));
    for (let second = 0; second < 60; second++) {
      flap();
      await browser.pass(1_000);
    }
    expect(reads()).toBeGreaterThan(8);
    expect(reads()).toBeLessThanOrEqual(11);
    tab.lookBeside(id, "everything");
    await browser.pass(1_000);
    const asked = reads();
    // A reading that takes long is no queue of readings.
    for (let count = 0; count < 20; count++) {
      tab.lookBeside(id, "everything");
      flap();
    }
    await browser.pass(1_000);
    expect(reads()).toBe(asked + 1);
    await browser.shut();
  });

  function counted(browser: BrowserDouble): () => number {
    let count = 0;
    browser.network.inBetween = (path) => {
      if (path.endsWith("/debrief")) count++;
      return null;
    };
    return () => count;
  }
});

describe("the figures of a debrief", () => {
  const news = (at: string, total: number | null) => ({ at, total, missing: [] }) as never;

  it("keep the highest early warning score, when it was first reached", () => {
    const news2 = [news("a", 3), news("b", 9), news("c", null), news("d", 9)];
    expect(figuresOf({ times: [], resuscitation: [], news2 })?.highest_news2).toEqual({ at: "b", total: 9, missing: [] });
    expect(figuresOf({ times: [], resuscitation: [], news2: [] })?.highest_news2).toBeNull();
  });

  it("are none of a server that does not reckon them", () => {
    expect(figuresOf({})).toBeNull();
  });
});
