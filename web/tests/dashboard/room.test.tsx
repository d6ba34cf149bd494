// @vitest-environment happy-dom
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RoomPage } from "../../src/dashboard/room/RoomPage";
import { chooseLanguage } from "../../src/i18n";
import { aSession, FakeDevice, NOON } from "./fakeDevice";
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

async function open() {
  device = new FakeDevice({ sessions: [aSession()] });
  page = await show(device, <RoomPage sessionId="session-1" />);
}

const row = (name: string) => page.root.querySelector<HTMLElement>(`.db-sign-${name}`)!;
const entry = (name: string) => row(name).querySelector<HTMLInputElement>(".db-entry")!;
const slider = (name: string) => row(name).querySelector<HTMLInputElement>("input[type=range]")!;
const now = (name: string) => row(name).querySelector(".db-sign-number")!.textContent;
const mark = (name: string) => row(name).querySelector(".db-mark")!.getAttribute("data-mark");
const heard = () => [...page.root.querySelectorAll(".visually-hidden > [role]")].map((one) => one.textContent).join(" ");

beforeEach(() => sessionStorage.clear());
afterEach(() => page.unmount());

describe("staging in the control room", () => {
  it("shows a staged value beside what the trainees have, and sends several as one push", async () => {
    await open();
    await page.click(page.button("Heart rate: +5"));
    await page.click(page.button("Heart rate: +5"));
    await page.click(page.button("SpO₂: −5"));
    await page.click(page.button("SVT"));
    expect([now("heart_rate"), entry("heart_rate").value, mark("heart_rate")]).toEqual(["75", "85", "staged"]);
    expect(device.pushes()).toEqual([]);
    // A tachycardia brings its pressures; the rate that was set by hand stays, and what is not wanted is taken out.
    await page.click(page.button("Take out: DIA 60"));
    await page.click(page.button(/Send 4 changes/));
    expect(device.pushes()).toEqual([{ vitals: { heart_rate: 85, spo2: 93, systolic: 95 }, rhythm: "svt" }]);
    expect([now("heart_rate"), mark("heart_rate")]).toEqual(["85", "sending"]);
    expect(page.button("Send").getAttribute("aria-disabled")).toBe("true");
  });

  it("replaces what stands in a field that has the focus, also when a colleague has just changed it", async () => {
    await open();
    const field = entry("heart_rate");
    await act(() => field.focus());
    await act(async () => void (await device.push("session-1", { vitals: { heart_rate: 102 } })));
    expect(field.value).toBe("102");
    expect([field.selectionStart, field.selectionEnd]).toEqual([0, 3]);
    // Not while it is typed in.
    await page.type(field, "8");
    await act(async () => void (await device.push("session-1", { vitals: { heart_rate: 130 } })));
    expect(field.value).toBe("8");
  });

  it("sends a rhythm together with what it brings where every change is sent at once", async () => {
    await open();
    await page.click(page.field("Send at once"));
    await page.click(page.button("SVT"));
    expect(device.pushes()).toEqual([{ vitals: { heart_rate: 180, systolic: 95, diastolic: 60 }, rhythm: "svt" }]);
    expect(page.button("Send").getAttribute("aria-disabled")).toBe("true");
  });

  it("shows that it waits, then that it is confirmed, and says both aloud", async () => {
    await open();
    await page.click(page.button("Heart rate: +1"));
    await page.click(page.button(/Send 1/));
    expect(heard()).toContain("Waits for the server: HR");
    expect(row("heart_rate").textContent).toContain("Waiting");
    device.confirm();
    await page.settle();
    expect(mark("heart_rate")).toBe("confirmed");
    expect(row("heart_rate").textContent).toMatch(/Confirmed \d/);
    expect(heard()).toContain("Confirmed by the server");
  });

  it("shows a refusal where it happened, and rolls the number back", async () => {
    await open();
    await page.click(page.button("Heart rate: +1"));
    await page.click(page.button(/Send 1/));
    device.refuse({ code: "session_closed", detail: "" });
    await page.settle();
    expect([now("heart_rate"), mark("heart_rate")]).toEqual(["75", "refused"]);
    expect(heard()).toContain("The session was ended before");
  });

  it("puts a push back that the device could not write", async () => {
    await open();
    device.failure = new Error("disk full");
    await page.click(page.button("Heart rate: +1"));
    await page.click(page.button(/Send 1/));
    expect([now("heart_rate"), entry("heart_rate").value, mark("heart_rate")]).toEqual(["75", "76", "staged"]);
    expect(heard()).toContain("disk full");
  });

  it.each(["en", "fr"] as const)("calls sent only what the server has: at the tap, when it is kept, and offline, in %s", async (language) => {
    await open();
    await page.click(page.button("Heart rate: +1"));
    await act(() => chooseLanguage(language));
    let keep = () => {};
    const push = device.push.bind(device);
    vi.spyOn(device, "push").mockImplementation(async (...what) => {
      await new Promise<void>((resolve) => (keep = resolve));
      return push(...what);
    });
    const politely = () => page.root.querySelector(".visually-hidden > [role=status]")!.textContent;
    const told = () => [politely(), ...[...page.root.querySelectorAll(".db-mark")].map((one) => one.textContent)].join(" ");
    await page.click(page.root.querySelector<HTMLElement>(".db-send-button")!);
    const atTheTap = told();
    keep();
    await page.settle();
    const kept = told();
    device.isOnline.value = false;
    await page.settle();
    for (const words of [atTheTap, kept, told()]) {
      expect(words).toContain({ en: "Waits for the server", fr: "En attente du serveur" }[language]);
      expect(words).not.toMatch(/(?<!\p{L})(sent|envoyée?s?)(?!\p{L})/iu);
    }
    expect(row("heart_rate").textContent).toContain({ en: "Waiting", fr: "En attente" }[language]);
  });

  it("discards what is staged, one or all", async () => {
    await open();
    await page.click(page.button("Heart rate: +5"));
    await page.click(page.button("CPR"));
    await page.click(page.button("Take out: HR 80"));
    expect(entry("heart_rate").value).toBe("75");
    await page.click(page.button("Discard"));
    expect(page.button("CPR").getAttribute("aria-pressed")).toBe("false");
    expect(device.pushes()).toEqual([]);
  });

  it("moves the numbers over the chosen time, and shows where they are going", async () => {
    await open();
    await page.type(page.field("Other duration, in seconds"), "45");
    await page.press(page.field("Other duration, in seconds"), "Enter");
    await page.type(entry("heart_rate"), "120");
    await page.press(entry("heart_rate"), "Enter");
    expect(device.pushes()).toEqual([{ vitals: { heart_rate: 120 }, ramp_seconds: 45 }]);
    expect([now("heart_rate"), entry("heart_rate").value]).toEqual(["75", "120"]);
    expect(row("heart_rate").textContent).toContain("→ 120 · 0:45");
  });

  it("sends single changes at once if so chosen", async () => {
    await open();
    await page.click(page.field("Send at once"));
    await page.click(page.button("Heart rate: +5"));
    await page.click(page.button("Heart rate: +5"));
    await page.click(page.button("Haemorrhage"));
    expect(device.pushes()).toEqual([
      { vitals: { heart_rate: 80 } },
      { vitals: { heart_rate: 85 } },
      { flags: { haemorrhage: true } },
    ]);
  });
});

describe("what the early warning score asks for", () => {
  const pick = async (name: RegExp, value: string) => {
    const select = page.field(name) as unknown as HTMLSelectElement;
    await act(() => {
      select.value = value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await page.settle();
  };
  const chosen = (name: RegExp) => {
    const { options, selectedIndex } = page.field(name) as unknown as HTMLSelectElement;
    return options[selectedIndex]?.textContent;
  };

  it("is staged as all else, air told from what nobody recorded", async () => {
    await open();
    expect([chosen(/^Consciousness/), chosen(/^Oxygen/)]).toEqual(["Not recorded", "Not recorded"]);
    await pick(/^Consciousness/, '"V"');
    await pick(/^Oxygen/, "false");
    await page.click(page.button("SpO₂ scale 2 (target 88–92 %)"));
    await page.click(page.button(/Send 3 changes/));
    expect(device.pushes()).toEqual([{ flags: { consciousness: "V", oxygen: false, spo2_scale_2: true } }]);
    expect([chosen(/Consciousness/), chosen(/Oxygen/)]).toEqual(["Responds to voice", "On room air"]);
    await pick(/Oxygen/, "true");
    await pick(/Oxygen/, "false");
    await pick(/Consciousness/, "null");
    await page.click(page.button(/Send 1 change/));
    expect(device.pushes().at(-1)).toEqual({ flags: { consciousness: null } });
  });

  it("is not sent by a key on its way through the levels, but where it is left", async () => {
    await open();
    await page.click(page.field("Send at once"));
    const select = page.field(/^Consciousness/);
    await page.press(select, "ArrowDown");
    await pick(/Consciousness/, '"A"');
    await page.press(select, "ArrowDown");
    await pick(/Consciousness/, '"C"');
    expect(device.pushes()).toEqual([]);
    await act(() => void select.dispatchEvent(new FocusEvent("blur")));
    await page.settle();
    expect(device.pushes()).toEqual([{ flags: { consciousness: "C" } }]);
  });
});

describe("what is in hand", () => {
  const reload = async () => {
    page.unmount();
    page = await show(device, <RoomPage sessionId="session-1" />);
  };

  it("is there after a reload: what is staged, over which time, whether at once, and what can be undone", async () => {
    await open();
    await page.click(page.button("Heart rate: +5"));
    await page.click(page.button(/Send 1/));
    await page.click(page.button("SpO₂: −5"));
    await page.click(page.button("CPR"));
    await page.click(page.field("30 s"));
    await reload();
    expect([entry("spo2").value, mark("spo2")]).toEqual(["93", "staged"]);
    expect(page.field("30 s").checked).toBe(true);
    await page.click(page.button(/Send 2 changes/));
    expect(device.pushes().at(-1)).toEqual({ vitals: { spo2: 93 }, flags: { cpr: true }, ramp_seconds: 30 });
    await page.click(page.button(/^Undo/));
    await page.click(page.button(/^Undo/));
    expect(device.pushes().at(-1)).toEqual({ vitals: { heart_rate: 75 } });
    await page.click(page.field("Send at once"));
    await reload();
    expect(page.field("Send at once").checked).toBe(true);
    expect(page.button(/^Nothing to undo/).getAttribute("aria-disabled")).toBe("true");
  });

  it("is the same in another tab, and what was sent meanwhile is not staged any more", async () => {
    await open();
    await page.click(page.button("SpO₂: −5"));
    const staged = { signs: { heart_rate: 75, spo2: 90 }, rhythm: "sinus" as const, flags: { cpr: true, pulseless: null } };
    device.preparation("session-1").value = { staged, ramp_seconds: 10, is_at_once: false, undo: [], by: "another page" };
    await page.settle();
    expect(entry("spo2").value).toBe("90");
    await page.click(page.button(/Send 2 changes/));
    expect(device.pushes()).toEqual([{ vitals: { spo2: 90 }, flags: { cpr: true }, ramp_seconds: 10 }]);
  });

  it("goes with the end of the session", async () => {
    await open();
    await page.click(page.button("SpO₂: −5"));
    device.stored.value = [aSession({ closed_at: new Date(NOON).toISOString(), close_reason: "closed" })];
    await page.settle();
    page.unmount();
    expect(device.preparation("session-1").value?.staged.signs ?? {}).toEqual({});
  });
});

describe("a record that is not on this device", () => {
  const notice = () => page.root.querySelector(".db-debrief-notices")?.textContent ?? "";

  it("is said to be missing without a network, and to be read with one", async () => {
    device = new FakeDevice({ sessions: [aSession({ closed_at: new Date(NOON).toISOString(), close_reason: "closed", has_record: false })] });
    device.isOnline.value = false;
    page = await show(device, <RoomPage sessionId="session-1" />);
    await page.appears(".db-debrief");
    expect(notice()).toContain("is not on this device, or not whole");
    expect(notice()).not.toContain("stays below");
    expect(page.text()).not.toContain("Nothing recorded");
    expect(page.root.querySelector(".db-chart")).toBeNull();
    expect(page.root.querySelector(".db-analysis")?.textContent).toContain("need the record of this session");
    device.isOnline.value = true;
    await page.settle();
    expect(notice()).toContain("is being read");
    device.stored.value = device.stored.value.map((session) => ({ ...session, has_record: true }));
    await page.settle();
    expect(notice()).not.toContain("The record of this session is");
    expect(notice()).toContain("stays below");
  });
});

describe("the pressures", () => {
  it("with the diastolic on top are not sent, and the words say why", async () => {
    await open();
    await page.type(entry("diastolic"), "130");
    await page.press(entry("diastolic"), "Enter");
    expect(device.pushes()).toEqual([]);
    expect(page.text()).toContain("Diastolic 130 is above systolic 120");
    expect(entry("diastolic").getAttribute("aria-invalid")).toBe("true");
    await page.type(entry("systolic"), "150");
    await page.press(entry("systolic"), "Enter");
    expect(device.pushes()).toEqual([{ vitals: { systolic: 150, diastolic: 130 } }]);
  });

  it("sent at once wait for each other", async () => {
    await open();
    await page.click(page.field("Send at once"));
    await page.type(entry("diastolic"), "130");
    await page.press(entry("diastolic"), "Enter");
    await page.type(entry("systolic"), "150");
    await page.press(entry("systolic"), "Enter");
    expect(device.pushes()).toEqual([{ vitals: { systolic: 150, diastolic: 130 } }]);
  });
});

describe("the keyboard", () => {
  it("moves a value with arrows and page keys, and sends with Enter", async () => {
    await open();
    for (const key of ["ArrowUp", "ArrowUp", "PageUp", "ArrowDown"]) await page.press(entry("heart_rate"), key);
    expect(entry("heart_rate").value).toBe("86");
    await page.press(slider("heart_rate"), "PageDown");
    await page.press(slider("heart_rate"), "ArrowRight");
    expect([entry("heart_rate").value, slider("heart_rate").value]).toEqual(["77", "77"]);
    await page.press(slider("heart_rate"), "Enter");
    expect(device.pushes()).toEqual([{ vitals: { heart_rate: 77 } }]);
  });

  it("sends from anywhere with Ctrl+Enter", async () => {
    await open();
    await page.click(page.button("CPR"));
    await page.press(page.button("Staged: CPR"), "Enter", { ctrlKey: true });
    expect(device.pushes()).toEqual([{ flags: { cpr: true } }]);
  });

  it("sends one push for a key that was held, in the mode that sends at once", async () => {
    await open();
    await page.click(page.field("Send at once"));
    const field = entry("heart_rate");
    for (let n = 0; n < 4; n++) field.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true, cancelable: true }));
    field.dispatchEvent(new KeyboardEvent("keyup", { key: "ArrowUp", bubbles: true }));
    await page.settle();
    expect(device.pushes()).toEqual([{ vitals: { heart_rate: 79 } }]);
  });

  it("takes a comma, keeps to the range, and forgets on Escape", async () => {
    await open();
    await page.type(entry("temperature"), "38,4");
    await page.press(entry("temperature"), "Tab");
    entry("temperature").dispatchEvent(new FocusEvent("blur"));
    await page.settle();
    expect(entry("temperature").value).toBe("38.4");
    await page.press(entry("temperature"), "Escape");
    expect(entry("temperature").value).toBe("37.0");
    await page.type(entry("spo2"), "150");
    await page.press(entry("spo2"), "Escape");
    expect(entry("spo2").value).toBe("98");
    await page.type(entry("spo2"), "nonsense");
    await page.press(entry("spo2"), "Enter");
    expect(device.pushes()).toEqual([]);
  });

  it("leaves what is being typed alone when values come in", async () => {
    await open();
    await page.type(entry("heart_rate"), "12");
    void device.push("session-1", { vitals: { heart_rate: 99 } });
    await page.settle();
    expect([now("heart_rate"), entry("heart_rate").value]).toEqual(["99", "12"]);
  });
});

describe("undo", () => {
  it("goes back push by push, over a reload", async () => {
    await open();
    await page.type(entry("heart_rate"), "120");
    await page.press(entry("heart_rate"), "Enter");
    await page.type(entry("heart_rate"), "140");
    await page.press(entry("heart_rate"), "Enter");
    page.unmount();
    page = await show(device, <RoomPage sessionId="session-1" />);
    await page.click(page.button(/^Undo: back to HR 120/));
    await page.click(page.button(/^Undo: back to HR 75/));
    expect(device.pushes().slice(2)).toEqual([{ vitals: { heart_rate: 120 } }, { vitals: { heart_rate: 75 } }]);
    expect(page.button("Nothing to undo").getAttribute("aria-disabled")).toBe("true");
  });

  it("holds the values of this moment while they ramp", async () => {
    await open();
    void device.push("session-1", { vitals: { heart_rate: 175 }, ramp_seconds: 100 });
    device.now = NOON + 50_000;
    page.unmount();
    page = await show(device, <RoomPage sessionId="session-1" />);
    await page.click(page.button(/^Hold/));
    expect(device.pushes().at(-1)).toEqual({ vitals: { heart_rate: 125 } });
  });
});
