// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exportPath } from "../../src/dashboard/debrief/goingOut/exportPath";
import { RoomPage } from "../../src/dashboard/room/RoomPage";
import type { ShownSession } from "../../src/device/view/device";
import { newId, undoIdOf, undoneIdOf } from "../../src/wire/ids";
import type { Annotation, SessionEvent } from "../../src/wire/types";
import { aCase, anEvent, aSession, FakeDevice, NOON, TRAINER } from "./fakeDevice";
import { show, type Page } from "./page";

vi.mock("uplot", () => ({ default: class {} }));
vi.mock("../../src/dashboard/room/record/chart", async (original) => ({
  ...(await original<typeof import("../../src/dashboard/room/record/chart")>()),
  createChart: () => ({ draw() {}, show() {}, resize() {}, destroy() {} }),
}));
vi.mock("../../src/monitor/MonitorScreen", () => ({ MonitorScreen: () => null }));

let page: Page;
let device: FakeDevice;

const step = { key: "shock", title: "Shock", at_seconds: 0, ramp_seconds: 0, vitals: { heart_rate: 140 }, rhythm: null, flags: {}, note: "", transitions: [] };
const moment = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
const ENDED: Partial<ShownSession> = { closed_at: moment(120), close_reason: "closed", last_seq: 9 };

async function open(session: Partial<ShownSession>, events: (Partial<SessionEvent> & Pick<SessionEvent, "kind">)[] = []) {
  device = new FakeDevice({ sessions: [aSession(session)], cases: { "session-1": aCase({ steps: [step] }) } });
  device.events("session-1").value = events.map((event, place) => {
    const at = event.created_at ?? moment(place);
    return anEvent({ id: newId(), seq: place + 1, made_at: at, ...event, created_at: at });
  });
  page = await show(device, <RoomPage sessionId="session-1" />);
  if (session.closed_at) await page.appears(".db-debrief");
}

const said = () =>
  [...page.root.querySelectorAll("#part-notes .db-record-words")].map((one) => (one.textContent ?? "").replace(/\s+/g, " ").trim());

async function table(): Promise<string[][]> {
  await page.settle();
  return [...page.root.querySelectorAll("#part-record tbody tr")].map((row) =>
    [...row.querySelectorAll("th, td")].map((cell) => (cell.textContent ?? "").replace(/\s+/g, " ").trim()),
  );
}

beforeEach(() => sessionStorage.clear());
afterEach(() => page.unmount());

describe("an undo", () => {
  it("stands in the record as an undo, of a step by the step's name, while it waits and when it is stored", async () => {
    await open({});
    await page.click(page.button("Send: 1. Shock"));
    await page.click(page.button(/^Undo: back to HR 75/));
    const undone = `“Shock” undone: back to HR 75 ${TRAINER.name}`;
    expect(said()[0]).toContain(undone);
    device.confirm();
    await page.settle();
    expect(said()[0]).toBe(undone);
    expect(said()[1]).toBe(`Shock: HR 140 ${TRAINER.name}`);
  });

  it("is known by its id alone, and only of a push that is in the record", async () => {
    const id = newId();
    await open({}, [
      { id, kind: "vitals", heart_rate: 140 },
      { id: newId(), kind: "vitals", heart_rate: 75 },
      { id: undoIdOf(id), kind: "vitals", heart_rate: 75 },
      { id: undoIdOf(newId()), kind: "vitals", heart_rate: 60 },
    ]);
    expect(said().map((words) => words.replace(` ${TRAINER.name}`, ""))).toEqual(["HR 60", "Undone: back to HR 75", "HR 75", "HR 140"]);
  });

  it("has an id that leads to what it takes back", () => {
    const id = newId();
    expect(undoneIdOf(undoIdOf(id))).toBe(id);
    expect(undoneIdOf(id)).toBeNull();
    expect(undoIdOf(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  });
});

describe("the table", () => {
  it("says what the monitors showed: a ramp as it ran, dashes where nothing stood, each late note at its moment", async () => {
    const note: Annotation = {
      id: newId(), session_id: "session-1", at: moment(30), kind: "note", text: "Came late", marker: null,
      by: { role: "trainer", id: TRAINER.id, name: TRAINER.name }, created_at: moment(600), updated_at: moment(600), deleted_at: null, version: 1,
    }; // prettier-ignore
    await open({ ...ENDED, annotations: [note] }, [
      { kind: "vitals", heart_rate: 135, ramp_seconds: 60 },
      { kind: "vitals", flags: { temp_off: true }, created_at: moment(15) },
      { kind: "vitals", rhythm: "ventricular_fibrillation", created_at: moment(45) },
      { kind: "note", text: "No pulse", created_at: moment(90) },
      { kind: "action", text: "nibp_start", details: { action: "nibp_start" }, created_at: moment(95) },
      { kind: "vitals", rhythm: "sinus", created_at: moment(170) },
      { kind: "action", text: "nibp_start", details: { action: "nibp_start" }, created_at: moment(180) },
      { kind: "note", text: "Measured", created_at: moment(215) },
    ]);
    const rows = await table();
    expect(rows.map((row) => [...row.slice(3, 9), row[10]])).toEqual([
      ["75", "–", "98", "16", "38", "37.0", "HR 135, over 1 min"],
      ["90", "–", "98", "16", "38", "–", expect.stringContaining("Temp")],
      ["105", "–", "98", "16", "38", "–", "Came late beside the record"],
      ["120", "–", "98", "16", "38", "–", "Ventricular fibrillation"],
      ["–", "–", "-?-", "0", "0", "–", "No pulse"],
      ["–", "–", "-?-", "0", "0", "–", "started a blood pressure measurement"],
      ["135", "–", "-?-", "16", "38", "–", "Sinus rhythm"],
      ["135", "–", "85", "16", "38", "–", "started a blood pressure measurement"],
      ["135", "120/80", "98", "16", "38", "–", "Measured"],
    ]);
    expect(said().find((words) => words.includes("Came late"))).toContain(`${TRAINER.name} beside the record`);
  });
});

describe("an ended session", () => {
  it("can be taken along as CSV in both dialects, with each of the values, and in every other form", async () => {
    await open(ENDED);
    const button = [...page.root.querySelectorAll<HTMLButtonElement>(".db-downloads button")].find(({ textContent }) => textContent!.includes("Download"));
    button!.click();
    await page.settle();
    const links = () => [...page.root.querySelectorAll<HTMLAnchorElement>(".db-files a")].map((one) => one.getAttribute("href")!);
    expect(links()[0]).toBe("/api/v1/sessions/session-1/export?format=csv&dialect=rfc&values=shown");
    expect(links().slice(4)).toEqual(["json", "fhir", "hl7", "xapi"].map((format) => `/api/v1/sessions/session-1/export?format=${format}`));
    const select = page.root.querySelector<HTMLSelectElement>(".db-files select")!;
    select.value = "true";
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await page.settle();
    expect(links()[1]).toContain("dialect=fr&values=true");
  });

  it("tells the server the browser's time zone, where there are local times", () => {
    expect(exportPath("x", { format: "csv", dialect: "fr", values: "shown" }, "America/Montreal")).toContain("timezone=America%2FMontreal");
    expect(exportPath("x", { format: "csv", dialect: "rfc", values: "shown" }, "America/Montreal")).not.toContain("timezone");
  });

  it("is not taken along while it runs", async () => {
    await open({});
    expect(page.root.querySelector(".db-downloads")).toBeNull();
  });
});
