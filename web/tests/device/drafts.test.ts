import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KeptDraft } from "../../src/device/database/draft";
import { contentOf } from "../../src/device/sync/edit";
import { ADULT_LIMITS } from "../../src/patient/signs";
import type { Template } from "../../src/wire/types";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, ServerDouble } from "./support/server";
import { settle } from "./support/time";

const TEMPLATE: Template = {
  id: "33333333-3333-4333-8333-333333333333", school_id: "school", title: "Sepsis", public_title: "", description: "A man of 60.",
  duration_minutes: null, language: "en", vitals: {}, rhythm: null, flags: {}, limits: ADULT_LIMITS, checklist: [], pass_percent: null, targets: [], steps: [],
  created_at: "2026-11-01T09:00:00.000Z", updated_at: "2026-11-01T09:00:00.000Z", deleted_at: null, version: 1,
}; // prettier-ignore
const NEW = "44444444-4444-4444-8444-444444444444";

let server: ServerDouble;
let browser: BrowserDouble;
let tab: TestTab;

beforeEach(async () => {
  server = new ServerDouble();
  server.templates.push(TEMPLATE);
  browser = new BrowserDouble(server);
  tab = await browser.open();
  await tab.login(ANNA.email, "right");
  await browser.pass(1_000);
});

afterEach(() => browser.shut());

function kept(title: string, part: Partial<KeptDraft> = {}): KeptDraft {
  const content = { ...contentOf(TEMPLATE), title };
  return { template_id: TEMPLATE.id, base: TEMPLATE, base_version: 1, content, by: "a page", kept_at: 1, ...part };
}

function colleague(change: Partial<Template>): void {
  server.templates[0] = { ...server.templates[0]!, ...change, version: server.templates[0]!.version + 1 };
}

async function heard(): Promise<void> {
  tab.wake();
  await browser.pass(2_000);
}

describe("a case that is being written", () => {
  it("is there after a reload and in every other tab, the newest first, and is never sent", async () => {
    const beside = await browser.open();
    await tab.keepDraft(kept("Urosepsis"));
    await tab.keepDraft(kept("New", { template_id: NEW, base: null, base_version: 0, kept_at: 2 }));
    await settle();
    expect(beside.drafts.value.map(({ content }) => content.title)).toEqual(["New", "Urosepsis"]);
    tab.crash();
    tab = await browser.open();
    expect(tab.drafts.value.map(({ content }) => content.title)).toEqual(["New", "Urosepsis"]);
    expect(tab.templates.value.map(({ title }) => title)).toEqual(["Sepsis"]);
    expect(server.school.received).toEqual([]);
    await tab.dropDraft(NEW);
    expect(tab.drafts.value.map(({ content }) => content.title)).toEqual(["Urosepsis"]);
  });

  it("waits for its author when they have logged out, as what is to be sent does", async () => {
    await tab.keepDraft(kept("Urosepsis"));
    await tab.logout();
    await browser.pass(1_000);
    expect(tab.drafts.value).toEqual([]);
    await tab.login(ANNA.email, "right");
    await browser.pass(1_000);
    expect(tab.drafts.value.map(({ content }) => content.title)).toEqual(["Urosepsis"]);
  });

  it("is a new case under its own id when it is saved, without a network too", async () => {
    browser.network.isUp = false;
    await browser.pass(100);
    await tab.createTemplate(NEW, { ...contentOf(TEMPLATE), title: "New" });
    expect(tab.templates.value).toMatchObject([{ title: "New", school_id: ANNA.school_id }, { title: "Sepsis" }]);
    browser.network.isUp = true;
    await heard();
    await browser.finish(tab);
    expect(server.templates.find(({ id }) => id === NEW)).toMatchObject({ title: "New" });
  });

  it("saved on a version before a colleague's is a conflict, though this device knows theirs by now", async () => {
    const seen = tab.templateVersion(TEMPLATE.id);
    colleague({ title: "Urosepsis" });
    await heard();
    expect(tab.templates.value[0]!.title).toBe("Urosepsis");
    expect(tab.templateVersion(TEMPLATE.id)).toBeGreaterThan(seen);
    await tab.changeTemplate(TEMPLATE, { title: "Septic shock" }, seen);
    await browser.finish(tab);
    expect(server.templates[0]!.title).toBe("Urosepsis");
    expect(tab.conflicts.value).toMatchObject([{ mine: { title: "Septic shock" }, theirs: { title: "Urosepsis" }, fields: ["title"] }]);
    // What was written after that has not seen it either, whatever the page says.
    await tab.changeTemplate(TEMPLATE, { title: "Shock" }, tab.templateVersion(TEMPLATE.id));
    await browser.finish(tab);
    expect(server.templates[0]!.title).toBe("Urosepsis");
    expect(tab.conflicts.value).toMatchObject([{ mine: { title: "Shock" } }]);
  });

  it("in other fields than a colleague's goes through beside theirs", async () => {
    const seen = tab.templateVersion(TEMPLATE.id);
    colleague({ description: "A man of 70." });
    await heard();
    await tab.changeTemplate(TEMPLATE, { title: "Septic shock" }, seen);
    await browser.finish(tab);
    expect(server.templates[0]).toMatchObject({ title: "Septic shock", description: "A man of 70." });
    expect(tab.conflicts.value).toEqual([]);
  });
});
