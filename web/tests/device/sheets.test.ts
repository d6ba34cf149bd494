import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OwnSheetDraft } from "../../src/dashboard/debrief/scores/ownSheet";
import { Room } from "../../src/dashboard/room/room";
import type { OwnSheet } from "../../src/wire/beside";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, BERT, ServerDouble } from "./support/server";
import { settle } from "./support/time";

/**
 * A sheet replaces what the server has, and the reading of the sheets takes its time. So what is scored before they are
 * here must not be taken for all that there is: it would wipe out what the same evaluator scored on another device.
 */

let server: ServerDouble;
let browser: BrowserDouble;
let tab: TestTab;
let id: string;

beforeEach(async () => {
  server = new ServerDouble();
  browser = new BrowserDouble(server);
  id = server.open(BERT, { id: crypto.randomUUID(), title: "Sepsis" }).id;
  tab = await browser.open();
  await tab.login(ANNA.email, "right");
  await browser.pass(1_000);
});

afterEach(() => browser.shut());

const item = (score: 0 | 1 | 2, comment = "", at: string | null = null) => ({ score, at, comment });
const ON_THE_OTHER_TABLET: OwnSheet = { items: { airway: item(2, "At once", "2026-11-21T12:00:00.000Z"), pads: item(0) }, comment: "Calm voices" };

const onServer = () => server.scoresOf(id).sheets.find(({ by }) => by.id === ANNA.id);
const here = () => tab.session(id).value?.scores;
const put = () => server.arrivals.filter(({ what }) => what === "score").length;
const draft = () => new OwnSheetDraft(new Room(tab, id));

async function afterReading(): Promise<void> {
  tab.lookBeside(id, "written");
  await browser.pass(1_000);
}

describe("a tap before the sheets are here", () => {
  beforeEach(() => {
    server.score(ANNA, id, { ...ON_THE_OTHER_TABLET });
    server.score(BERT, id, { items: { pads: item(1) }, comment: "" });
    expect(here()).toBeNull();
  });

  it("replaces nothing but itself, and shows all the rest", async () => {
    const mine = draft();
    mine.score("pads", 2, null);
    mine.flush();
    await browser.finish(tab);
    const whole = { items: { airway: ON_THE_OTHER_TABLET.items["airway"], pads: item(2) }, comment: "Calm voices" };
    expect(onServer()).toMatchObject(whole);
    expect(onServer()).not.toHaveProperty("is_part");
    expect(mine.sheet.value).toEqual(whole);
    // One's own sheet alone would not be all that there are.
    expect(here()?.sheets.map(({ by }) => by.id).toSorted()).toEqual([ANNA.id, BERT.id].toSorted());
  });

  it("keeps the moment and the comment of a score that it gives anew", async () => {
    const mine = draft();
    mine.score("airway", 1, "2026-11-29T08:00:00.000Z");
    mine.flush();
    await browser.finish(tab);
    expect(onServer()?.items["airway"]).toEqual({ score: 1, at: "2026-11-21T12:00:00.000Z", comment: "At once" });
  });

  it("waits without a network, over a reload too, with what is tapped after it", async () => {
    browser.network.isUp = false;
    const before = draft();
    before.score("pads", 2, null);
    before.flush();
    await settle();
    await tab.close();
    tab = await browser.open();
    const after = draft();
    expect(after.sheet.value.items).toEqual({ pads: item(2) });
    after.score("shock", 1, null);
    after.flush();
    await settle();
    expect(tab.entries.value).toHaveLength(1);
    browser.network.isUp = true;
    tab.wake();
    await browser.finish(tab);
    expect(onServer()).toMatchObject({ items: { airway: { score: 2 }, pads: { score: 2 }, shock: { score: 1 } }, comment: "Calm voices" });
  });

  it("is laid on them when they come while it is being typed", async () => {
    const mine = draft();
    mine.score("pads", 2, null);
    await afterReading();
    expect(mine.sheet.value).toMatchObject({ items: { airway: { score: 2 }, pads: { score: 2 } } });
    mine.score("airway", null, null);
    mine.flush();
    await browser.finish(tab);
    // From then on it was seen whole: what is taken away goes.
    expect(onServer()?.items).toEqual({ pads: item(2) });
  });

  it("is not sent while what it lies on cannot be read", async () => {
    browser.network.inBetween = (path) => (path.endsWith("/scores") ? unavailable() : null);
    const [mine, before] = [draft(), put()];
    mine.score("pads", 2, null);
    mine.flush();
    await browser.pass(30_000);
    expect(put()).toBe(before);
    expect(tab.entries.value).toMatchObject([{ kind: "scores:put", state: "waiting" }]);
    browser.network.inBetween = null;
    await browser.finish(tab);
    expect(onServer()?.items).toMatchObject({ airway: { score: 2 }, pads: { score: 2 } });
  });
});

describe("a reading in which only the sheets are refused", () => {
  // Annotations, sheets and figures are three questions side by side: one may come to nothing alone.
  it("leaves those that are here, and nothing that is tapped then replaces them", async () => {
    server.score(ANNA, id, { ...ON_THE_OTHER_TABLET });
    await afterReading();
    expect(here()?.sheets).toHaveLength(1);
    browser.network.inBetween = (path) => (path.endsWith("/scores") ? unavailable() : null);
    await afterReading();
    browser.network.inBetween = null;
    expect(here()?.sheets).toHaveLength(1);
    const mine = draft();
    mine.score("pads", 2, null);
    mine.flush();
    await browser.finish(tab);
    expect(onServer()?.items).toMatchObject({ airway: { score: 2 }, pads: { score: 2 } });
  });

  it("is none of an ended session's record: it is read again", async () => {
    server.score(BERT, id, { items: { pads: item(1) }, comment: "" });
    server.close(BERT, id);
    browser.network.inBetween = (path) => (path.endsWith("/scores") ? unavailable() : null);
    tab.wake();
    await browser.pass(5_000);
    browser.network.inBetween = null;
    await browser.pass(300_000);
    expect(tab.session(id).value).toMatchObject({ has_record: true, attendance: [], scores: { sheets: [{ by: { id: BERT.id } }] } });
  });

  it("of a server that knows none leaves the rest to be read", async () => {
    browser.network.inBetween = (path) =>
      path.endsWith("/scores") ? problem(404, "not_found") : path.endsWith("/annotations") ? Response.json({ items: [], next_cursor: null }) : null;
    tab.lookBeside(id, "everything");
    await browser.pass(1_000);
    expect(tab.session(id).value).toMatchObject({ attendance: [], scores: null });
  });
});

const unavailable = () => problem(503, "storage_unavailable");

function problem(status: number, code: string): Response {
  return new Response(JSON.stringify({ code, detail: code }), { status, headers: { "content-type": "application/problem+json" } });
}
