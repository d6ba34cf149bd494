// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { pathTo } from "../../src/app/pages";
import { go } from "../../src/app/route";
import { runsAlone } from "../../src/dashboard/homework/runsAlone";
import { Pages } from "../../src/dashboard/shell/Pages";
import type { Assignment, TemplateStep } from "../../src/wire/types";
import { anAssignment, aTemplate, FakeDevice, NOON, TRAINER } from "./fakeDevice";
import { show, type Page } from "./page";

vi.mock("../../src/monitor/MonitorScreen", () => ({ MonitorScreen: () => null }));

let page: Page;
let device: FakeDevice;

afterEach(() => page.unmount());

const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
const step = (...transitions: TemplateStep["transitions"]): TemplateStep => ({
  key: "a", title: "A", at_seconds: null, ramp_seconds: 0, vitals: {}, rhythm: null, flags: {}, note: null, transitions,
}); // prettier-ignore
const MOVES = step({ to: null, label: null, automatic: true, on: { after: 60 } });
const CASE = aTemplate({ id: "template-1", title: "Anaphylaxis", public_title: "A woman of 34", steps: [MOVES] });

async function opened(homework: Assignment[] | null, role: "admin" | "trainer" | "observer" = "trainer"): Promise<void> {
  go(pathTo("homework"));
  const french = aTemplate({ id: "french", title: "Anaphylaxie", language: "fr", steps: [MOVES] });
  device = new FakeDevice({ me: { ...TRAINER, role }, templates: [french, CASE, aTemplate({ id: "still", title: "Still" })] });
  device.itsHomework = homework;
  page = await show(device, <Pages />);
  await page.settle();
}

describe("the homework of the school", () => {
  it("says what to do while there is none", async () => {
    await opened([]);
    expect(page.text()).toContain("No homework yet");
  });

  it("is listed with its case, its link, and until when", async () => {
    await opened([
      anAssignment({ title: "Week 3", tries: 4, open_tries: 1 }),
      anAssignment({ id: "b", title: "Week 2", until: at(-60), token: "past" }),
      anAssignment({ id: "c", title: "Week 1", withdrawn_at: at(-600), template_id: "gone" }),
    ]);
    const [now, past, back] = [...page.root.querySelectorAll("main li.db-homework")].map((one) => one.textContent ?? "");
    for (const said of ["Week 3", "Anaphylaxis", "open until", "/h/token", "4 tries", "1 under way"]) expect(now).toContain(said);
    expect(past).toContain("over since");
    expect(past).not.toContain("/h/past");
    expect(back).toContain("taken back");
    expect(back).toContain("The case was deleted");
  });

  it("is given: a case that moves by itself, under the name that trainees know it by", async () => {
    await opened([]);
    await page.click(page.button("Set homework"));
    const dialog = page.root.querySelector("dialog")!;
    expect([...dialog.querySelectorAll("option")].map((one) => one.textContent)).toEqual(["Anaphylaxis", "Anaphylaxie"]);
    expect(dialog.querySelector("select")!.value).toBe("template-1");
    expect(page.field("Name that trainees read").value).toBe("A woman of 34");
    await page.type(page.field("Name that trainees read"), " ");
    await page.click(page.button("Make the link"));
    expect(page.text()).toContain("Give it a name that trainees read.");
    await page.type(page.field("Name that trainees read"), "Week 3");
    await page.type(page.field("Until"), "1999-01-01T10:00");
    await page.click(page.button("Make the link"));
    expect(page.text()).toContain("Choose a moment in the future");
    await page.type(page.field("Until"), "2026-11-28T10:00");
    await page.click(page.button("Make the link"));
    await page.settle();
    const until = new Date("2026-11-28T10:00").toISOString();
    expect(device.calls.find(([name]) => name === "giveHomework")?.[1]).toMatchObject({ template_id: "template-1", title: "Week 3", until });
    expect(page.text()).toContain("“Week 3” is ready to be sent");
    await page.click(page.button("Close"));
    expect(page.root.querySelectorAll("main li.db-homework")).toHaveLength(1);
  });

  it("is taken back after a question, by whoever gave it or an admin", async () => {
    await opened([anAssignment({ trainer_id: "somebody-else" })]);
    expect(page.root.querySelector("main .db-button-danger-quiet")).toBeNull();
    page.unmount();
    await opened([anAssignment({ trainer_id: "somebody-else", title: "Week 3" })], "admin");
    await page.click(page.button("Take back: Week 3"));
    await page.click(page.button("Take back"));
    await page.settle();
    expect(device.calls).toContainEqual(["takeHomeworkBack", "assignment-1"]);
    expect(page.text()).toContain("taken back");
  });

  it("tells who tried it, and how that ended", async () => {
    await opened([anAssignment({ tries: 2 })]);
    device.itsTries = [
      { session_id: "s2", name: "Zoé", begun_at: at(-100), closed_at: null, ended: null },
      { session_id: "s1", name: "Léa", begun_at: at(-400), closed_at: at(-310), ended: "played_out" },
    ];
    const details = page.root.querySelector<HTMLDetailsElement>("main details")!;
    details.open = true;
    details.dispatchEvent(new Event("toggle"));
    await page.settle();
    await page.settle();
    const rows = [...details.querySelectorAll("tbody tr")].map((one) => (one.textContent ?? "").replaceAll("\u00a0", " "));
    expect(rows[0]).toContain("under way");
    expect(rows[1]).toContain("played to its end, 1 min 30 s");
    expect(details.querySelector("tbody a")?.getAttribute("href")).toBe(pathTo("room", { session_id: "s2" }));
  });

  it("is looked at by observers, and said not to be read while there is no network", async () => {
    await opened([anAssignment()], "observer");
    expect(page.root.querySelector("main .db-button-main")).toBeNull();
    page.unmount();
    await opened(null);
    expect(page.root.querySelector("main [role=alert]")).not.toBeNull();
  });
});

describe("a case", () => {
  it.each([
    [true, { after: 60 }, true],
    [true, { marker: "help" }, true],
    [true, { marker: "rosc" }, false],
    [false, { after: 60 }, false],
    [false, { manual: true as const }, false],
  ])("automatic %s on %o runs alone: %s", (automatic, on, expected) => {
    expect(runsAlone({ steps: [step({ to: null, label: null, automatic, on })] })).toBe(expected);
    expect(runsAlone({ steps: [] })).toBe(false);
  });
});
