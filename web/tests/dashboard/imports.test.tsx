// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pathTo } from "../../src/app/pages";
import { go } from "../../src/app/route";
import { reportLine, linesOfCase, linesOfFile, toolName } from "../../src/dashboard/imports/reportWords";
import { Imports } from "../../src/dashboard/imports/imports";
import { Pages } from "../../src/dashboard/shell/Pages";
import { contentOf } from "../../src/device/sync/edit";
import { BOUNDS } from "../../src/generated/catalogue";
import { chooseLanguage } from "../../src/i18n";
import type { ImportedCase, ImportedCases, ImportEntry } from "../../src/wire/types";
import { aTemplate, FakeDevice, TRAINER } from "./fakeDevice";
import { show, type Page } from "./page";

const STEP = {
  key: "calm", title: "Calm", at_seconds: null, ramp_seconds: 0, vitals: { heart_rate: 300 }, rhythm: null, flags: {}, note: null,
  transitions: [],
}; // prettier-ignore

function draft(title: string): ImportedCase {
  return { ...contentOf(aTemplate({ title, steps: [STEP] })) };
}

function entry(part: Partial<ImportEntry> & Pick<ImportEntry, "code" | "kind">): ImportEntry {
  return { level: "warning", field: "templates.0", message: "In English.", values: {}, ...part };
}

const RECOGNISED = entry({ code: "recognised", kind: "taken", level: "info", field: "", values: { tool: "openvetsim" } });
const CLAMPED = entry({
  code: "clamped", kind: "changed", field: "templates.0.steps.0.vitals.heart_rate",
  values: { from: 330, to: 300, low: 0, high: 300 },
}); // prettier-ignore
const NOT_USED = entry({ code: "not_used", kind: "left_out", values: { names: ["media", "CVP"] } });

function found(...titles: string[]): { ok: true; value: ImportedCases } {
  return { ok: true, value: { templates: titles.map(draft), report: [RECOGNISED, CLAMPED, NOT_USED] } };
}

const file = (name: string, content = "{}") => new File([content], name);
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((done) => setTimeout(done, 0));
};

describe("a report", () => {
  afterEach(() => chooseLanguage("en"));

  it("is said by its codes, with the place, in either language", () => {
    chooseLanguage("en");
    expect(reportLine(CLAMPED, draft("A"))).toBe("Step 1, “Calm”, Heart rate: 330 is out of range and became 300");
    expect(reportLine(NOT_USED, draft("A"))).toBe("Not used here: media, CVP");
    chooseLanguage("fr");
    expect(reportLine(CLAMPED, draft("A"))).toBe(
      "Étape 1, «\u00a0Calm\u00a0», Fréquence cardiaque\u00a0: 330 est hors limites et devient 300",
    );
    const replaced = entry({
      code: "rhythm_replaced", kind: "changed", field: "templates.0.rhythm", values: { from: "vtach3", to: "ventricular_tachycardia" },
    }); // prettier-ignore
    expect(reportLine(replaced, draft("A"))).toContain("«\u00a0vtach3\u00a0» devient");
    expect(reportLine(replaced, draft("A"))).not.toContain("ventricular_tachycardia");
    const temperature = entry({ code: "rounded", kind: "changed", values: { from: 37.25, to: 37.3 } });
    expect(reportLine(temperature, null)).toContain("37,3");
  });

  it("keeps the server's words for what this app does not know", () => {
    const strange = entry({ code: "of_tomorrow" as ImportEntry["code"], kind: "changed" });
    expect(reportLine(strange, draft("A"))).toBe("In English.");
  });

  it("is told apart by case and kind", () => {
    const hash = entry({ code: "wrong_hash", kind: "file", field: "" });
    const report = [RECOGNISED, hash, CLAMPED, NOT_USED, entry({ code: "clamped", kind: "changed", field: "templates.10.vitals.spo2" })];
    expect(linesOfFile(report)).toEqual([hash]);
    expect(linesOfCase(report, 0, "changed")).toEqual([CLAMPED]);
    expect(linesOfCase(report, 1, "changed")).toEqual([]);
    expect(toolName(report)).toBe("OpenVetSim");
    expect(toolName([])).toBeNull();
  });
});

describe("files", () => {
  it("are read one after another, and what is found is ticked", async () => {
    const device = new FakeDevice({});
    device.imported = found("A", "B");
    const imports = new Imports(device);
    imports.add([file("one", "1"), file("two", "22")]);
    expect(imports.files.value.map(({ reading }) => reading.state)).toEqual(["reading", "waiting"]);
    await until(() => imports.files.value.every(({ reading }) => reading.state === "found"));
    expect(device.calls.filter(([name]) => name === "readCases")).toEqual([["readCases", 1], ["readCases", 2]]); // prettier-ignore
    expect(imports.drafts().map(({ title }) => title)).toEqual(["A", "B", "A", "B"]);
  });

  it("that are too large are not sent, and nothing is without the server", async () => {
    const device = new FakeDevice({});
    device.imported = found("A");
    device.isOnline.value = false;
    const imports = new Imports(device);
    const large = file("large");
    Object.defineProperty(large, "size", { value: BOUNDS.import_bytes + 1 });
    imports.add([large, file("small")]);
    await until(() => imports.files.value.every(({ reading }) => !["waiting", "reading"].includes(reading.state)));
    expect(imports.files.value.map(({ reading }) => reading.state)).toEqual(["too_large", "offline"]);
    expect(device.calls).toEqual([]);
    device.isOnline.value = true;
    imports.retry(imports.files.value[1]!.id);
    await until(() => imports.drafts().length === 1);
  });

  it("that come back after the dialog was closed are forgotten", async () => {
    const device = new FakeDevice({});
    device.imported = found("A");
    const imports = new Imports(device);
    imports.add([file("one")]);
    imports.close();
    await until(() => device.calls.length === 1);
    await new Promise((done) => setTimeout(done, 0));
    expect(imports.files.value).toEqual([]);
    expect(imports.drafts()).toEqual([]);
  });
});

describe("the page", () => {
  let page: Page;
  let device: FakeDevice;
  const titles = () => [...page.root.querySelectorAll("main > ul h2")].map((one) => one.textContent);
  const drop = async (...files: File[]) => {
    const event = new Event("drop", { bubbles: true, cancelable: true });
    Object.assign(event, { dataTransfer: { types: ["Files"], files } });
    document.body.dispatchEvent(event);
    await page.settle();
    await page.settle();
  };

  beforeEach(async () => {
    go(pathTo("templates"));
    device = new FakeDevice({ templates: [aTemplate()] });
    device.imported = found("Bloat", "Calm dog");
    page = await show(device, <Pages />);
  });

  afterEach(() => page.unmount());

  it("shows what was dropped with its report, and keeps what is ticked, until it is undone", async () => {
    await drop(file("dog.xml"));
    expect(page.text()).toContain("OpenVetSim");
    expect(page.text()).toContain("Step 1, “Calm”, Heart rate: 330 is out of range and became 300");
    expect(titles()).toEqual(["Anaphylaxis"]);
    await page.click(page.field("Keep: Calm dog"));
    await page.click(page.button("Keep 1 case"));
    expect(titles()).toEqual(["Anaphylaxis", "Bloat"]);
    expect(page.root.querySelector("dialog")).toBeNull();
    expect(page.text()).toContain("1 case imported: Bloat");
    await page.click(page.button(/Undo/));
    expect(titles()).toEqual(["Anaphylaxis"]);
  });

  it("keeps nothing that is cancelled", async () => {
    await drop(file("dog.xml"));
    await page.click(page.button("Cancel"));
    expect(titles()).toEqual(["Anaphylaxis"]);
    expect(device.calls.some(([name]) => name === "createTemplate")).toBe(false);
  });

  it("says why nothing could be read, by the code of the report", async () => {
    const report = [entry({ code: "not_utf8", kind: "file", level: "error", field: "", values: { line: 3 } })];
    device.imported = { ok: false, refusal: { code: "invalid_fields", detail: "…", report } };
    await drop(file("old.xml"));
    expect(page.text()).toContain("(line 3)");
    expect(page.text()).toContain("save it as UTF-8");
    expect(() => page.button(/^Keep/)).toThrow();
    expect(() => page.button(/Try again/)).toThrow();
  });

  it("says plainly that the server is needed", async () => {
    device.isOnline.value = false;
    await drop(file("dog.xml"));
    expect(page.text()).toContain("needs the server");
    device.isOnline.value = true;
    await page.click(page.button(/Try again/));
    await page.settle();
    expect(page.text()).toContain("Bloat");
  });

  it("says where there is no case yet that files may be dropped", async () => {
    page.unmount();
    device = new FakeDevice({ templates: [] });
    page = await show(device, <Pages />);
    expect(page.text()).toContain("drop their files anywhere on this page");
  });

  it("offers an observer nothing", async () => {
    page.unmount();
    device = new FakeDevice({ templates: [aTemplate()], me: { ...TRAINER, role: "observer" } });
    page = await show(device, <Pages />);
    expect(() => page.button("Import")).toThrow();
  });
});
