// @vitest-environment happy-dom
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RoomPage } from "../../src/dashboard/room/RoomPage";
import type { ShownSession } from "../../src/device/view/device";
import type { Case } from "../../src/wire/types";
import { aCase, anEvent, aSession, FakeDevice, NOON, TRAINER } from "./fakeDevice";
import { chooseLanguage } from "../../src/i18n";
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

async function open(session: Partial<ShownSession> = {}, itsCase: Case | null = null) {
  device = new FakeDevice({ sessions: [aSession(session)], cases: itsCase === null ? {} : { "session-1": itsCase } });
  page = await show(device, <RoomPage sessionId="session-1" />);
}

const clock = () => page.root.querySelector(".db-clock-time")?.textContent;

beforeEach(() => sessionStorage.clear());
afterEach(() => page.unmount());

describe("the case", () => {
  const step = { key: "onset", title: "Onset", at_seconds: 30, ramp_seconds: 20, vitals: { heart_rate: 110 }, rhythm: null, flags: {}, note: "Itching", transitions: [] };
  const itsCase = aCase({ steps: [step, { ...step, key: "shock", title: "Shock", at_seconds: 600, vitals: { heart_rate: 140 } }] });

  it("is sent step by step, marks what was sent and what is next", async () => {
    await open({}, itsCase);
    const steps = () => [...page.root.querySelectorAll<HTMLElement>(".db-case-step")];
    expect(steps().map((one) => one.dataset["next"])).toEqual(["yes", "no"]);
    expect(steps()[0]?.textContent).toContain("due now");
    expect(steps()[0]?.textContent).toMatch(/HR\s110/);
    await page.click(page.button("Send: 1. Onset"));
    expect(device.pushes()).toEqual([{ step: "onset" }]);
    expect(device.session("session-1").value?.shown_values.heart_rate).toBe(110);
    expect(steps().map((one) => [one.dataset["sent"], one.dataset["next"]])).toEqual([["yes", "no"], ["no", "yes"]]);
    device.confirm();
    await page.settle();
    expect(steps()[0]?.textContent).toMatch(/Sent \d/);
  });

  it("says how it goes on by itself and when, and lights the button of what is only suggested", async () => {
    const spo2 = { when: [{ sign: "spo2", op: "lt", value: 95 }], hold: 60 } as const;
    const ways = [
      { to: "shock", label: null, automatic: true, on: { after: 180 } },
      { to: "shock", label: "Falls", automatic: false, on: { ...spo2, when: [...spo2.when] } },
      { to: null, label: null, automatic: false, on: { marker: "adrenaline", count: 2 } },
    ];
    const [onset, shock] = itsCase.steps;
    await open({}, aCase({ steps: [{ ...onset!, ramp_seconds: 0, transitions: ways }, shock!] }));
    expect(page.root.querySelector(".db-way")).toBeNull();
    const at = new Date(NOON - 100_000).toISOString();
    const played = anEvent({ id: "played", seq: 1, kind: "vitals", step: "onset", spo2: 91, created_at: at, made_at: at });
    device.events("session-1").value = [played];
    await page.settle();
    const lines = () => [...page.root.querySelectorAll<HTMLElement>(".db-way")];
    expect(lines().map((one) => one.dataset["lit"])).toEqual(["no", "yes", "no"]);
    expect(lines()[0]?.textContent).toMatch(/Shock after 3.min in this step in 1:20/);
    expect(lines()[1]?.textContent).toMatch(/Falls.*Now.*SpO₂.<.95 for 1.min/);
    expect(lines()[2]?.textContent).toMatch(/End of the case Adrenaline given, 2 times/);
    expect(page.root.querySelector(".db-next")).toBeNull();
    await page.click(page.button("By itself"));
    expect(device.calls).toContainEqual(["controlCase", "session-1", "automation_off"]);
    await page.click(page.button("Send: Falls"));
    expect(device.pushes()).toEqual([{ step: "shock" }]);
  });

  it("folds what was played before, and has the next step in one place", async () => {
    const steps = ["onset", "shock", "arrest", "return"].map((key) => ({ ...step, key, title: key }));
    await open({}, aCase({ steps }));
    device.events("session-1").value = steps
      .slice(0, 3)
      .map(({ key }, place) => anEvent({ id: key, seq: place + 1, kind: "vitals", step: key, heart_rate: 110 }));
    await page.settle();
    const folded = page.root.querySelector(".db-steps-sent")!;
    expect(folded.hasAttribute("open")).toBe(false);
    expect([...folded.querySelectorAll(".db-case-title")].map((one) => one.textContent)).toEqual(["1onset", "2shock"]);
    expect(folded.textContent).toContain("2 steps played before");
    const seen = [...page.root.querySelectorAll(".db-steps .db-case-title")].map((one) => one.textContent);
    expect(seen).toEqual(["3arrest", "4return"]);
    expect(page.root.querySelector(".db-next button")?.getAttribute("aria-label")).toBe("Send: 4. return");
    expect(page.root.querySelectorAll("[aria-label='Send: 4. return']")).toHaveLength(1);
  });

  it("is told before it is started, and can be read afterwards", async () => {
    await open({}, aCase({ description: "A woman of 34.", steps: [step] }));
    const about = () => page.root.querySelector<HTMLDetailsElement>(".db-about")!;
    expect(about().open).toBe(true);
    expect(about().textContent).toContain("A woman of 34.");
    await page.click(page.button("Start the case"));
    expect(about().open).toBe(false);
    expect(about().textContent).toContain("A woman of 34.");
  });

  it("takes the second tap of a nervous finger for one", async () => {
    await open({}, itsCase);
    await page.click(page.button("Send: 1. Onset"));
    await page.click(page.button("Send again: 1. Onset"));
    expect(device.pushes()).toHaveLength(1);
  });

  it("takes the second tap for one also where the page was busy in between, and a later one for itself", async () => {
    await open({}, itsCase);
    const tapped = (ms: number) => {
      const tap = new MouseEvent("click", { bubbles: true });
      Object.defineProperty(tap, "timeStamp", { value: performance.now() + ms });
      return tap;
    };
    const [first, second, later] = [tapped(0), tapped(200), tapped(900)];
    const sent = (name: string) => page.button(name);
    await act(() => void sent("Send: 1. Onset").dispatchEvent(first));
    const busyUntil = performance.now() + 5_000;
    const busy = vi.spyOn(performance, "now").mockReturnValue(busyUntil);
    await act(() => void sent("Send: 2. Shock").dispatchEvent(second));
    expect(device.pushes()).toEqual([{ step: "onset" }]);
    await act(() => void sent("Send: 2. Shock").dispatchEvent(later));
    expect(device.pushes()).toEqual([{ step: "onset" }, { step: "shock" }]);
    busy.mockRestore();
  });

  it("is started: its clock begins, and its first step is played with it", async () => {
    await open({}, itsCase);
    expect(clock()).toBe("1:00");
    await page.click(page.button("Start the case"));
    expect(device.calls).toContainEqual(["controlCase", "session-1", "start"]);
    expect(clock()).toBe("0:00");
    const [onset, shock] = page.root.querySelectorAll<HTMLElement>(".db-case-step");
    expect([onset?.dataset["sent"], shock?.dataset["next"]]).toEqual(["yes", "yes"]);
    expect(device.session("session-1").value?.shown_values.heart_rate).toBe(110);
    expect(page.root.querySelector(".db-clock")?.textContent).not.toContain("Start the case");
  });

  it("has a clock that stands while the session is paused, and goes on from there", async () => {
    await open({}, itsCase);
    await page.click(page.button("Start the case"));
    device.now += 30_000;
    await page.click(page.button("Pause"));
    device.now += 60_000;
    await page.reopen(<RoomPage sessionId="session-1" />);
    expect(clock()).toBe("0:30");
    expect(page.text()).toContain("Paused since");
    await page.click(page.button("Resume"));
    device.now += 5_000;
    await page.reopen(<RoomPage sessionId="session-1" />);
    expect(clock()).toBe("0:35");
    expect(device.calls.filter(([name]) => name === "controlCase").map(([, , action]) => action)).toEqual(["start", "pause", "resume"]);
  });
});

describe("notes, people, the session", () => {
  it("notes with one tap, or in own words", async () => {
    await open();
    await page.click(page.button("Defibrillation"));
    await page.type(page.field("Note"), "  Leader speaks up ");
    page.root.querySelector<HTMLFormElement>(".db-note-form")!.requestSubmit();
    await page.settle();
    expect(device.calls.filter(([name]) => name.startsWith("add"))).toEqual([
      ["addMarker", "session-1", "defibrillation"],
      ["addNote", "session-1", "Leader speaks up"],
    ]);
    expect(page.field("Note").value).toBe("");
    expect(page.text()).toContain("waits for the server");
  });

  it("reads the same record in the reader's language, and a marker that it does not know by its key", async () => {
    await open();
    device.events("session-1").value = [
      anEvent({ id: "a", kind: "note", marker: "adrenaline" }),
      anEvent({ id: "b", seq: 2, kind: "note", marker: "defibrillation", text: "200 J" }),
      anEvent({ id: "c", seq: 3, kind: "note", marker: "surfactant" }),
    ];
    await page.settle();
    const said = () => [...page.root.querySelectorAll(".db-record-words")].map((one) => one.textContent?.replace(TRAINER.name, "").replaceAll("\u00a0", " ").trim());
    expect(said()).toEqual(["surfactant", "Defibrillation: 200 J", "Adrenaline given"]);
    chooseLanguage("fr");
    await page.settle();
    expect(said()).toEqual(["surfactant", "Défibrillation : 200 J", "Adrénaline injectée"]);
  });

  it("shows when a thing was made, and says when it came late", async () => {
    await open();
    const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
    device.events("session-1").value = [
      anEvent({ id: "a", kind: "note", text: "second", created_at: at(20), made_at: at(20) }),
      anEvent({ id: "b", seq: 2, kind: "note", text: "first", created_at: at(60), made_at: at(2) }),
    ];
    await page.settle();
    const lines = [...page.root.querySelectorAll<HTMLElement>(".db-record-line")];
    expect(lines.map((one) => one.querySelector("time")?.dateTime)).toEqual([at(20), at(2)]);
    expect(lines.map((one) => one.querySelector<HTMLElement>(".db-record-late")?.title ?? null)).toEqual([
      null,
      expect.stringMatching(/^Reached the server at /),
    ]);
  });

  it("is renamed; only what differs is sent, and an empty title changes nothing", async () => {
    await open({ title: "Anaphylaxis", public_title: "A woman of 34", trainee_name: "Group 2" });
    const rename = async (title: string, trainee: string, publicTitle = "A woman of 34") => {
      await page.click(page.button("Titles and trainee"));
      await page.type(page.field("Title"), title);
      await page.type(page.field("What trainees see as the title"), publicTitle);
      await page.type(page.field("Trainee’s name"), trainee);
      page.root.querySelector<HTMLFormElement>(".db-rename-form")!.requestSubmit();
      await page.settle();
    };
    await rename(" Anaphylaxis, group 3 ", "Group 2");
    expect(page.root.querySelector("h1")?.textContent).toBe("Anaphylaxis, group 3");
    await rename("Anaphylaxis, group 3", "");
    await rename("Anaphylaxis, group 3", "", " A patient ");
    await rename("Anaphylaxis, group 3", "", "A patient");
    expect(device.calls.filter(([name]) => name === "changeSession").map(([, , change]) => change)).toEqual([
      { title: "Anaphylaxis, group 3" },
      { trainee_name: null },
      { public_title: "A patient" },
    ]);
  });

  it("says whether the trainees' screens name the conditions, and changes it", async () => {
    await open();
    expect(page.text()).toContain("Only trainers see these");
    await page.click(page.field("Name them on the trainees’ screens"));
    expect(device.calls).toContainEqual(["changeSession", "session-1", { shows_conditions: true }]);
    expect(page.text()).toContain("The trainees’ screens name what is on.");
  });

  it("says of nobody that they are not there before it was told", async () => {
    await open({ trainee_count: 2 });
    expect(page.text()).not.toMatch(/0 here|Nobody has joined yet/);
    expect(page.root.querySelector(".db-room-people")?.textContent).toContain("Being read from the server…");
    await act(() => {
      device.stored.value = [aSession({ trainee_count: 0 })];
    });
    await page.settle();
    expect(page.root.querySelector(".db-presence")?.textContent).toContain("0 here");
    expect(page.root.querySelector(".db-room-people")?.textContent).toContain("Nobody has joined yet");
  });

  it("tells who was let in a moment ago, and not what was so before the room was opened", async () => {
    const colleagues = { trainer_id: "somebody else", co_trainer_ids: [TRAINER.id] };
    await open({ trainer_id: "somebody else" });
    await act(() => {
      device.stored.value = [aSession({ ...colleagues, updated_at: new Date(NOON - 3600_000).toISOString() })];
    });
    expect(page.text()).not.toContain("You now steer this session");
    await act(() => {
      device.stored.value = [aSession({ ...colleagues, co_trainer_ids: [] })];
    });
    await act(() => {
      device.stored.value = [aSession({ ...colleagues, updated_at: new Date(NOON + 1000).toISOString() })];
    });
    expect(page.text()).toContain("You now steer this session");
  });

  it("is not said to be missing while the school's log is read for the first time", async () => {
    device = new FakeDevice({ sessions: [] });
    const { value } = device.colleagues;
    device.colleagues.value = [];
    page = await show(device, <RoomPage sessionId="session-1" />);
    expect(page.text()).toContain("Being read from the server…");
    await act(() => {
      device.colleagues.value = value;
    });
    expect(page.text()).toContain("This session is not on this device");
  });

  it("shows who is there and who dropped, and removes after asking", async () => {
    await open();
    const joined_at = new Date(NOON).toISOString();
    device.trainees("session-1").value = [
      { seat_id: "a", name: "Ada", connected: false, joined_at },
      { seat_id: "b", name: "Ben", connected: true, joined_at },
    ];
    await page.settle();
    expect(page.text()).toContain("1 here");
    expect(page.text()).toContain("1 dropped");
    await page.click(page.button("Remove Ada"));
    expect(device.calls.some(([name]) => name === "removeTrainee")).toBe(false);
    await page.click(page.button("Remove"));
    const confirm = [...page.root.querySelectorAll<HTMLButtonElement>("dialog .db-button-danger")][0];
    if (confirm !== undefined) await page.click(confirm);
    expect(device.calls).toContainEqual(["removeTrainee", "session-1", "a"]);
  });

  it("extends by what is left, and ends after asking", async () => {
    await open();
    await page.click(page.button(/^\+15/));
    expect(device.calls).toContainEqual(["changeSession", "session-1", { expires_at: new Date(NOON + 4.25 * 3600_000).toISOString() }]);
    await page.click(page.button("End"));
    expect(page.root.querySelector("dialog")?.textContent).toContain("cannot be taken back");
    await page.click(page.button("End the session"));
    expect(device.calls).toContainEqual(["endSession", "session-1"]);
  });

  it("lets watch, and nothing else, whoever may not steer", async () => {
    await open({ trainer_id: "somebody else" });
    expect(page.text()).toContain("A colleague’s session");
    expect(page.root.querySelector(".db-send")).toBeNull();
    expect(() => page.button("End")).toThrow();
    await page.click(page.button("Defibrillation"));
    expect(device.calls).toContainEqual(["addMarker", "session-1", "defibrillation"]);
    page.unmount();
    device = new FakeDevice({ me: { ...TRAINER, role: "observer" } });
    page = await show(device, <RoomPage sessionId="session-1" />);
    expect(page.text()).toContain("only trainers change the patient");
    expect(() => page.button("Take the controls")).toThrow();
    expect(page.root.querySelector(".db-marker")).toBeNull();
    await page.type(page.field("Note"), "Nobody leads");
    page.root.querySelector<HTMLFormElement>(".db-note-form")!.requestSubmit();
    await page.settle();
    expect(device.calls).toContainEqual(["annotate", "session-1", "Nobody leads"]);
    expect(page.text()).toContain("Beside the record");
    expect(page.text()).toContain("Nobody leads");
  });

  it("gives a colleague the controls after asking once, and only with a network", async () => {
    await open({ trainer_id: "somebody else" });
    const by = { role: "trainer" as const, id: "somebody else", name: "Marie" };
    device.events("session-1").value = [anEvent({ id: "e1", kind: "note", text: "x", by })];
    device.isOnline.value = false;
    await page.settle();
    await page.click(page.button("Take the controls"));
    expect(page.root.querySelector("dialog")).toBeNull();
    expect(page.text()).toContain("This needs the network.");
    device.isOnline.value = true;
    device.controlsAnswer = { code: "storage_unavailable", detail: "" };
    await page.settle();
    const take = async () => {
      await page.click(page.button("Take the controls"));
      expect(page.root.querySelector("dialog")?.textContent).toContain("together with Marie, who is told");
      await page.click(page.root.querySelector<HTMLButtonElement>("dialog .db-button-danger")!);
    };
    await take();
    expect(page.text()).toContain("The controls were not taken");
    expect(page.root.querySelector(".db-send")).toBeNull();
    device.controlsAnswer = null;
    await take();
    expect(device.calls).toContainEqual(["takeControls", "session-1"]);
    expect(page.root.querySelector(".db-send")).not.toBeNull();
    expect(page.root.querySelector(".db-notice")).toBeNull();
  });

  it("tells the owner who took the controls, until it is read", async () => {
    await open({ co_trainer_ids: ["colleague"] });
    const by = { role: "trainer" as const, id: "colleague", name: "Paul" };
    device.events("session-1").value = [anEvent({ id: "e1", kind: "case", details: { action: "controls_taken" }, by })];
    await page.settle();
    expect(page.root.querySelector(".db-notice")?.textContent).toContain("Paul took the controls");
    await page.click(page.button("All right"));
    expect(page.root.querySelector(".db-notice")).toBeNull();
  });

  it("keeps the record of an ended session, without any control", async () => {
    await open({ closed_at: new Date(NOON).toISOString(), close_reason: "closed" });
    await page.appears(".db-debrief");
    expect(page.text()).toContain("This session has ended");
    expect(page.root.querySelector(".db-signs")).toBeNull();
  });

  it("follows the session only while it is shown", async () => {
    await open();
    page.unmount();
    await page.settle();
    expect(device.calls.map(([name]) => name)).toEqual(["watch", "unwatch"]);
    page = await show(device, <RoomPage sessionId="nowhere" />);
    expect(page.text()).toContain("This session is not on this device");
  });
});
