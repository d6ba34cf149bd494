// @vitest-environment happy-dom
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pathTo } from "../../../src/app/pages";
import { go, path } from "../../../src/app/route";
import { Pages } from "../../../src/dashboard/shell/Pages";
import type { TemplateContent } from "../../../src/device/sync/edit";
import { FakeDevice, TRAINER } from "../fakeDevice";
import { show, type Page } from "../page";
import { until } from "../../until";

let page: Page;
let device: FakeDevice;

const LINES = ["Heure;FC;SpO2;Sonde", ...Array.from({ length: 40 }, (_, n) => `08:${String(n).padStart(2, "0")}:00;${80 + n};97;36,${n % 10}`)];

async function choose(lines: readonly string[], name = "trend.csv"): Promise<void> {
  const input = page.root.querySelector<HTMLInputElement>("input[type=file]")!;
  Object.defineProperty(input, "files", { configurable: true, value: [new File([lines.join("\n")], name)] });
  await act(() => void input.dispatchEvent(new Event("change", { bubbles: true })));
  await settled();
}

const settled = () =>
  until(async () => {
    await page.settle();
    expect(page.root.querySelector("[aria-busy=true], main > p[role=status]")).toBeNull();
    expect(page.root.querySelector(".db-recorded-part, .db-problem")).not.toBeNull();
  });

async function select(label: string, option: string): Promise<void> {
  const field = [...page.root.querySelectorAll<HTMLSelectElement>("select")].find((one) => one.getAttribute("aria-label") === label)!;
  const found = [...field.options].find((one) => one.textContent?.startsWith(option))!;
  await act(() => {
    field.value = found.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await settled();
}

const chosen = (label: string) => {
  const field = [...page.root.querySelectorAll<HTMLSelectElement>("select")].find((one) => one.getAttribute("aria-label") === label)!;
  return [...field.options].find((one) => one.value === field.value)?.textContent;
};
const kept = () => device.calls.filter(([name]) => name === "createTemplate").map(([, , content]) => content as TemplateContent);

describe("a case from a recording", () => {
  beforeEach(async () => {
    localStorage.removeItem("shiller.recorded.mappings");
    go(pathTo("templates"));
    device = new FakeDevice();
    page = await show(device, <Pages />);
    await page.click(page.root.querySelector<HTMLElement>(`a[href="${pathTo("recorded")}"]`)!);
  });
  afterEach(() => page.unmount());

  it("is guessed, corrected, looked at, named, confirmed and kept", async () => {
    await choose(LINES);
    expect(chosen("Column: Heart rate")).toBe("FC (40)");
    expect(chosen("Time")).toBe("Heure (40)");
    expect(chosen("Column: Temperature")).toBe("Not in this file");
    await select("Column: Temperature", "Sonde");
    expect(page.text()).toContain("Temperature");
    expect(page.root.querySelectorAll(".db-recorded-lane")).toHaveLength(3);
    expect(page.text()).toMatch(/\d+ of 40 points kept; \d+ steps? in 39 min\./);
    expect(page.text()).toContain("so the sensor is off: Systolic, Diastolic, EtCO₂");
    await page.click(page.button("Keep the case"));
    expect(page.text()).toContain("The case needs a title.");
    await page.type(page.field("Title of the case"), "  A slow rise ");
    await page.click(page.button("Keep the case"));
    expect(page.text()).toContain("Please confirm");
    expect(kept()).toEqual([]);
    await page.click(page.field(/Nothing in it says who the patient is/));
    await page.click(page.button("Keep the case"));
    expect(path.value).toBe(pathTo("templates"));
    expect(page.text()).toContain("A slow rise");
    const [content] = kept();
    expect(content).toMatchObject({ title: "A slow rise", language: "en", vitals: { heart_rate: 80, spo2: 97, temperature: 36 } });
    expect(content!.description).toMatch(/Largest deviation: HR \d/);
  });

  it("is mapped the next time as it was corrected the last time", async () => {
    await choose(LINES);
    await select("Column: Temperature", "Sonde");
    await choose(["x;y", "0;1", "5;2"], "other.csv");
    expect(page.text()).toContain("Guessed by the names");
    await choose(LINES.slice(0, 20), "next.csv");
    expect(chosen("Column: Temperature")).toBe("Sonde (19)");
    expect(page.text()).toContain("As you chose it");
    expect(JSON.stringify({ ...localStorage })).not.toContain("Sonde");
  });

  it("is guessed where what is remembered cannot be", async () => {
    await choose(LINES);
    await select("Column: Temperature", "Sonde");
    const [written] = JSON.parse(localStorage.getItem("shiller.recorded.mappings")!) as { mapping: { signs: object } }[];
    const broken = [{ signs: null }, { time: null }, { signs: { spo2: null } }, { signs: { spo2: { column: 99, unit: "own" } } }, { signs: { lactate: {} } }];
    for (const part of broken) {
      const stored = [null, 7, { ...written, mapping: { ...written!.mapping, ...part } }];
      localStorage.setItem("shiller.recorded.mappings", JSON.stringify(stored));
      await choose(LINES);
      expect(page.text()).toContain("Guessed by the names");
      expect(chosen("Column: SpO₂")).toBe("SpO2 (40)");
    }
  });

  it("keeps what was typed when something else is mapped", async () => {
    await choose(LINES);
    await page.type(page.field("Title of the case"), "Typed");
    await select("Column: SpO₂", "Not in this file");
    expect(page.field("Title of the case").value).toBe("Typed");
    await select("Column: Heart rate", "Not in this file");
    expect(page.text()).toContain("at least one vital sign");
  });

  it("is a part of the recording, by minutes", async () => {
    await choose(LINES);
    const from = page.field("From minute");
    await act(() => {
      from.value = "10";
      from.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await settled();
    expect(page.text()).toMatch(/in 29 min\./);
  });

  it("cannot be made of everything: there is a sentence, and the next file is welcome", async () => {
    await choose(["A letter.", "Without numbers."], "letter.txt");
    expect(page.root.querySelector("[role=alert].db-problem")?.textContent).toContain("No table with numbers");
    await choose(LINES);
    expect(page.root.querySelector("main [role=alert]")).toBeNull();
    expect(page.root.querySelectorAll(".db-recorded-lane")).toHaveLength(2);
  });
});

it("is not for an observer", async () => {
  go(pathTo("recorded"));
  device = new FakeDevice({ me: { ...TRAINER, role: "observer" } });
  page = await show(device, <Pages />);
  expect(page.root.querySelector("main input")).toBeNull();
  page.unmount();
});
