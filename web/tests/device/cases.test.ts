import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ADULT_LIMITS } from "../../src/patient/signs";
import type { Template } from "../../src/wire/types";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, BERT, ServerDouble } from "./support/server";

let server: ServerDouble;
let browser: BrowserDouble;
let tab: TestTab;

const step = { at_seconds: null, ramp_seconds: 0, rhythm: null, flags: {}, note: null, transitions: [] };
const TEMPLATE: Template = {
  id: "33333333-3333-4333-8333-333333333333", school_id: "school", title: "Sepsis", public_title: "", description: "",
  duration_minutes: null, language: "en", vitals: {}, rhythm: null, flags: {}, limits: ADULT_LIMITS, checklist: [], pass_percent: null, targets: [],
  steps: [{ ...step, key: "onset", title: "Onset", vitals: { heart_rate: 120 } }, { ...step, key: "handover", title: "Handover", vitals: {} }],
  created_at: "2026-11-01T09:00:00.000Z", updated_at: "2026-11-01T09:00:00.000Z", deleted_at: null, version: 1,
}; // prettier-ignore

const titles = (sessionId: string) => tab.caseOf(sessionId).value?.steps.map((one) => one.title) ?? null;
const asked = (what: string) => server.arrivals.filter((arrival) => arrival.what === what);
const rate = (sessionId: string) => tab.session(sessionId).value?.shown_values.heart_rate;

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

function open(): string {
  return server.open(ANNA, { id: crypto.randomUUID(), template_id: TEMPLATE.id }).id;
}

describe("the case of a session", () => {
  it("is here without a network, also of a room that was never looked at, and is asked for once", async () => {
    const id = open();
    await enter();
    expect(titles(id)).toEqual(["Onset", "Handover"]);
    browser.network.isUp = false;
    await tab.close();
    tab = await browser.open();
    expect(titles(id)).toEqual(["Onset", "Handover"]);
    browser.network.isUp = true;
    await browser.pass(60_000);
    tab.watch(id);
    await browser.pass(60_000);
    expect(asked("case")).toHaveLength(1);
  });

  it("is the session's own copy, whatever becomes of the template", async () => {
    const id = open();
    server.templates[0] = { ...TEMPLATE, version: 2, steps: [] };
    await enter();
    expect(titles(id)).toEqual(["Onset", "Handover"]);
  });

  it("is its template's while the server has not opened it, and then the copy", async () => {
    await enter();
    browser.network.isUp = false;
    const id = await tab.openSession({ template_id: TEMPLATE.id });
    expect(titles(id)).toEqual(["Onset", "Handover"]);
    server.templates[0] = { ...TEMPLATE, version: 2, steps: TEMPLATE.steps.slice(0, 1) };
    browser.network.isUp = true;
    await browser.finish(tab);
    await browser.pass(1_000);
    expect(titles(id)).toEqual(["Onset"]);
  });

  it("goes with a session that is discarded", async () => {
    await enter();
    browser.network.isUp = false;
    const id = await tab.openSession({ template_id: TEMPLATE.id });
    await tab.discard(id);
    expect(titles(id)).toBeNull();
  });

  it("is asked for again after a failure", async () => {
    const id = open();
    browser.network.inBetween = (path) => (path.endsWith("/case") ? new Response("", { status: 502 }) : null);
    await enter();
    expect(titles(id)).toBeNull();
    browser.network.inBetween = null;
    await browser.pass(20_000);
    expect(titles(id)).toEqual(["Onset", "Handover"]);
  });
});

describe("playing it", () => {
  it("shows what a step changes before the server has heard of it, which is told its key alone", async () => {
    const id = open();
    await enter();
    browser.network.isUp = false;
    const entry = await tab.push(id, { step: "onset" });
    expect(rate(id)).toBe(120);
    expect(tab.entries.value).toMatchObject([{ id: entry, body: { step: "onset" } }]);
  });

  it("starts without a network, says so afterwards with the time at which it was done, and shows the first step", async () => {
    const id = open();
    await enter();
    browser.network.isUp = false;
    const entry = await tab.controlCase(id, "start");
    const made = tab.entries.value[0]?.made_at;
    expect(rate(id)).toBe(120);
    browser.network.isUp = true;
    await browser.finish(tab);
    expect(server.eventsOf(id)).toMatchObject([{ id: entry, kind: "case", details: { action: "started" }, made_at: made }]);
  });

  it.each(["a socket", "HTTP alone"])("pauses and goes on over %s", async (way) => {
    const id = open();
    await enter();
    if (way === "HTTP alone") browser.network.withoutSockets();
    await tab.controlCase(id, "pause");
    expect(tab.session(id).value?.paused_at).not.toBeNull();
    await browser.finish(tab);
    expect(server.session(id).paused_at).not.toBeNull();
    await tab.controlCase(id, "resume");
    expect(tab.session(id).value?.paused_at).toBeNull();
    await browser.finish(tab);
    expect(server.session(id).paused_at).toBeNull();
    expect(server.eventsOf(id).map((event) => event.details?.["action"])).toEqual(["paused", "resumed"]);
  });

  it("is done with a start that somebody else was first with", async () => {
    const id = open();
    await enter();
    browser.network.isUp = false;
    await tab.controlCase(id, "start");
    const first = server.control(BERT, id, { id: crypto.randomUUID(), action: "start" });
    browser.network.isUp = true;
    await browser.finish(tab);
    expect(tab.entries.value).toEqual([]);
    expect(server.eventsOf(id)).toEqual([first]);
  });
});
