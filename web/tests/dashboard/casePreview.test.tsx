// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CasePreview } from "../../src/dashboard/editor/preview/CasePreview";
import type { CaseDraft } from "../../src/dashboard/editor/draft";
import { aTemplate, FakeDevice } from "./fakeDevice";
import { show, type Page } from "./page";

const blank = { at_seconds: null, ramp_seconds: 0, vitals: {}, rhythm: null, flags: {}, note: null };
const DRAFT: CaseDraft = aTemplate({
  steps: [
    {
      ...blank,
      key: "sleepy",
      title: "Sleepy",
      vitals: { spo2: 90 },
      transitions: [
        { to: "better", automatic: true, label: null, on: { marker: "naloxone" } },
        { to: "apnoea", automatic: true, label: null, on: { after: 180 } },
      ],
    },
    { ...blank, key: "apnoea", title: "Apnoea", vitals: { spo2: 70 }, transitions: [] },
    { ...blank, key: "better", title: "Wakes", vitals: { spo2: 96 }, transitions: [] },
  ],
});

const chosen = signal<string | null>(null);
const draft = signal(DRAFT);
let page: Page;

function Shown() {
  return <CasePreview draft={draft.value} selectedKey={chosen.value} select={(key) => (chosen.value = key)} />;
}

beforeEach(async () => {
  [chosen.value, draft.value] = [null, DRAFT];
  page = await show(new FakeDevice({}), <Shown />);
});
afterEach(() => page.unmount());

const lines = () => [...page.root.querySelectorAll(".db-dry-lines li")].map((one) => one.textContent);
const bands = () => [...page.root.querySelectorAll(".db-course-band")].map((one) => one.getAttribute("aria-label"));
const at = () => page.field("At");

describe("beside the case that is written", () => {
  it("its steps stand in time, and one click plays one on the monitor", async () => {
    expect(bands()).toEqual(["Sleepy, 0:00 to 3:00", "Apnoea, 3:00 to 4:00"]);
    expect(page.root.querySelector(".monitor")).toBeNull();
    await page.click(page.button("Apnoea, 3:00 to 4:00"));
    expect(chosen.value).toBe("apnoea");
    expect(page.button("Apnoea, 3:00 to 4:00").getAttribute("aria-pressed")).toBe("true");
    expect(page.root.querySelector(".monitor")?.textContent).toContain("70");
  });

  it("what is tried answers at once, and is taken out again", async () => {
    expect(lines()).toHaveLength(2);
    await page.type(at(), "1:40");
    await page.click(page.button("Add"));
    expect(lines().map((line) => line?.slice(0, 4))).toEqual(["0:00", "1:40", "1:40"]);
    expect(lines().at(-1)).toContain("“Wakes” begins, because the marker “Naloxone given” was set.");
    expect(bands().at(-1)).toMatch(/^Wakes, 1:40/);
    await page.click(page.button("Remove: Naloxone given, 1:40"));
    expect(bands()).toEqual(["Sleepy, 0:00 to 3:00", "Apnoea, 3:00 to 4:00"]);
    expect(document.activeElement?.tagName).toBe("SELECT");
  });

  it("a time that is none is said at its field", async () => {
    await page.type(at(), "soon");
    await page.click(page.button("Add"));
    expect(at().getAttribute("aria-invalid")).toBe("true");
    expect(page.root.querySelector("[role=alert]")?.textContent).toBe("Write a time such as 2:30.");
    expect(page.root.querySelector(".db-dry-tried")).toBeNull();
  });

  it("the curves are a table, too", async () => {
    const details = page.root.querySelector<HTMLDetailsElement>(".db-course-words");
    if (details !== null) details.open = true;
    details?.dispatchEvent(new Event("toggle"));
    await page.settle();
    const rows = [...page.root.querySelectorAll(".db-course-words tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
    expect(rows.map((row) => row.slice(0, 3))).toEqual([
      ["0:00", "Start values", "–"],
      ["0:00", "Sleepy", "–"],
      ["3:00", "Apnoea", "“Sleepy” had lasted 3\u00a0min"],
    ]);
    expect(rows[2]).toContain("70");
  });

  it("what is written shows once the hand rests", async () => {
    const [first, ...others] = DRAFT.steps;
    draft.value = { ...DRAFT, steps: [{ ...first!, title: "Drowsy" }, ...others] };
    await page.settle();
    expect(bands()[0]).toBe("Sleepy, 0:00 to 3:00");
    await expect.poll(async () => (await page.settle(), bands()[0])).toBe("Drowsy, 0:00 to 3:00");
  });

  it("nothing runs before a step is chosen, nor when nobody can see it", async () => {
    page.unmount();
    const [real, watched] = [globalThis.IntersectionObserver, [] as ((isIntersecting: boolean) => void)[]];
    globalThis.IntersectionObserver = class {
      constructor(tell: (entries: { isIntersecting: boolean }[]) => void) {
        watched.push((isIntersecting) => tell([{ isIntersecting }]));
      }
      observe() {}
      disconnect() {}
    } as unknown as typeof IntersectionObserver;
    page = await show(new FakeDevice({}), <Shown />);
    globalThis.IntersectionObserver = real;
    const frames = vi.spyOn(globalThis, "requestAnimationFrame");
    await new Promise((done) => setTimeout(done, 60));
    expect(frames).not.toHaveBeenCalled();
    frames.mockRestore();
    await page.click(page.button("Apnoea, 3:00 to 4:00"));
    expect(page.root.querySelector(".monitor")).not.toBeNull();
    watched.forEach((tell) => tell(false));
    await page.settle();
    expect(page.root.querySelector(".monitor")).toBeNull();
    watched.forEach((tell) => tell(true));
    await page.settle();
    expect(page.root.querySelector(".monitor")).not.toBeNull();
  });

  it("an empty case asks for its first step", async () => {
    page.unmount();
    draft.value = { ...DRAFT, steps: [] };
    page = await show(new FakeDevice({}), <Shown />);
    expect(page.text()).toContain("The curves come with the first step.");
    expect(bands()).toEqual([]);
  });
});
