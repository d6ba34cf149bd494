// @vitest-environment happy-dom
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pathTo } from "../../../src/app/pages";
import { go, path } from "../../../src/app/route";
import { fieldId } from "../../../src/dashboard/editor/fields";
import { twinId } from "../../../src/dashboard/editor/pairs";
import { blankStep } from "../../../src/dashboard/editor/parts";
import { Pages } from "../../../src/dashboard/shell/Pages";
import { chooseLanguage } from "../../../src/i18n";
import { anEdit, aSession, anEvent, aTemplate, FakeDevice, NOON, TRAINER } from "../fakeDevice";
import { show, type Page } from "../page";
import { until } from "../../until";

// Neither curve nor wave can be drawn in happy-dom; both have tests of their own.
vi.mock("uplot", () => ({ default: class {} }));
vi.mock("../../../src/dashboard/room/record/chart", async (original) => ({
  ...(await original<typeof import("../../../src/dashboard/room/record/chart")>()),
  createChart: () => ({ draw() {}, show() {}, resize() {}, destroy() {} }),
}));
vi.mock("../../../src/monitor/MonitorScreen", () => ({ MonitorScreen: () => null }));
vi.mock("../../../src/dashboard/editor/preview", () => ({ PreviewSlot: () => null }));

const ID = "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b";

let page: Page;
let device: FakeDevice;

const field = (name: string) => {
  const found = document.getElementById(fieldId(name));
  if (found === null) throw new Error(`No field ${name}`);
  return found as HTMLInputElement;
};
const write = (name: string, text: string) => page.type(field(name), text);
const choose = async (name: string, value: string) => {
  await act(() => {
    field(name).value = value;
    field(name).dispatchEvent(new Event("change", { bubbles: true }));
  });
  await page.settle();
};
/** What the page has kept of what was written: at once where somebody looks elsewhere, else a moment later. */
const kept = async () => {
  await act(() => void document.dispatchEvent(new Event("visibilitychange")));
  await page.settle();
  return device.drafts.value;
};
const standing = () => page.root.querySelector(".db-ed-name p")?.textContent;
const headings = () => page.root.querySelector("main h1")?.textContent;

async function opened(address: string, given: ConstructorParameters<typeof FakeDevice>[0] = {}): Promise<void> {
  go(address);
  device = new FakeDevice(given);
  page = await show(device, <Pages />);
}

beforeEach(() => localStorage.clear());
afterEach(() => page.unmount());

describe("a new case", () => {
  beforeEach(() => opened(pathTo("new_template")));

  it("that is but looked at leaves nothing", async () => {
    expect(await kept()).toEqual([]);
    expect(path.value).toBe(pathTo("new_template"));
  });

  it("has an address of its own from the first letter, is kept, and is there again", async () => {
    await write("title", "Sepsis");
    expect(path.value).toMatch(/^\/dashboard\/templates\/[0-9a-f-]{36}$/);
    await until(() => expect(device.drafts.value).toMatchObject([{ base: null, content: { title: "Sepsis" } }]));
    await page.settle();
    expect(page.root.querySelector(".db-status > span")?.textContent).toBe("Draft");
    await page.reopen(<Pages />);
    expect(headings()).toBe("Sepsis");
    go(pathTo("templates"));
    await page.settle();
    expect(page.text()).toContain("Not saved yetSepsis");
    await page.click(page.button("Discard: Sepsis"));
    expect(device.drafts.value).toEqual([]);
    await page.click(page.button("Undo"));
    expect(device.drafts.value).toHaveLength(1);
  });

  it("is saved as a whole under its id, and is no draft any more", async () => {
    await write("title", "Sepsis");
    await page.click(page.button("Add a step"));
    await write("steps.0.title", "Shock");
    await write("steps.0.vitals.systolic", "80");
    await write("steps.0.vitals.diastolic", "38");
    await kept();
    await page.click(page.button("Save"));
    const [name, id, content] = device.calls.at(-1)!;
    expect(name).toBe("createTemplate");
    expect(path.value).toBe(pathTo("template", { template_id: id as string }));
    expect(content).toMatchObject({ title: "Sepsis", language: "en", steps: [{ key: "step_1", vitals: { systolic: 80, diastolic: 38 } }] });
    expect(device.drafts.value).toEqual([]);
    expect(page.text()).toContain("Saved");
    await write("steps.0.title", "Septic shock");
    await page.click(page.button("Save"));
    expect(device.calls.at(-1)).toMatchObject(["changeTemplate", id, { steps: [{ title: "Septic shock" }] }, 1]);
  });

  it("is not saved while something is wrong, which is shown at its field", async () => {
    await write("title", "Sepsis");
    await page.click(page.button("Add a step"));
    expect(page.text()).not.toContain("Write something here.");
    await page.click(page.button(/^Alarm limits/));
    await page.click(page.button("Save"));
    expect(device.calls.filter(([name]) => name === "createTemplate")).toEqual([]);
    expect(field("steps.0.title").getAttribute("aria-invalid")).toBe("true");
    expect(page.text()).toContain("Write something here.");
    // Said in the head, and the hand is led to the field.
    expect(standing()).toBe("Not saved yet: what has to be put right is marked.");
    await until(() => expect(document.activeElement).toBe(field("steps.0.title")));
    await write("steps.0.title", "Shock");
    expect(standing()).toBe("Not saved; kept on this device");
    await write("steps.0.vitals.systolic", "70");
    expect(field("steps.0.vitals.systolic").getAttribute("aria-describedby")).toContain("fault");
    expect(page.text()).toContain("Diastolic 80 would be above systolic 70 here.");
    await act(() => chooseLanguage("fr"));
    expect(page.text()).toMatch(/Systolique\s: Ici la diastolique 80/);
  });

  it("offers at its start no rhythm of before", async () => {
    await page.click(page.button("At the start"));
    expect(field("rhythm").querySelector("option")?.textContent).toBe("Sinus rhythm");
    await page.click(page.button("Add a step"));
    expect(field("steps.0.rhythm").querySelector("option")?.textContent).toBe("As before (Sinus rhythm)");
  });

  it("takes a text that is no number for none, and empties a field that is emptied", async () => {
    await page.click(page.button("Add a step"));
    await write("steps.0.vitals.spo2", "9o");
    expect(page.text()).toContain("This is not a number.");
    await write("steps.0.vitals.spo2", "90");
    await write("steps.0.vitals.spo2", "");
    expect((await kept())[0]!.content.steps[0]!.vitals).toEqual({});
    await page.press(field("steps.0.vitals.spo2"), "ArrowDown");
    expect((await kept())[0]!.content.steps[0]!.vitals).toEqual({ spo2: 97 });
  });

  it("has in a step with a rhythm what belongs to it, until another one is chosen", async () => {
    await page.click(page.button("Add a step"));
    await choose("steps.0.rhythm", "ventricular_fibrillation");
    expect((await kept())[0]!.content.steps[0]).toMatchObject({ vitals: { respiratory_rate: 0, etco2: 0 }, flags: { pulseless: true } });
    await choose("steps.0.rhythm", "svt");
    expect((await kept())[0]!.content.steps[0]).toMatchObject({ rhythm: "svt", vitals: { heart_rate: 180 }, flags: {} });
  });

  it("has in a step what the early warning score asks for, told from what is not recorded", async () => {
    await page.click(page.button("Add a step"));
    const asked = (name: string) => `steps.0.flags.${name}`;
    expect(field(asked("consciousness")).textContent).toMatch(/^As before \(Not recorded\)Not recordedAlertNew confusion/);
    await choose(asked("consciousness"), '"C"');
    await choose(asked("oxygen"), "false");
    await choose(asked("spo2_scale_2"), "true");
    const flags = async () => (await kept())[0]!.content.steps[0]!.flags;
    expect(await flags()).toEqual({ consciousness: "C", oxygen: false, spo2_scale_2: true });
    await choose(asked("consciousness"), "");
    await choose(asked("oxygen"), "null");
    expect(await flags()).toEqual({ oxygen: null, spo2_scale_2: true });
  });

  it("writes a way on as a sentence, each kind of it", async () => {
    for (const title of ["One", "Two"]) {
      await page.click(page.button("Add a step"));
      await write(`steps.${title === "One" ? 0 : 1}.title`, title);
    }
    await page.click(page.button(/^1\. One/));
    await page.click(page.button("Add a way on"));
    const way = async () => (await kept())[0]!.content.steps[0]!.transitions[0];
    const prefix = "steps.0.transitions.0.";
    await write(`${prefix}on.after`, "1:30");
    expect(await way()).toEqual({ to: "step_2", label: null, automatic: true, on: { after: 90 } });
    await choose(`${prefix}kind`, "when");
    await choose(`${prefix}on.when.0.subject`, "sign mean");
    await write(`${prefix}on.when.0.value`, "55");
    await write(`${prefix}on.hold`, "10");
    expect(await way()).toMatchObject({ on: { when: [{ sign: "mean", op: "lt", value: 55 }], hold: 10 } });
    await choose(`${prefix}on.when.0.subject`, "flag cpr");
    await choose(`${prefix}on.when.0.is`, "false");
    expect(await way()).toMatchObject({ on: { when: [{ flag: "cpr", is: false }] } });
    await choose(`${prefix}on.when.0.subject`, "flag consciousness");
    await choose(`${prefix}on.when.0.is`, '"U"');
    expect(await way()).toMatchObject({ on: { when: [{ flag: "consciousness", is: "U" }] } });
    await choose(`${prefix}kind`, "action");
    expect(await way()).toMatchObject({ on: { action: "nibp_start", count: 1 } });
    await choose(`${prefix}kind`, "manual");
    await choose(`${prefix}to`, ".");
    await write(`${prefix}label`, "It is over");
    expect(await way()).toEqual({ to: null, label: "It is over", automatic: false, on: { manual: true } });
  });
});

describe("a case that is there", () => {
  const case_ = aTemplate({ id: ID, title: "Sepsis", version: 4, steps: [{ ...blankStep("onset"), title: "Onset" }] });
  const address = pathTo("template", { template_id: ID });
  const colleague = async (change: object) => {
    device.templates.value = [{ ...device.templates.value[0]!, ...change, version: 9 }];
    await page.settle();
  };

  it("sends only what was changed", async () => {
    await opened(address, { templates: [case_] });
    await write("description", "A man of 60.");
    await page.click(page.button("Save"));
    expect(device.calls.at(-1)).toEqual(["changeTemplate", ID, { description: "A man of 60." }, 4]);
  });

  it("shows what a colleague changes meanwhile, and no undo takes that away", async () => {
    await opened(address, { templates: [case_] });
    await write("description", "A man of 60.");
    await colleague({ title: "Urosepsis" });
    expect(headings()).toBe("Urosepsis");
    await page.click(page.button("Undo"));
    expect(headings()).toBe("Urosepsis");
    await page.click(page.button("Redo"));
    await page.click(page.button("Save"));
    expect(device.calls.at(-1)).toEqual(["changeTemplate", ID, { description: "A man of 60." }, 9]);
  });

  it("keeps one's own where a colleague has changed the same, and saves it on what was seen: a conflict", async () => {
    await opened(address, { templates: [case_] });
    await write("title", "Septic shock");
    await colleague({ title: "Urosepsis" });
    expect(headings()).toBe("Septic shock");
    await page.click(page.button("Save"));
    expect(device.calls.at(-1)).toEqual(["changeTemplate", ID, { title: "Septic shock" }, 4]);
    device.edits.value = [anEdit({ template_id: ID, state: "conflict" })];
    await page.settle();
    expect(page.root.querySelector("main a[href='/dashboard/conflicts']")).not.toBeNull();
  });

  it.each([1000, -3_600_000])("takes over what another tab of the device writes, as one change (its clock: %i ms)", async (later) => {
    await opened(address, { templates: [case_] });
    await write("title", "Here");
    const [mine] = await kept();
    await act(() => device.keepDraft({ ...mine!, content: { ...mine!.content, title: "There" }, by: "another page", kept_at: Date.now() + later }));
    await page.settle();
    expect(headings()).toBe("There");
    await page.click(page.button("Undo"));
    expect(headings()).toBe("Here");
  });

  it("is no draft any more when everything is as it was", async () => {
    await opened(address, { templates: [case_] });
    await write("title", "Other");
    expect(await kept()).toHaveLength(1);
    await page.click(page.button("Discard the changes"));
    expect(await kept()).toEqual([]);
    await page.click(page.button("Undo"));
    expect(headings()).toBe("Other");
  });

  it("is written in the other language under the id that follows from its own, with the words beside", async () => {
    await opened(address, { templates: [case_] });
    await page.click(page.button("Write the French version"));
    expect(path.value).toBe(pathTo("template", { template_id: twinId(ID) }));
    expect(device.drafts.value).toMatchObject([{ template_id: twinId(ID), base: null, content: { language: "fr", title: "Sepsis" } }]);
    expect(page.text()).toContain("In the other version: Sepsis");
    await write("title", "Septicémie");
    await page.click(page.button("Save"));
    expect(device.calls.at(-1)).toMatchObject(["createTemplate", twinId(ID), { title: "Septicémie", steps: [{ key: "onset" }] }]);
    go(address);
    await page.settle();
    expect(page.text()).toContain("French version: Septicémie");
  });

  it("that a colleague has written meanwhile is a conflict, though it was new here", async () => {
    await opened(pathTo("template", { template_id: twinId(ID) }), { templates: [case_] });
    expect(headings()).toBe("This case is not on this device");
    page.unmount();
    await opened(address, { templates: [case_] });
    await page.click(page.button("Write the French version"));
    await write("title", "Septicémie");
    await act(() => {
      device.templates.value = [case_, { ...case_, id: twinId(ID), language: "fr", title: "Choc septique", description: "Une femme.", version: 7 }];
    });
    await page.settle();
    expect(headings()).toBe("Septicémie");
    await page.click(page.button("Save"));
    const [name, id, content, seen] = device.calls.at(-1)!;
    expect([name, id, seen]).toEqual(["changeTemplate", twinId(ID), 0]);
    expect(content).toMatchObject({ title: "Septicémie" });
  });

  it("is moved and removed by keys, and the ways that led to a step are told", async () => {
    const ways = [{ to: "shock", label: null, automatic: true, on: { after: 60 } }];
    const steps = [{ ...blankStep("onset"), title: "Onset", transitions: ways }, { ...blankStep("shock"), title: "Shock" }];
    await opened(address, { templates: [{ ...case_, steps }] });
    await page.press(page.button(/^2\. Shock/), "ArrowUp", { altKey: true });
    expect([...page.root.querySelectorAll("[data-step]")].map((one) => one.getAttribute("data-step"))).toEqual(["shock", "onset"]);
    await page.press(page.button(/^1\. Shock/), "Delete");
    expect(page.text()).toContain("Deleted: Shock. A way from Onset led to it");
    expect(page.text()).toContain("It leads to a step that is gone. Choose another.");
    expect(page.root.querySelector(".db-ed-leads")?.textContent).toBe("a step that is gone");
    await page.press(page.root.querySelector("main")!, "z", { ctrlKey: true });
    expect(page.root.querySelectorAll("[data-step]")).toHaveLength(2);
  });

  it("keeps what is written while it is being saved", async () => {
    await opened(address, { templates: [case_] });
    let written = () => {};
    const change = device.changeTemplate.bind(device);
    device.changeTemplate = (...given) => change(...given).then(() => new Promise<void>((resolve) => (written = resolve)));
    await write("title", "Septic shock");
    await page.click(page.button("Save"));
    await write("title", "Septic shock, adult");
    expect(await kept()).toMatchObject([{ content: { title: "Septic shock, adult" } }]);
    await act(() => written());
    await page.settle();
    expect(device.drafts.value).toMatchObject([{ content: { title: "Septic shock, adult" } }]);
  });

  it("is not said to be gone while the school's log is read for the first time", async () => {
    go(address);
    device = new FakeDevice({ templates: [] });
    const { value } = device.colleagues;
    device.colleagues.value = [];
    page = await show(device, <Pages />);
    expect(page.text()).toContain("Being read from the server…");
    await act(() => {
      device.colleagues.value = value;
    });
    await page.settle();
    expect(headings()).toBe("This case is not on this device");
  });

  it("is not here, is said, and an observer is told to read", async () => {
    await opened(address, { templates: [] });
    expect(headings()).toBe("This case is not on this device");
    await act(() => {
      device.templates.value = [case_];
    });
    await page.settle();
    expect(headings()).toBe("Sepsis");
    page.unmount();
    await opened(address, { templates: [case_], me: { ...TRAINER, role: "observer" } });
    expect(page.root.querySelectorAll("main input")).toHaveLength(0);
  });
});

describe("a session", () => {
  it("is made a case that can be edited, and nothing is saved by it", async () => {
    const session = aSession({ id: "session-1", title: "Played" });
    go(pathTo("room", { session_id: "session-1" }));
    device = new FakeDevice({ sessions: [session] });
    const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
    device.events("session-1").value = [anEvent({ id: "one", kind: "vitals", seq: 1, created_at: at(60), heart_rate: 130 })];
    page = await show(device, <Pages />);
    await page.click(page.button(/Save as a case/));
    await page.click(page.button("Make a case of it"));
    expect(headings()).toBe("Played");
    expect(page.button(/^1\. HR/).textContent).toContain("130");
    expect(device.calls.some(([name]) => name === "createTemplate")).toBe(false);
  });

  it("is made one case by two quick presses", async () => {
    go(pathTo("room", { session_id: "session-1" }));
    device = new FakeDevice({ sessions: [aSession({ id: "session-1", title: "Played" })] });
    page = await show(device, <Pages />);
    await page.click(page.button(/Save as a case/));
    const make = page.button("Make a case of it");
    await act(() => {
      make.click();
      make.click();
    });
    await page.settle();
    expect(device.drafts.value).toHaveLength(1);
  });
});
