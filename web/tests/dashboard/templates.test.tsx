// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pathTo } from "../../src/app/pages";
import { go } from "../../src/app/route";
import { caseFileName } from "../../src/dashboard/templates/caseFile";
import { TEMPLATE_FIELDS } from "../../src/device/sync/edit";
import { Pages } from "../../src/dashboard/shell/Pages";
import type { SchoolDevices } from "../../src/wire/sync";
import { aConflict, anEdit, aSession, aSessionConflict, aSessionEdit, aTemplate, FakeDevice, TRAINER } from "./fakeDevice";
import { show, type Page } from "./page";

let page: Page;
let device: FakeDevice;

afterEach(() => page.unmount());

const step = (key: string, title: string, heart_rate: number) => ({
  key, title, at_seconds: null, ramp_seconds: 0, vitals: { heart_rate }, rhythm: null, flags: {}, note: null, transitions: [],
}); // prettier-ignore

describe("the cases", () => {
  const titles = () => [...page.root.querySelectorAll("main li h2")].map((one) => one.textContent);

  beforeEach(async () => {
    go(pathTo("templates"));
    const templates = [aTemplate(), aTemplate({ id: "template-2", title: "Sepsis", description: "Fièvre." })];
    device = new FakeDevice({ templates });
    page = await show(device, <Pages />);
  });

  it("are found by the words of title and description, without accents", async () => {
    expect(titles()).toEqual(["Anaphylaxis", "Sepsis"]);
    await page.type(page.field("Search the cases"), "fievre");
    expect(titles()).toEqual(["Sepsis"]);
    await page.type(page.field("Search the cases"), "nothing of it");
    expect(titles()).toEqual([]);
    await page.click(page.button("Clear the search"));
    expect(titles()).toEqual(["Anaphylaxis", "Sepsis"]);
  });

  it("in the reader's language come first", async () => {
    device.templates.value = [aTemplate({ id: "a", title: "Anaphylaxie", language: "fr" }), aTemplate({ id: "b", title: "Sepsis", language: "en" })];
    await page.settle();
    expect([...page.root.querySelectorAll("main h2")].map((one) => one.textContent)).toEqual(["Sepsis", "Anaphylaxie"]);
  });

  it("are renamed: only what was changed is an edit", async () => {
    await page.click(page.button("Rename or describe: Sepsis"));
    await page.type(page.field("Title"), "Septic shock");
    await page.click(page.button("Save"));
    expect(device.calls).toContainEqual(["changeTemplate", "template-2", { title: "Septic shock" }]);
    expect(titles()).toEqual(["Anaphylaxis", "Septic shock"]);
    expect(page.root.querySelector("dialog")).toBeNull();
  });

  it("are duplicated", async () => {
    await page.click(page.button("Duplicate: Sepsis"));
    expect(titles()).toEqual(["Anaphylaxis", "Sepsis", "Sepsis (copy)"]);
  });

  it("are taken along as files", async () => {
    const taken: [string, string][] = [];
    const create = URL.createObjectURL.bind(URL);
    let blob: Blob | null = null;
    URL.createObjectURL = (part) => create((blob = part as Blob));
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function take() {
      taken.push([this.download, this.href.split(":")[0] ?? ""]);
    };
    await page.click(page.button("Export: Sepsis"));
    [URL.createObjectURL, HTMLAnchorElement.prototype.click] = [create, click];
    expect(taken).toEqual([["shiller-sepsis.json", "blob"]]);
    const file = JSON.parse(await (blob as unknown as Blob).text());
    expect(file).toMatchObject({ format: "shiller.case", version: 1, template: { title: "Sepsis", description: "Fièvre." } });
    expect(Object.keys(file.template).sort()).toEqual([...TEMPLATE_FIELDS].sort());
  });

  it.each([
    ["Septic shock, 2nd", "shiller-septic-shock-2nd.json"],
    ["Arrêt cardiaque à l’hôpital", "shiller-arret-cardiaque-a-lhopital.json"],
    ["心停止", "shiller-case.json"],
    [`${"a".repeat(59)} b`, `shiller-${"a".repeat(59)}.json`],
  ])("%s has a name that every system takes", (title, name) => {
    expect(caseFileName(title)).toBe(name);
  });

  it("are deleted, and back again by one key", async () => {
    await page.click(page.button("Delete: Sepsis"));
    expect(titles()).toEqual(["Anaphylaxis"]);
    expect(document.activeElement).toBe(page.button(/Undo/));
    await page.click(page.button(/Undo/));
    expect(titles()).toEqual(["Anaphylaxis", "Sepsis"]);
    expect(device.calls.at(-1)).toEqual(["restoreTemplate", "template-2"]);
  });

  it("say what is not settled", async () => {
    device.edits.value = [anEdit({ template_id: "template-2" }), anEdit({ seq: 2, state: "conflict" })];
    await page.settle();
    const rows = [...page.root.querySelectorAll("main li")].map((one) => one.textContent);
    expect(rows[0]).toContain("Somebody else changed it, too");
    expect(rows[1]).toContain("not on the server yet");
  });

  it("are read by an observer, who is offered nothing else", async () => {
    page.unmount();
    device = new FakeDevice({ templates: [aTemplate()], me: { ...TRAINER, role: "observer" } });
    page = await show(device, <Pages />);
    expect(titles()).toEqual(["Anaphylaxis"]);
    expect(page.root.querySelectorAll("main li button")).toHaveLength(0);
  });
});

describe("a conflict of a session", () => {
  const settled = () => device.calls.filter(([name]) => name === "settle").map(([, id, settlement]) => [id, settlement]);

  async function opened(part: Parameters<typeof aSessionConflict>[0] = {}): Promise<void> {
    go(pathTo("conflicts"));
    device = new FakeDevice({ conflicts: [aConflict(), aSessionConflict(part)] });
    page = await show(device, <Pages />);
  }

  const card = () => page.root.querySelectorAll<HTMLElement>(".db-conflict")[1]!;
  const press = (name: string) => page.click([...card().querySelectorAll("button")].find((one) => one.textContent?.trim() === name)!);

  it("stands beside those of cases, with both sides of each field, and is settled for either", async () => {
    await opened();
    expect(card().textContent).toContain("Session: Theirs");
    expect(card().querySelector("dd")?.textContent).toBe("Changed by somebody else or on another device");
    expect([...card().querySelectorAll("legend")].map((one) => one.textContent)).toEqual(["Title"]);
    await press("Keep yours");
    expect(settled()).toEqual([["session-1", { keep: "mine", content: { title: "Mine" } }]]);
    page.unmount();
    await opened();
    await press("Keep what is on the server");
    expect(settled()).toEqual([["session-1", { keep: "theirs" }]]);
  });

  it("is settled in other words", async () => {
    await opened();
    const other = [...card().querySelectorAll<HTMLInputElement>(".db-other input[type=radio]")][0]!;
    await page.click(other);
    await page.type(card().querySelector<HTMLInputElement>(".db-other input[type=text]")!, "Both");
    await press("Save what you chose");
    expect(settled()).toEqual([["session-1", { keep: "mine", content: { title: "Both" } }]]);
  });

  it("says who wrote the other side, and when", async () => {
    await opened({ written: { version: 7, at: "2026-11-21T10:30:00.000Z", by: { role: "trainer", id: "other", name: "Olga" } } });
    expect(card().querySelector("dd")?.textContent).toMatch(/^Changed .*\d.* by Olga$/);
  });

  it("which the server does not have any more can only be let go", async () => {
    await opened({ theirs: null, fields: [], reason: "missing" });
    expect(card().querySelectorAll("fieldset")).toHaveLength(0);
    await press("Discard your change");
    expect(settled()).toEqual([["session-1", { keep: "theirs" }]]);
  });
});

describe("an edit of a session", () => {
  it("stands in the outbox in words, with the way to its room", async () => {
    go(pathTo("outbox"));
    const rejection = { reason: "session_over", errors: [] };
    const edits = [aSessionEdit({ content: { title: "New title" } }), aSessionEdit({ seq: 2, state: "rejected", rejection })];
    device = new FakeDevice({ sessions: [aSession()], edits });
    page = await show(device, <Pages />);
    const [waiting, rejected] = page.root.querySelectorAll("tbody tr");
    expect(waiting!.textContent).toContain("New title");
    expect(waiting!.querySelector("a")?.getAttribute("href")).toBe(pathTo("room", { session_id: "session-1" }));
    expect(rejected!.textContent).toContain("The session was over by then.");
    await page.click(page.button(/^Retry/));
    expect(device.calls).toContainEqual(["retryEdit", "edit-2"]);
  });
});

describe("a conflict", () => {
  const settled = () => device.calls.filter(([name]) => name === "settle").map(([, , settlement]) => settlement);
  const radio = (field: string, name: string) => {
    const set = [...page.root.querySelectorAll("fieldset")].find((one) => one.querySelector("legend")?.textContent === field)!;
    return [...set.querySelectorAll("label")].find((one) => one.textContent?.startsWith(name))!.querySelector("input")!;
  };

  const theirs = aTemplate({ title: "Urosepsis", steps: [step("onset", "Onset", 110), step("shock", "Shock", 140)] });
  const mine = aTemplate({ title: "Septic shock", steps: [step("onset", "Onset", 110), step("shock", "Shock", 150)], duration_minutes: 20 });

  async function opened(part = {}): Promise<void> {
    go(pathTo("conflicts"));
    device = new FakeDevice({ conflicts: [aConflict({ theirs, mine, fields: ["title", "steps"], ...part })] });
    page = await show(device, <Pages />);
  }

  it("is in the bar, and gone from there when it is settled", async () => {
    await opened();
    expect(page.root.querySelector("nav")?.textContent).toContain("1 conflict");
    go(pathTo("sessions"));
    await page.settle();
    expect(page.root.querySelector("nav")?.textContent).toContain("1 conflict");
    device.conflicts.value = [];
    await page.settle();
    expect(page.root.querySelector("nav")?.textContent).not.toContain("onflict");
  });

  it("shows steps by their titles and values, and marks the one that differs", async () => {
    await opened();
    expect(page.text()).toContain("Shock · HR 140");
    const own = [...page.root.querySelectorAll("[data-own=yes]")].map((one) => one.textContent?.replace(/\u00a0/g, " "));
    expect(own).toEqual(["Shock · HR 140 (different)", "Shock · HR 150 (different)"]);
    expect(page.root.querySelector("main")?.textContent).not.toMatch(/[{}[\]"]/);
  });

  it.each([
    ["somebody of the school", { role: "trainer", id: "other", name: "Olga" }, "by Olga"],
    ["oneself", { role: "trainer", id: TRAINER.id, name: "Zoé" }, "by you on another device"],
    ["the server", { role: "system", id: null, name: "Command line" }, "on the server itself"],
    ["nobody known", null, "by somebody else or on another device"],
  ] as const)("says who wrote the other side, or deleted it: %s", async (_, by, words) => {
    const written = { version: 7, at: "2026-11-21T10:30:00.000Z", by };
    await opened({ written });
    const side = () => page.root.querySelector(".db-sides dd")!.textContent;
    expect(side()).toMatch(/^Changed .*\d/);
    expect(side()).toContain(words);
    page.unmount();
    await opened({ written, theirs: null, fields: [] });
    expect(side()).toMatch(/^Deleted .*\d/);
    expect(side()).toContain(words);
  });

  it("says when the other side was changed where nothing else was told of it", async () => {
    await opened({ written: null });
    expect(page.root.querySelector(".db-sides dd")!.textContent).toMatch(/^Changed .*, by somebody else or on another device$/);
  });

  it("is settled in one press, for either side", async () => {
    await opened();
    await page.click(page.button("Keep what is on the server"));
    expect(settled()).toEqual([{ keep: "theirs" }]);
    page.unmount();
    await opened();
    await page.click(page.button("Keep yours"));
    expect(settled()).toEqual([{ keep: "mine", content: { title: "Septic shock", steps: mine.steps } }]);
  });

  it("is settled part by part, with words of one's own, and not before each part is chosen", async () => {
    await opened();
    await page.click(radio("Title", "Something else"));
    await page.type(page.field("Title: Something else"), "Urosepsis with shock");
    await page.click(page.button("Save what you chose"));
    expect(settled()).toEqual([]);
    expect(page.text()).toContain("1 part is not chosen yet");
    await page.click(radio("Steps", "On the server"));
    await page.click(page.button("Save what you chose"));
    expect(settled()).toEqual([{ keep: "mine", content: { title: "Urosepsis with shock" } }]);
    expect(page.text()).toContain("No conflicts");
  });

  it("of which every part is the server's sends nothing", async () => {
    await opened();
    await page.click(radio("Title", "On the server"));
    await page.click(radio("Steps", "On the server"));
    await page.click(page.button("Save what you chose"));
    expect(settled()).toEqual([{ keep: "theirs" }]);
  });

  it("never leaves a case without a title", async () => {
    await opened({ fields: ["title"] });
    await page.click(radio("Title", "Something else"));
    await page.type(page.field("Title: Something else"), "  ");
    await page.click(page.button("Save what you chose"));
    expect(settled()).toEqual([]);
    expect(page.text()).toContain("The title cannot be empty.");
  });

  it("with a deletion says so, on either side", async () => {
    await opened({ theirs: null, fields: [] });
    await page.click(page.button("Bring it back with your changes"));
    expect(settled()).toMatchObject([{ keep: "mine", content: { title: "Septic shock", duration_minutes: 20 } }]);
    page.unmount();
    await opened({ mine: null, fields: [] });
    await page.click(page.button("Delete it all the same"));
    expect(settled()).toEqual([{ keep: "mine", content: null }]);
  });
});

describe("the devices of the school", () => {
  const SCHOOL = {
    devices: [
      { clientId: "11112222-a", trainerId: TRAINER.id, hallId: null, lastSeenAt: "2026-11-21T11:00:00.000Z", behind: true, revokedAt: null, revokedBy: null },
      {
        clientId: "33334444-b", trainerId: null, hallId: "hall-9", lastSeenAt: "2026-11-21T10:00:00.000Z", behind: false,
        revokedAt: "2026-11-20T09:30:00.000Z", revokedBy: { role: "trainer", id: "gone", name: "Olga" },
      },
    ],
    calls: [{
      id: "call", clientId: "11112222-a", direction: "UP", eventsCount: 5, conflictsCount: 1, rejectedCount: 1, status: "PARTIAL",
      startedAt: "2026-11-21T11:00:00.000Z",
    }],
    conflicts: [{
      id: "conflict", clientId: "11112222-a", trainerId: TRAINER.id, entityType: "TEMPLATE", localPayload: null, localFields: null,
      serverData: { version: 3, deleted: false, payload: aTemplate() }, createdAt: "2026-11-21T11:00:00.000Z",
    }],
    names: { [TRAINER.id]: "Zoé" },
  } as const satisfies SchoolDevices; // prettier-ignore

  async function opened(role: "admin" | "trainer"): Promise<void> {
    go(pathTo("devices"));
    device = new FakeDevice({ me: { ...TRAINER, role } });
    device.school = structuredClone(SCHOOL) as unknown as SchoolDevices;
    page = await show(device, <Pages />);
    await page.settle();
  }

  it("are told to an admin, with what is open and what was sent", async () => {
    await opened("admin");
    const rows = [...page.root.querySelectorAll("main tr")].map((row) => row.textContent);
    expect(rows[1]).toMatch(/^Zoé11112222.*lacks the newest changes/);
    expect(rows[2]).toMatch(/^unknown33334444.*shut out by Olga, /);
    expect(rows.at(-1)).toMatch(/Zoésent52 not taken$/);
    expect(page.text()).toContain("Zoé (11112222): Anaphylaxis, since");
  });

  it("are forgotten after a question", async () => {
    await opened("admin");
    await page.click(page.button("Forget: Zoé, 11112222"));
    await page.click([...page.root.querySelectorAll<HTMLElement>("dialog button")].at(-1)!);
    expect(device.calls).toContainEqual(["forgetDevice", "11112222-a"]);
    expect(page.root.querySelectorAll("main table")[0]?.textContent).not.toContain("11112222");
  });

  it("are shut out after a question, and let in again", async () => {
    await opened("admin");
    await page.click(page.button("Shut out: Zoé, 11112222"));
    expect(page.text()).toContain("Shut this device out?");
    await page.click([...page.root.querySelectorAll<HTMLElement>("dialog button")].at(-1)!);
    expect(device.calls).toContainEqual(["revokeDevice", "11112222-a"]);
    const row = () => page.root.querySelectorAll("main tbody tr")[0]!;
    expect(row().textContent).toContain("shut out by Ada");
    expect([...row().querySelectorAll("button")].map((one) => one.textContent)).toEqual(["Let in again"]);
    await page.click(page.button("Let in again: Zoé, 11112222"));
    expect(device.calls).toContainEqual(["letDeviceIn", "11112222-a"]);
    expect(row().textContent).toContain("lacks the newest changes");
  });

  it("are nobody else's to see", async () => {
    await opened("trainer");
    expect(page.root.querySelector("main table")).toBeNull();
    expect(page.text()).toContain("Only admins of your school see its devices.");
    expect(page.root.querySelector("a[href='/dashboard/devices']")).toBeNull();
  });

  it("stand beside the whole school as a file, with the word on what it holds", async () => {
    await opened("admin");
    const link = page.root.querySelector<HTMLAnchorElement>("a[href='/api/v1/school/export']");
    expect(link?.textContent).toBe("Export the school");
    expect(link?.hasAttribute("download")).toBe(true);
    expect(page.text()).toContain("passwords of all accounts as hashes");
    await opened("trainer");
    expect(page.root.querySelector("a[href='/api/v1/school/export']")).toBeNull();
  });

  it("say that they could not be read", async () => {
    await opened("admin");
    device.school = null;
    await page.click(page.button("Look again"));
    expect(page.text()).toContain("The server cannot be reached.");
  });
});
