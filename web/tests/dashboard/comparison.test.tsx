// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { pathTo } from "../../src/app/pages";
import { go } from "../../src/app/route";
import { isBackwards, momentsOf } from "../../src/dashboard/debrief/comparison/period";
import { Pages } from "../../src/dashboard/shell/Pages";
import { chooseLanguage } from "../../src/i18n";
import type { Comparison } from "../../src/wire/types";
import { aTemplate, FakeDevice, NOON, TRAINER } from "./fakeDevice";
import { show, type Page } from "./page";
import { until } from "../until";

vi.mock("../../src/monitor/MonitorScreen", () => ({ MonitorScreen: () => null }));

let page: Page;
let device: FakeDevice;

afterEach(() => {
  page.unmount();
  chooseLanguage("en");
});

const COMPARED: Comparison = {
  hidden: false,
  times: [
    { marker: "defibrillation", from: "arrest", n: 12, share_done: 0.75, median: 96, range: [41, 187] },
    { marker: "oxygen", from: "start", n: 12, share_done: 0, median: null, range: null },
  ],
  items: [
    { key: "calls", n: 9, median: 1.5, range: [0, 2] },
    { key: "gone", n: 9, median: 2, range: [2, 2] },
  ],
};
const CASE = aTemplate({
  id: "template-1",
  title: "VF",
  checklist: [{ key: "calls", text: "Calls for help", critical: true, marker: null, target_seconds: null, from: null }],
});

async function opened(compared: Comparison, search = "", isKept = true): Promise<void> {
  go(pathTo("comparison", { template_id: "template-1" }) + search);
  device = new FakeDevice({ me: TRAINER, templates: [CASE] });
  device.isKept = isKept;
  device.comparisons.compared = compared;
  device.comparisons.times = [
    { marker: "defibrillation", from: "arrest", seconds: 60, target_seconds: null, is_met: null },
    { marker: "oxygen", from: "start", seconds: null, target_seconds: null, is_met: null },
  ];
  device.comparisons.scores = {
    sheets: [{ items: { calls: { score: 2 } } }, { items: { calls: { score: 1 } } }, { items: {} }],
    differences: [],
  } as unknown as typeof device.comparisons.scores;
  page = await show(device, <Pages />);
  // The page is a chunk of its own.
  await until(() => expect(page.root.querySelector("h1")).not.toBeNull());
  await page.settle();
}

const cells = (row: number) =>
  [...[...page.root.querySelectorAll("tbody tr")][row]!.children].map((one) => one.textContent!.replaceAll("\u00a0", " "));

async function choosePeriod(name: string): Promise<void> {
  const select = page.root.querySelector<HTMLSelectElement>("main select")!;
  select.value = name;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  await page.settle();
}

describe("the comparison of a case", () => {
  it("says why there is nothing yet", async () => {
    await opened({ times: [], items: [], hidden: true });
    expect(page.text()).toContain("Fewer than five people");
    expect(page.text()).not.toContain("longer period");
    await choosePeriod("month");
    expect(page.text()).toContain("Try a longer period.");
    expect(page.root.querySelector("table")).toBeNull();
    expect(page.root.querySelector('a[href*="format=csv"]')).toBeNull();
  });

  it("tells times and scores in words beside small bars", async () => {
    await opened(COMPARED);
    expect(page.root.querySelector("h1")!.textContent).toBe("Comparison: VF");
    expect(cells(0)).toEqual(["Defibrillation from the onset of the arrest", "12", "75%", "1 min 36 s", "41 s to 3 min 7 s"]);
    expect(cells(1).slice(2)).toEqual(["0%", "nobody did", ""]);
    expect(cells(2)).toEqual(["Calls for help", "9", "1.5", "0 to 2"]);
    expect(cells(3)).toEqual(["gone", "9", "2", "2"]);
    expect([...page.root.querySelectorAll("table svg")].filter((one) => one.closest("[aria-hidden]") === null)).toEqual([]);
  });

  it("marks the attempt of whoever comes from it", async () => {
    await opened(COMPARED, "?session=session-1");
    expect(device.calls).toContainEqual(["debrief", "session-1"]);
    expect(cells(0).at(-1)).toBe("1 min");
    expect(cells(1).at(-1)).toBe("not done");
    expect(cells(2).at(-1)).toBe("1.5");
    expect(cells(3).at(-1)).toBe("0");
    expect(page.root.querySelector(".db-figure-own")).not.toBeNull();
    expect(page.root.querySelector('main a[href="/dashboard/sessions/session-1"]')).not.toBeNull();
  });

  it("asks for a period, and the same for the file", async () => {
    await opened(COMPARED);
    await choosePeriod("month");
    const from = new Date(NOON - 30 * 24 * 3600 * 1000).toISOString();
    expect(device.calls.at(-1)).toEqual(["comparison", { template_id: "template-1", from, to: "" }]);
    const file = page.root.querySelector<HTMLAnchorElement>('a[href*="format=csv"]')!;
    expect(new URLSearchParams(file.getAttribute("href")!.split("?")[1]).get("from")).toBe(from);
  });

  it("says why the server does not answer", async () => {
    await opened(COMPARED);
    device.comparisons.refusal = { code: "network", detail: "" };
    await choosePeriod("year");
    await until(() => expect(page.root.querySelector("main [role=alert]")?.textContent ?? "").not.toBe(""));
  });

  it("offers a French reader the French file first", async () => {
    await opened(COMPARED);
    chooseLanguage("fr");
    await page.settle();
    const files = [...page.root.querySelectorAll<HTMLAnchorElement>('a[href*="format=csv"]')];
    expect(files[0]!.getAttribute("href")).toContain("dialect=fr");
    expect(cells(2)[2]).toBe("1,5");
  });
});

describe("a period", () => {
  it("goes from the beginning of its first day to the end of its last", () => {
    const own = { name: "own", first: "2026-11-21", last: "2026-11-30" } as const;
    expect(momentsOf(own, NOON)).toEqual({
      from: new Date(2026, 10, 21).toISOString(),
      to: new Date(2026, 11, 1).toISOString(),
    });
    expect(momentsOf({ ...own, first: "", last: "" }, NOON)).toEqual({ from: "", to: "" });
    expect(isBackwards(own)).toBe(false);
    expect(isBackwards({ ...own, last: "2026-11-20" })).toBe(true);
  });

  it("fetches a file by itself where the browser keeps no cookie, says how far it is and why it failed", async () => {
    await opened(COMPARED);
    const links = () => [...page.root.querySelectorAll<HTMLElement>(".db-files-links .db-button")];
    expect(links().map((link) => link.tagName)).toEqual(["A", "A"]);
    page.unmount();
    await opened(COMPARED, "", false);
    await page.click(links()[0]!);
    expect(links()[0]!.textContent).toBe("2.3 MB so far. Stop");
    device.downloaded = { ok: false, refusal: { code: "network", detail: "" } };
    device.endDownload();
    await page.settle();
    expect(page.root.querySelector(".db-download-failed")!.textContent).toContain("Not downloaded.");
    expect(device.calls.find(([name]) => name === "download")?.[1]).toContain("/api/v1/comparison?");
  });
});
