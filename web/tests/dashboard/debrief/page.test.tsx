// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RoomPage } from "../../../src/dashboard/room/RoomPage";
import { ADULT_LIMITS } from "../../../src/patient/signs";
import type { ShownSession } from "../../../src/device/view/device";
import type { Result } from "../../../src/wire/api";
import { newId } from "../../../src/wire/ids";
import type { ServerMoment } from "../../../src/wire/debrief";
import type { Debrief, Limits, SessionEvent } from "../../../src/wire/types";
import { aCase, anEvent, aSession, FakeDevice, NOON } from "../fakeDevice";
import { show, type Page } from "../page";
import { until } from "../../until";

/** What the monitor was last given to sound by. */
const given = vi.hoisted(() => ({ sound: undefined as unknown }));
vi.mock("../../../src/monitor/MonitorScreen", () => ({
  MonitorScreen: ({ sound }: { sound: unknown }) => {
    given.sound = sound;
    return null;
  },
}));
vi.mock("uplot", () => ({ default: class {} }));
vi.mock("../../../src/dashboard/room/record/chart", async (original) => ({
  ...(await original<typeof import("../../../src/dashboard/room/record/chart")>()),
  createChart: () => ({ draw() {}, show() {}, resize() {}, destroy() {} }),
}));

let page: Page;
let device: FakeDevice;

const moment = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
const ENDED: Partial<ShownSession> = { created_at: moment(0), closed_at: moment(900), close_reason: "closed", last_seq: 9 };

const RECORD: (Partial<SessionEvent> & Pick<SessionEvent, "kind">)[] = [
  { kind: "vitals", heart_rate: 120, created_at: moment(60) },
  { kind: "note", marker: "help", created_at: moment(90), by: { role: "trainer", id: "t2", name: "Paul" } },
  { kind: "vitals", rhythm: "ventricular_fibrillation", created_at: moment(760) },
  { kind: "note", marker: "defibrillation", created_at: moment(800) },
  { kind: "vitals", rhythm: "sinus", created_at: moment(830) },
  { kind: "lifecycle", text: "closed", details: { reason: "closed" }, created_at: moment(900) },
];

async function open(session: Partial<ShownSession> = ENDED, debriefed: Debrief | null = null, isDebrief = false) {
  device = new FakeDevice({ sessions: [aSession(session)], cases: { "session-1": aCase() } });
  device.debriefed = debriefed;
  device.events("session-1").value = RECORD.map((event, place) => anEvent({ id: newId(), seq: place + 1, made_at: event.created_at ?? "", ...event }));
  page = await show(device, <RoomPage sessionId="session-1" isDebrief={isDebrief} />);
  if (session.closed_at || isDebrief) await page.appears(".db-debrief");
}

function told(part: Partial<ServerMoment> & Pick<ServerMoment, "kind" | "seq" | "at">): ServerMoment {
  return { text_key: part.kind as ServerMoment["text_key"], details: {}, is_hidden: false, title: null, ...part };
}

function debriefOf(moments: ServerMoment[]): Debrief {
  return { duration_seconds: 900, moments, times: [], resuscitation: [], news2: [], scores: { sheets: [], differences: [] }, attendance: [], limits_since: [], reflections: [] };
}

const words = (selector: string) => [...page.root.querySelectorAll(selector)].map((one) => (one.textContent ?? "").replace(/\s+/g, " ").trim());
const slider = () => page.root.querySelector<HTMLElement>("[role=slider]")!;
const press = (key: string, more: KeyboardEventInit = {}) => page.press(document.body, key, more);
const shown = () => page.root.querySelector("[role=tab][aria-selected=true]")?.id;

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});
afterEach(() => page.unmount());

describe("the debrief", () => {
  it("opens by itself, calm, when the session that was watched ends", async () => {
    await open({ created_at: moment(0) });
    expect(page.root.querySelector(".db-debrief")).toBeNull();
    device.stored.value = [aSession(ENDED)];
    await page.appears(".db-debrief");
    expect(shown()).toBe("phase-reactions");
    expect(page.text()).toContain("How was it for you?");
    expect(page.root.querySelector(".db-strip")).toBeNull();
  });

  it("does not open calm where what was stored as open had ended before the page was opened", async () => {
    await open({ created_at: moment(-900) });
    device.stored.value = [aSession({ ...ENDED, created_at: moment(-900), closed_at: moment(-300) })];
    await page.appears(".db-debrief");
    expect(shown()).toBe("phase-analysis");
  });

  it("hears its answers in the order of asking, and asks again what failed in passing", async () => {
    await open(ENDED);
    const asked: ((answer: Result<Debrief>) => void)[] = [];
    device.debrief = () => new Promise((answered) => asked.push(answered));
    const titled = (title: string): Result<Debrief> => ({ ok: true, value: debriefOf([told({ kind: "opened", seq: 0, at: moment(0), title })]) });
    const first = () => words(".db-strip .db-moment-words")[0];
    const answer = async (place: number, result: Result<Debrief>) => {
      await until(() => expect(asked.length).toBeGreaterThan(place));
      asked[place]!(result);
      await page.settle();
    };
    for (const last_seq of [10, 11]) {
      device.stored.value = device.stored.value.map((one) => ({ ...one, last_seq }));
      await until(() => expect(asked).toHaveLength(last_seq - 9));
    }
    await answer(1, titled("Newer"));
    await answer(0, titled("Older"));
    expect(first()).toBe("Newer");
    device.stored.value = device.stored.value.map((one) => ({ ...one, last_seq: 12 }));
    await answer(2, { ok: false, refusal: { code: "storage_unavailable", detail: "" } });
    await answer(3, titled("Again"));
    expect(first()).toBe("Again");
  });

  it("is looked at by the keys alone: 1 to 4, and arrows from part to part", async () => {
    await open();
    expect(shown()).toBe("phase-analysis");
    await press("2", { code: "Digit2" });
    expect(shown()).toBe("phase-description");
    // As a French keyboard has the digit's key.
    await press("&", { code: "Digit1" });
    expect(shown()).toBe("phase-reactions");
    await press("ArrowRight");
    expect(shown()).toBe("phase-description");
    await press("4", { code: "Digit4" });
    await press("ArrowRight");
    expect(shown()).toBe("phase-summary");
  });

  it("comes back to its part after a reload", async () => {
    await open();
    await press("4", { code: "Digit4" });
    await page.reopen(<RoomPage sessionId="session-1" />);
    await page.appears(".db-debrief");
    expect(shown()).toBe("phase-summary");
  });

  it("asks the server once, however the record of what is over comes to the device", async () => {
    await open(ENDED, debriefOf([]));
    const asked = () => device.calls.filter(([name]) => name === "debrief").length;
    await until(() => expect(asked()).toBe(1));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const events = device.events("session-1");
    for (const heart_rate of [130, 140]) {
      events.value = [...events.value, anEvent({ id: newId(), seq: events.value.length + 1, kind: "vitals", heart_rate, created_at: moment(850) })];
      await vi.advanceTimersByTimeAsync(5_000);
    }
    vi.useRealTimers();
    expect(asked()).toBe(1);
  });

  it("asks the server behind the pages of a record that is still being read", async () => {
    await open(ENDED, debriefOf([]));
    const asked = () => device.calls.filter(([name]) => name === "debrief").length;
    await until(() => expect(asked()).toBe(1));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const tell = async (part: Partial<ShownSession>) => {
      device.stored.value = device.stored.value.map((one) => ({ ...one, ...part }));
      await vi.advanceTimersByTimeAsync(1_000);
    };
    await tell({ last_seq: 12, has_record: false });
    expect(asked()).toBe(1);
    await tell({ has_record: true });
    expect(asked()).toBe(2);
    // Where nothing comes any more it is asked all the same.
    await tell({ last_seq: 13, has_record: false });
    device.isOnline.value = false;
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    expect(asked()).toBe(3);
  });

  it("has a scrubber that says its moment and the rhythm, and goes by arrows, pages and ends", async () => {
    await open();
    expect(slider().getAttribute("aria-valuemax")).toBe("900");
    await page.press(slider(), "End");
    await page.press(slider(), "PageDown");
    await page.press(slider(), "PageDown");
    await page.press(slider(), "PageDown");
    expect([slider().getAttribute("aria-valuenow"), slider().getAttribute("aria-valuetext")]).toEqual(["810", "13 min 30, ventricular fibrillation"]);
    await page.press(slider(), "ArrowLeft");
    expect(slider().getAttribute("aria-valuenow")).toBe("809");
    await page.press(slider(), "Home");
    expect(slider().getAttribute("aria-valuetext")).toBe("0 s, sinus rhythm");
  });

  it("leads from moment to moment by key, and says each", async () => {
    await open();
    const heard = () => page.root.querySelector("[role=status][aria-live=polite]")?.textContent?.trim();
    await press(".");
    expect([slider().getAttribute("aria-valuenow"), heard()]).toEqual(["90", "1 min 30: Help called"]);
    await press(".");
    expect([slider().getAttribute("aria-valuenow"), heard()]).toEqual(["760", "12 min 40: Arrest: Ventricular fibrillation"]);
    await press(",");
    expect(slider().getAttribute("aria-valuenow")).toBe("90");
  });

  it("says the chart in one sentence", async () => {
    await open();
    const label = page.root.querySelector(".db-chart-svg")?.getAttribute("aria-label")?.replace(/\u00a0/g, " ") ?? "";
    expect(label).toContain("15 min.");
    expect(label).toContain("HR highest 120");
    expect(label).toContain("1 arrest, at 12:40.");
    expect(label).toContain("First shock at 13:20.");
  });

  it("draws what was so in bands below, and numbers what happened above", async () => {
    await open();
    const more: (Partial<SessionEvent> & Pick<SessionEvent, "kind">)[] = [
      { kind: "case", details: { action: "paused" }, created_at: moment(300) },
      { kind: "case", details: { action: "resumed" }, created_at: moment(420) },
      { kind: "vitals", flags: { cpr: true }, created_at: moment(770) },
      { kind: "vitals", flags: { cpr: null }, created_at: moment(790) },
      { kind: "note", marker: "airway", created_at: moment(802) },
      { kind: "vitals", step: "better", heart_rate: 90, created_at: moment(860) },
    ];
    const all = [...RECORD, ...more].sort((one, other) => (one.created_at! < other.created_at! ? -1 : 1));
    device.events("session-1").value = all.map((event, place) => anEvent({ id: newId(), seq: place + 1, made_at: event.created_at ?? "", ...event }));
    await page.settle();
    const number = (rect: Element, name: string) => Number(rect.getAttribute(name));
    const ground = page.root.querySelector(".db-chart-band")!;
    // Seconds of the session, however wide the chart is.
    const second = (left: number) => Math.round(((left - number(ground, "x")) / number(ground, "width")) * 900);
    const bands = (selector: string) =>
      [...page.root.querySelectorAll(`.db-chart-svg ${selector}`)].map((group) => {
        const rect = group.querySelector("rect")!;
        const left = number(rect, "x");
        return [group.querySelector("title")?.textContent, second(left), second(left + number(rect, "width"))];
      });
    expect(bands(".db-chart-rhythm")).toEqual([["Sinus rhythm", 0, 760], ["Ventricular fibrillation", 760, 830], ["Sinus rhythm", 830, 900]]);
    expect(bands(".db-chart-rhythm[data-arrest=yes]")).toEqual([["Ventricular fibrillation", 760, 830]]);
    expect(bands(".db-chart-pulseless")).toEqual([["no pulse", 760, 830]]);
    expect(bands(".db-chart-compressions")).toEqual([["compressions", 770, 790]]);
    expect(bands(".db-chart-paused")).toEqual([["paused", 300, 420]]);
    const flags = [...page.root.querySelectorAll<SVGGElement>(".db-chart-flag")];
    const numbered = flags.map((flag) => [flag.dataset["kind"], flag.querySelector("text")?.textContent, flag.querySelector("title")?.textContent]);
    // Two that would stand on each other have one flag, and both are named.
    expect(numbered).toEqual([
      ["marker", "1", "1 Help called"],
      ["marker", "2…", "2 Defibrillation\n3 Airway secured"],
      ["step", "4", expect.stringMatching(/^4 /)],
    ]);
    expect(flags.map((flag) => second(Number(flag.querySelector("text")?.getAttribute("x"))))).toEqual([90, 800, 860]);
  });

  it("is silent until somebody wants its sound, also while it plays", async () => {
    await open();
    await press(" ");
    expect(page.button("Pause")).toBeDefined();
    expect(page.button("Sound").getAttribute("aria-pressed")).toBe("false");
    expect(given.sound).toBeNull();
    await press(" ");
  });

  it("has everything of the record, by kind and by person", async () => {
    await open();
    const rows = () => words("#part-record tbody tr");
    expect(rows()).toHaveLength(RECORD.length);
    const choose = async (label: string, value: string) => {
      const select = page.field(new RegExp(`^${label}`)) as unknown as HTMLSelectElement;
      select.value = value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      await page.settle();
    };
    await choose("Kind", "note");
    expect(rows()).toHaveLength(2);
    await choose("Person", "Paul");
    expect(rows()).toEqual([expect.stringContaining("Help called")]);
  });

  it("shows what this device finds where the server cannot be reached, and says so in one line", async () => {
    await open();
    await until(() => expect(page.text()).toContain("The server cannot be reached"));
    expect(words(".db-strip .db-moment-words")).toContain("Arrest: Ventricular fibrillation");
    // A pulse of 120 is 2 points; consciousness and oxygen were never recorded.
    const scores = words(".db-chart-news title").map((each) => each.split(" Not ")[0]);
    expect(scores.filter((each) => each?.startsWith("Patient"))).toEqual(["at least 0", "at least 2", "arrest", "at least 2"].map((each) => `Patient: ${each}`));
    // The team finds the saturation again, and sees it climb.
    const known = ["at least 0", "at least 2", "arrest", "at least 2", "at least 5", "at least 4", "at least 3", "at least 2"];
    expect(scores.filter((each) => each?.startsWith("Known"))).toEqual(known.map((each) => `Known to the team: ${each}`));
  });

  it("says what the numbers of the moment come to: of the patient, and as far as the team could know", async () => {
    await open();
    expect(words(".db-now tbody tr")).toEqual(["Patient≥0930.63", "Known to the team≥0––"]);
    expect(words(".db-now p")).toEqual([
      "≥ means at least. Not shown to the team: BP. Not recorded: consciousness, counted as alert · oxygen, counted as on air.",
    ]);
    await page.press(slider(), "End");
    expect(words(".db-now tbody tr")).toEqual(["Patient≥2931.00", "Known to the team≥2––"]);
    // In the arrest.
    for (const _ of [1, 2, 3, 4]) await page.press(slider(), "PageDown");
    expect(words(".db-now tbody tr")).toEqual(["Patientarrest––", "Known to the teamarrest––"]);
    expect(words(".db-now p")).toEqual([""]);
  });

  it("shows the server's moments, and lets them be renamed and hidden", async () => {
    await open(ENDED, debriefOf([
      told({ kind: "opened", seq: 0, at: moment(0) }),
      told({ kind: "bookmark", seq: 2, at: moment(90), details: { marker: "help", text: null } }),
      told({ kind: "rhythm", seq: 3, at: moment(760), details: { rhythm: "ventricular_fibrillation" } }),
      told({ kind: "arrest", seq: 3, at: moment(760), details: { rhythm: "ventricular_fibrillation" }, title: "The drop" }),
      told({ kind: "silence", seq: 4, at: moment(800), is_hidden: true }),
      told({ kind: "end", seq: 6, at: moment(900) }),
    ])); // prettier-ignore
    await until(() => expect(words(".db-strip .db-moment-words")).toEqual(["Session opened", "Help called", "The drop", "End"]));
    expect(page.text()).not.toContain("The server cannot be reached");
    await page.click(page.button("1 hidden"));
    expect(words(".db-strip .db-moment-words")).toContain("A minute in which nothing was done");
    await page.click(page.button(/Help called/));
    await page.click(page.button("Rename or hide"));
    await page.type(page.field("Name in this debrief"), "Called late");
    await page.click(page.button("Save"));
    expect(device.calls).toContainEqual(["changeMoment", "session-1", 2, "bookmark", { title: "Called late", is_hidden: false }]);
  });

  const tachycardias = () => words(".db-strip [data-kind=alarm]").filter((each) => each.includes("Extreme tachycardia"));

  it("judges and draws each second by the limits that the session had then", async () => {
    const strict: Limits = { ...ADULT_LIMITS, heart_rate: { low: 50, high: 95 } };
    const limits_since = [{ at: moment(0), limits: strict }, { at: moment(300), limits: ADULT_LIMITS }];
    await open(ENDED, { ...debriefOf([]), limits_since });
    await until(() => expect(tachycardias()).toEqual([expect.stringMatching(/^1:\d\d/)]));
    const [before, after, ...others] = page.root.querySelectorAll<SVGRectElement>(".db-chart-lane-heart_rate .db-chart-limits");
    const number = (rect: SVGRectElement | undefined, name: string) => Number(rect?.getAttribute(name));
    expect(others).toEqual([]);
    // A third of the time, and lower by what 25 a minute take.
    expect(number(before, "width") * 2).toBeCloseTo(number(after, "width"));
    expect(number(before, "x") + number(before, "width")).toBeCloseTo(number(after, "x"));
    expect(number(before, "y")).toBeGreaterThan(number(after, "y"));
    expect(page.root.querySelectorAll(".db-chart-lane-spo2 .db-chart-limits")).toHaveLength(1);
  });

  it("has no other limits than the last ones where nobody knows of any", async () => {
    await open();
    await until(() => expect(page.text()).toContain("The server cannot be reached"));
    expect(page.root.querySelectorAll(".db-chart-lane-heart_rate .db-chart-limits")).toHaveLength(1);
    await until(() => expect(words(".db-strip .db-moment-words")).toContain("End"));
    expect(tachycardias()).toEqual([]);
  });

  it("of a session that runs goes as far as it was when it was opened", async () => {
    await open({ created_at: moment(0), expires_at: moment(7200) }, null, true);
    expect(page.text()).toContain("This session is still running.");
    expect(page.button("Up to now")).toBeDefined();
    expect(page.root.querySelector(".db-back")?.getAttribute("href")).toBe("/dashboard/sessions/session-1");
  });
});
