// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RoomPage } from "../../src/dashboard/room/RoomPage";
import { turnShortcuts } from "../../src/dashboard/keys/onOff";
import type { ShownSession } from "../../src/device/view/device";
import { START_VALUES } from "../../src/patient/signs";
import type { Case } from "../../src/wire/types";
import { aCase, anEvent, aSession, FakeDevice, NOON, TRAINER } from "./fakeDevice";
import { show, type Page } from "./page";

// Neither curve nor wave can be drawn in happy-dom; both have tests of their own.
vi.mock("uplot", () => ({ default: class {} }));
vi.mock("../../src/dashboard/room/record/chart", async (original) => ({
  ...(await original<typeof import("../../src/dashboard/room/record/chart")>()),
  createChart: () => ({ draw() {}, show() {}, resize() {}, destroy() {} }),
}));
vi.mock("../../src/monitor/MonitorScreen", () => ({ MonitorScreen: () => null }));

let page: Page;
let device: FakeDevice;

async function open(itsCase: Case | null = null, session: Partial<ShownSession> = {}, me = TRAINER) {
  device = new FakeDevice({ me, sessions: [aSession(session)], cases: itsCase === null ? {} : { "session-1": itsCase } });
  page = await show(device, <RoomPage sessionId="session-1" />);
}

const notes = () => device.calls.filter(([name]) => name === "addMarker").map(([, , ...rest]) => rest);
const arrest = { ...START_VALUES, rhythm: "ventricular_fibrillation", respiratory_rate: 0, etco2: 0, flags: { pulseless: true } } as const;

beforeEach(() => sessionStorage.clear());
afterEach(() => {
  turnShortcuts(true);
  page.unmount();
});

describe("presets", () => {
  it("are shown before they are sent; one part is refused, or all", async () => {
    await open();
    await page.click(page.button("Arrest: VF"));
    expect(device.pushes()).toEqual([]);
    await page.click(page.button("Take out: + Cardiac arrest"));
    await page.click(page.button(/Send 8/));
    expect(device.pushes()).toEqual([
      {
        rhythm: "ventricular_fibrillation",
        vitals: { heart_rate: 0, systolic: 0, diastolic: 0, spo2: 30, respiratory_rate: 0, etco2: 0 },
        flags: { pulseless: true },
      },
    ]);
    await page.click(page.button("Arrest: ROSC"));
    await page.click(page.button("Discard"));
    expect(device.pushes()).toHaveLength(1);
  });

  it("go at once where every change does", async () => {
    await open(null, { last_values: arrest });
    await page.click(page.field("Send at once"));
    await page.click(page.button("Arrest: ROSC"));
    expect(device.pushes()).toMatchObject([{ rhythm: "sinus", vitals: { etco2: 20 }, flags: { pulseless: null } }]);
    expect(page.button("Send").getAttribute("aria-disabled")).toBe("true");
  });
});

describe("compressions", () => {
  it("record their marker when they are sent, and again when they end", async () => {
    await open(null, { last_values: arrest });
    await page.click(page.button("CPR"));
    expect(notes()).toEqual([]);
    await page.click(page.button(/Send 3/));
    expect(device.pushes()).toEqual([{ vitals: { respiratory_rate: 10, etco2: 15 }, flags: { cpr: true } }]);
    expect(notes()).toEqual([["cpr_started"]]);
    device.confirm();
    await page.settle();
    await page.click(page.button("CPR"));
    await page.click(page.button(/Send 1/));
    expect(notes()).toEqual([["cpr_started"], ["cpr_stopped"]]);
    await page.click(page.button(/^Undo/));
    expect(notes()).toHaveLength(2);
  });

  it("start with a tap on their marker, and its button then ends them", async () => {
    await open(null, { last_values: arrest });
    await page.click(page.button("CPR started"));
    expect(device.pushes()).toEqual([{ vitals: { respiratory_rate: 10, etco2: 15 }, flags: { cpr: true } }]);
    expect(notes()).toEqual([["cpr_started"]]);
    expect(() => page.button("CPR started")).toThrow();
    await page.click(page.button("CPR stopped"));
    expect(device.pushes()[1]).toEqual({ flags: { cpr: null } });
    expect(notes()).toEqual([["cpr_started"], ["cpr_stopped"]]);
  });

  it("are only recorded by whoever does not steer", async () => {
    await open(null, { trainer_id: "trainer-2", last_values: arrest });
    await page.click(page.button("CPR started"));
    await page.click(page.button("CPR stopped"));
    expect(device.pushes()).toEqual([]);
    expect(notes()).toEqual([["cpr_started"], ["cpr_stopped"]]);
  });

  it("of a step are recorded, too", async () => {
    const step = { key: "cpr", title: "CPR", at_seconds: null, ramp_seconds: 0, vitals: {}, rhythm: null, flags: { cpr: true }, note: null, transitions: [] };
    await open(aCase({ steps: [step] }), { last_values: arrest });
    await page.click(page.button("Send: 1. CPR"));
    expect(device.pushes()).toEqual([{ step: "cpr" }]);
    expect(notes()).toEqual([["cpr_started"]]);
  });
});

describe("the checklist", () => {
  const item = { key: "pads", text: "Attaches the pads", critical: true, marker: null, target_seconds: null, from: null };
  const checklist = [item, { ...item, key: "shock", text: "Shocks", marker: "defibrillation", target_seconds: 120, from: "arrest" }];
  const boxes = () => [...page.root.querySelectorAll<HTMLElement>("[role=checkbox]")];
  const checked = () => boxes().map((one) => one.getAttribute("aria-checked"));

  it("is ticked by a marker of its own, or by the one that it has", async () => {
    await open(aCase({ checklist }));
    expect(page.text()).toContain("within 2 min of the arrest");
    await page.click(boxes()[0]!);
    await page.click(boxes()[0]!);
    expect(notes()).toEqual([["done_pads", "Attaches the pads"]]);
    expect(checked()).toEqual(["true", "false"]);
    await page.click(boxes()[1]!);
    expect(notes()[1]).toEqual(["defibrillation"]);
    expect(page.text()).toContain("2 of 2");
    expect(page.text()).toContain("Done: Attaches the pads");
  });

  it("shows what a colleague has ticked, and when", async () => {
    await open(aCase({ checklist }));
    const at = new Date(NOON - 30_000).toISOString();
    device.events("session-1").value = [
      anEvent({ id: "a", kind: "note", marker: "done_pads", text: "Attaches the pads", made_at: at, by: { role: "trainer", id: "trainer-2", name: "Olga" } }),
    ];
    await page.settle();
    expect(checked()).toEqual(["true", "false"]);
    expect(boxes()[0]?.textContent).toContain("+0:30");
  });

  it("is not ticked by an observer, nor after the end", async () => {
    await open(aCase({ checklist }), {}, { ...TRAINER, id: "trainer-3", role: "observer" });
    await page.click(boxes()[0]!);
    page.unmount();
    await open(aCase({ checklist }), { closed_at: new Date(NOON).toISOString(), close_reason: "closed" });
    await page.appears(".db-debrief");
    expect(boxes()).toEqual([]);
    expect(notes()).toEqual([]);
  });
});

describe("the keys", () => {
  const key = (target: HTMLElement, letter: string) =>
    page.press(target, letter, { code: `Key${letter}`, altKey: true, shiftKey: true });
  const main = () => page.root.querySelector<HTMLElement>("main")!;

  it("press what is on the page, and only while nobody types", async () => {
    await open();
    await page.click(page.button("Heart rate: +5"));
    await page.click(page.button(/Send 1/));
    await key(page.field("Note"), "U");
    expect(device.pushes()).toHaveLength(1);
    await key(main(), "U");
    expect(device.pushes()).toHaveLength(2);
    await key(main(), "F");
    expect(page.text()).toContain("Send 9 changes");
    turnShortcuts(false);
    await key(main(), "H");
    expect(page.root.querySelector("dialog")).toBeNull();
  });

  it("go to a number that stands, and leave one alone that is being typed", async () => {
    await open();
    const entry = page.root.querySelector<HTMLInputElement>(".db-entry")!;
    await key(entry, "F");
    expect(page.text()).toContain("Send 9 changes");
    await page.click(page.button("Discard"));
    await page.type(entry, "12");
    await key(entry, "F");
    expect(page.text()).not.toContain("Send 9 changes");
  });

  it("start the case, then play its next step", async () => {
    const step = { key: "onset", title: "Onset", at_seconds: 30, ramp_seconds: 0, vitals: { heart_rate: 110 }, rhythm: null, flags: {}, note: null, transitions: [] };
    await open(aCase({ steps: [step, { ...step, key: "shock", title: "Shock" }] }));
    await key(main(), "E");
    expect(device.calls).toContainEqual(["controlCase", "session-1", "start"]);
    await key(main(), "E");
    expect(device.pushes()).toEqual([{ step: "shock" }]);
  });

  it("are listed on ?, which is a sign like any other in a note", async () => {
    await open();
    await page.press(page.field("Note"), "?", { shiftKey: true });
    expect(page.root.querySelector("dialog")).toBeNull();
    await page.press(main(), "?", { shiftKey: true });
    expect(page.root.querySelector("dialog")?.textContent).toContain("Keyboard shortcuts");
  });
});

describe("who is here", () => {
  it("is a list behind the count in the head", async () => {
    await open();
    device.trainees("session-1").value = [
      { seat_id: "seat-1", name: "Zoé", connected: true, joined_at: new Date(NOON).toISOString() },
    ];
    await page.settle();
    await page.click(page.button("1 here"));
    expect(page.root.querySelector("dialog")?.textContent).toContain("Zoé");
  });
});
