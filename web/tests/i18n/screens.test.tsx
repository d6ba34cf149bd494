// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { go } from "../../src/app/route";
import { pathTo } from "../../src/app/pages";
import { rememberMapping } from "../../src/dashboard/recorded/mapping/remembered";
import { SharedPage } from "../../src/dashboard/debrief/shared/SharedPage";
import { RoomPage } from "../../src/dashboard/room/RoomPage";
import { Pages } from "../../src/dashboard/shell/Pages";
import { chooseLanguage } from "../../src/i18n";
import { Join } from "../../src/join/Join";
import { Homework } from "../../src/join/Homework";
import { HomeworkKeys } from "../../src/monitor/HomeworkKeys";
import { EndScreen } from "../../src/monitor/EndScreen";
import { MonitorScreen } from "../../src/monitor/MonitorScreen";
import { SettingsDrawer } from "../../src/monitor/SettingsDrawer";
import { ADULT_LIMITS, CONDITIONS, SENSORS_OFF } from "../../src/patient/signs";
import { SESSION_FIELDS, TEMPLATE_FIELDS } from "../../src/device/sync/edit";
import { REFUSAL_CODES } from "../../src/wire/refusals";
import type { EndReason } from "../../src/wire/traineeState";
import { aCase, aConflict, aHall, aHallConflict, anAssignment, anEdit, anEntry, anEvent, aSession, aSessionConflict, aSessionEdit, aTemplate, FakeDevice, NOON, TRAINER } from "../dashboard/fakeDevice";
import { aDebrief, aShare, atSecond, ITS_CASE, itsAnnotations, RECORD } from "../dashboard/fakeDebrief";
import { aFoundInvitation, anInvitation } from "../dashboard/fakePeople";
import { show, type Page } from "../dashboard/page";
import { NOW, patient } from "../monitor/patient";
import { everythingSaid, notFromCatalogue } from "./pseudo";
import { until } from "../until";

vi.mock("../../src/i18n/en/trainees", async (original) => {
  const { enTrainees } = await original<typeof import("../../src/i18n/en/trainees")>();
  const { pseudo } = await import("./pseudo");
  return { enTrainees: pseudo(enTrainees) };
});
// It has the trainees' texts as well, which are in that language already.
vi.mock("../../src/i18n/en", async (original) => {
  const { en } = await original<typeof import("../../src/i18n/en")>();
  const { pseudo } = await import("./pseudo");
  return { en: pseudo(en) };
});
// Curves and waves are drawn, and have no texts; neither can be drawn in happy-dom.
vi.mock("uplot", () => ({ default: class {} }));
vi.mock("../../src/dashboard/room/record/chart", async (original) => ({
  ...(await original<typeof import("../../src/dashboard/room/record/chart")>()),
  createChart: () => ({ draw() {}, show() {}, resize() {}, destroy() {} }),
}));

/** What people typed, what is called the same everywhere, and units. */
const DATA = [
  TRAINER.name, TRAINER.email, "Anaphylaxis", "A first dose of co-amoxiclav.", "Zoé", "Calls for help", "Onset",
  "Itching", "http://localhost:3000/h/token", "http://localhost:3000", "K7M2QX", "K 7 M 2 Q X", "K7M 2QX", "K7M", "2QX", "ABC 234", "Shiller",
  // A time of day, as the browser writes it where these tests run.
  /\d\d?:\d\d(:\d\d)?\s?[AP]M/g,
  // A whole moment, likewise.
  /Nov 21, 2026,/g,
  // The sign of plus and delta, as it is on every board; forms of files.
  "Δ", "JSON", "FHIR", "HL7 v2", "xAPI",
  "English", "Français", "mmHg", "kPa", "°C", "°F", "/min",
  /(?<!\p{L})(min|h|s)(?!\p{L})/gu,
];

function strangers(root: Element): string[] {
  const said = [...everythingSaid(root), document.title];
  return [...new Set(said.flatMap((text) => notFromCatalogue(text, DATA) ?? []))];
}

describe("every text of the dashboard comes from the catalogue", () => {
  let page: Page;
  beforeEach(() => sessionStorage.clear());
  afterEach(() => page.unmount());

  it("when somebody logs in, and is told why they cannot", async () => {
    go(pathTo("sessions"));
    const device = new FakeDevice({ me: null });
    page = await show(device, <Pages />);
    expect(strangers(page.root)).toEqual([]);
    await page.click(page.root.querySelector<HTMLElement>("button[type=submit]")!);
    expect(strangers(page.root)).toEqual([]);
  });

  it("in the list of sessions", async () => {
    go(pathTo("sessions"));
    const sessions = [
      aSession({ id: "a", event_count: 3, trainee_count: 1 }),
      aSession({ id: "b", closed_at: new Date(NOON).toISOString(), close_reason: "closed", has_record: false }),
    ];
    page = await show(new FakeDevice({ sessions, templates: [aTemplate()] }), <Pages />);
    expect(strangers(page.root)).toEqual([]);
    for (const button of page.root.querySelectorAll<HTMLElement>("main button[aria-expanded]")) await page.click(button);
    expect(strangers(page.root)).toEqual([]);
  });

  it("in the control room, with a case, a record and trainees", async () => {
    go(pathTo("room", { session_id: "session-1" }));
    const step = { key: "onset", title: "Onset", at_seconds: 30, ramp_seconds: 20, vitals: { heart_rate: 110 }, rhythm: null, flags: {}, note: "Itching", transitions: [] };
    const device = new FakeDevice({ cases: { "session-1": aCase({ steps: [step] }) } });
    device.trainees("session-1").value = [
      { seat_id: "seat-1", name: "Zoé", connected: true, joined_at: new Date(NOON).toISOString() },
      { seat_id: "seat-2", name: "Zoé", connected: false, joined_at: new Date(NOON).toISOString() },
    ];
    device.events("session-1").value = [
      anEvent({ id: "1", kind: "vitals", heart_rate: 140, temperature: 38.5, rhythm: "svt", flags: { cpr: true }, ramp_seconds: 30 }),
      anEvent({ id: "2", seq: 2, kind: "note", text: "Calls for help" }),
      anEvent({ id: "3", seq: 3, kind: "action", text: "nibp_start", details: { action: "nibp_start" } }),
      anEvent({ id: "4", seq: 4, kind: "lifecycle", text: "closed", details: { reason: "expired" } }),
    ];
    page = await show(device, <Pages />);
    await page.settle();
    expect(strangers(page.root)).toEqual([]);
    for (const button of page.root.querySelectorAll<HTMLElement>(".db-step")) await page.click(button);
    expect(strangers(page.root)).toEqual([]);
  });

  it.each([["told by the server", aDebrief()], ["found by this device alone", null]])("in the debrief, %s", async (_, debriefed) => {
    go(pathTo("room", { session_id: "session-1" }));
    const { scores, attendance, reflections } = aDebrief();
    const ended = { created_at: atSecond(0), closed_at: atSecond(480), close_reason: "closed", last_seq: RECORD.length } as const;
    const session = aSession({ ...ended, annotations: itsAnnotations(), scores, attendance, reflections });
    const device = new FakeDevice({ sessions: [session], cases: { "session-1": ITS_CASE } });
    device.debriefed = debriefed;
    device.events("session-1").value = RECORD;
    page = await show(device, <Pages />);
    await page.appears(".db-debrief");
    for (const key of "3124") {
      await page.press(document.body, key);
      await page.settle();
      expect(strangers(page.root)).toEqual([]);
    }
    await page.press(document.body, "3");
    await until(async () => {
      await page.settle();
      expect(page.root.querySelectorAll(debriefed === null ? ".db-chart-news [data-band]" : ".db-reckoned table").length).toBeGreaterThan(1);
    });
    // What its buttons ask, and what is printed.
    vi.stubGlobal("print", () => dispatchEvent(new Event("beforeprint")));
    for (const button of page.root.querySelectorAll<HTMLElement>(".db-debrief :is(.db-strip, .db-debrief-actions, .db-keeping, .db-transport) button")) {
      await page.click(button);
      expect(strangers(document.body)).toEqual([]);
      await page.press(document.body, "Escape");
    }
    expect(document.querySelector(".db-sheet table")).not.toBeNull();
    vi.unstubAllGlobals();
  });

  it("at the link to a debrief, and where it leads nowhere", async () => {
    const [open, ended] = [{ ...aShare(), expires_at: "2126-11-28T12:00:00.000Z" }, aShare()];
    // The last one was read, and is over since.
    const answers: [number, object][][] = [[[200, open]], [[404, {}]], [[500, {}]], [[200, ended], [404, {}]]];
    for (const each of answers) {
      const told = each.map(([status, body]) => new Response(JSON.stringify(body), { status }));
      vi.stubGlobal("fetch", vi.fn(async () => told.shift() ?? new Response("{}", { status: 404 })));
      page = await show(new FakeDevice(), <SharedPage token="token" />);
      await page.appears(each[0]?.[1] === open ? ".db-sheet table" : "[role=alert]");
      expect(strangers(page.root)).toEqual([]);
      page.unmount();
    }
    vi.unstubAllGlobals();
    page = await show(new FakeDevice(), <SharedPage token="token" />);
  });

  it("in the outbox, for every code of a refusal", async () => {
    go(pathTo("outbox"));
    const entries = REFUSAL_CODES.map((code) => anEntry({ id: code, state: "rejected", refusal: { code, detail: "" } }));
    page = await show(new FakeDevice({ entries: [anEntry({ id: "waiting" }), ...entries] }), <Pages />);
    expect(page.root.querySelectorAll("tbody tr")).toHaveLength(entries.length + 1);
    expect(strangers(page.root)).toEqual([]);
  });

  it("in the cases, and in what is done with one", async () => {
    go(pathTo("templates"));
    // A download would take the whole page of happy-dom elsewhere.
    const click = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
    page = await show(new FakeDevice({ templates: [aTemplate()] }), <Pages />);
    expect(strangers(page.root)).toEqual([]);
    for (const button of page.root.querySelectorAll<HTMLElement>(".db-template-line-actions button")) {
      await page.click(button);
      expect(strangers(page.root)).toEqual([]);
    }
    click.mockRestore();
  });

  it("in a case from a recording, and in what is missing of it", async () => {
    go(pathTo("recorded"));
    rememberMapping([{ name: "Zoé", unit: "" }, { name: "Onset", unit: "" }, { name: "Itching", unit: "" }], {
      time: { column: 0, kind: "seconds", interval: 1 },
      signs: { systolic: { column: 1, unit: "own" }, temperature: { column: 2, unit: "own" } },
      isCuff: true,
    });
    page = await show(new FakeDevice(), <Pages />);
    expect(strangers(page.root)).toEqual([]);
    const choose = async (lines: string[], shown: string) => {
      const input = page.root.querySelector<HTMLInputElement>("input[type=file]")!;
      Object.defineProperty(input, "files", { configurable: true, value: [new File([lines.join("\n")], "trend.csv")] });
      input.dispatchEvent(new Event("change", { bubbles: true }));
      await until(async () => {
        await page.settle();
        expect(page.root.querySelector(shown)).not.toBeNull();
      });
    };
    await choose(['"'], "main [role=alert]");
    expect(strangers(page.root)).toEqual([]);
    await choose(["Zoé;Onset;Itching", ...Array.from({ length: 60 }, (_, n) => `${n * 5};${n === 9 ? 900 : 120 - n};${n === 20 ? 25 : 37}`)], ".db-recorded-lane");
    expect(strangers(page.root)).toEqual([]);
    for (const _ of [1, 2]) {
      await page.click(page.root.querySelector<HTMLElement>("main button[type=submit]")!);
      expect(strangers(page.root)).toEqual([]);
      await page.type(page.root.querySelector<HTMLInputElement>(".db-recorded-keep input[type=text]")!, "Zoé");
    }
  });

  it("in the homework, in what is done with it, and at its link", async () => {
    go(pathTo("homework"));
    const steps = [{ key: "a", title: "Onset", at_seconds: null, ramp_seconds: 0, vitals: {}, rhythm: null, flags: {}, note: null, transitions: [{ to: null, label: null, automatic: true, on: { after: 60 } }] }];
    const device = new FakeDevice({ templates: [aTemplate({ title: "Anaphylaxis", public_title: "Anaphylaxis", steps })] });
    const past = new Date(NOON - 1000).toISOString();
    device.itsHomework = [anAssignment({ tries: 2, open_tries: 1 }), anAssignment({ id: "b", until: past }), anAssignment({ id: "c", withdrawn_at: past, template_id: "gone" })];
    device.itsTries = (["played_out", "closed", "expired"] as const).map((ended, i) => ({ session_id: `s${i}`, name: "Zoé", begun_at: past, closed_at: past, ended }));
    page = await show(device, <Pages />);
    await until(async () => {
      await page.settle();
      expect(page.root.querySelector("main details")).not.toBeNull();
    });
    const details = page.root.querySelector<HTMLDetailsElement>("main details")!;
    details.open = true;
    details.dispatchEvent(new Event("toggle"));
    await page.settle();
    expect(strangers(page.root)).toEqual([]);
    for (const button of page.root.querySelectorAll<HTMLElement>("main .db-button:not(a)")) {
      await page.click(button);
      expect(strangers(page.root)).toEqual([]);
    }
    await page.click(page.root.querySelector<HTMLElement>(".db-homework-form [type=submit]")!);
    await page.settle();
    expect(strangers(page.root)).toEqual([]);
    const offer = { title: "Anaphylaxis", until: past, duration_minutes: 20, language: null, actions: ["help"] };
    vi.stubGlobal("fetch", vi.fn().mockResolvedValue(new Response(JSON.stringify(offer))));
    page.unmount();
    page = await show(device, <><Homework token="token" /><HomeworkKeys actions={["help"]} take={() => true} /></>);
    await page.settle();
    await page.click(page.root.querySelector<HTMLElement>(".mon-alone button")!);
    expect(strangers(page.root)).toEqual([]);
    vi.unstubAllGlobals();
  });

  it("in the conflicts, whatever was done on either side", async () => {
    go(pathTo("conflicts"));
    const step = { key: "onset", title: "Onset", at_seconds: 30, ramp_seconds: 20, vitals: { heart_rate: 110 }, rhythm: null, flags: {}, note: "Itching", transitions: [] };
    const item = { key: "call", text: "Calls for help", critical: true, marker: null, target_seconds: 60, from: null };
    const theirs = aTemplate({ public_title: "" });
    const mine = aTemplate({
      steps: [step], checklist: [item], targets: [{ marker: "adrenaline", from: "arrest", seconds: 60 }], flags: { cpr: true },
      vitals: { heart_rate: 90 }, rhythm: "svt", duration_minutes: 20, language: "fr", description: "", public_title: "Zoé",
      limits: { ...ADULT_LIMITS, spo2: { low: null, high: null } },
    }); // prettier-ignore
    const conflicts = [
      aConflict({ theirs, mine, fields: [...TEMPLATE_FIELDS] }),
      aConflict({ template_id: "b", theirs: null, mine }),
      aConflict({ template_id: "c", theirs: mine, mine: null }),
      aConflict({ template_id: "d", theirs, mine: theirs, fields: [] }),
      aSessionConflict({ theirs: { ...aSessionConflict().theirs!, title: "Anaphylaxis" }, mine: { ...aSession(), title: "", trainee_name: "Zoé", co_trainer_ids: ["a", "b"], shows_conditions: true }, fields: SESSION_FIELDS }),
      aSessionConflict({ session_id: "b", theirs: null, mine: aSession(), fields: [] }),
    ];
    page = await show(new FakeDevice({ conflicts }), <Pages />);
    expect(strangers(page.root)).toEqual([]);
    for (const radio of page.root.querySelectorAll<HTMLElement>(".db-other input[type=radio]")) await page.click(radio);
    expect(strangers(page.root)).toEqual([]);
  });

  it("in the devices of the school", async () => {
    go(pathTo("devices"));
    const device = new FakeDevice({ me: { ...TRAINER, role: "admin" } });
    const call = { clientId: "ABC 234", eventsCount: 1, conflictsCount: 0, rejectedCount: 0, startedAt: new Date(NOON).toISOString() };
    device.school = {
      devices: [{ clientId: "ABC 234", trainerId: null, hallId: null, lastSeenAt: new Date(NOON).toISOString(), behind: true, revokedAt: null, revokedBy: null }],
      calls: [
        { ...call, id: "1", direction: "UP", status: "SUCCESS" },
        { ...call, id: "2", direction: "DOWN", status: "FAILED" },
        { ...call, id: "3", direction: "UP", status: "PARTIAL", rejectedCount: 1 },
      ],
      conflicts: [{ id: "c", clientId: "ABC 234", trainerId: null, entityType: "TEMPLATE", localPayload: null, localFields: null, serverData: null, createdAt: new Date(NOON).toISOString() }],
      names: {},
    }; // prettier-ignore
    page = await show(device, <Pages />);
    await page.settle();
    expect(page.root.querySelectorAll("main tr")).toHaveLength(6);
    expect(strangers(page.root)).toEqual([]);
    await page.click(page.root.querySelector<HTMLElement>("main td button")!);
    expect(strangers(page.root)).toEqual([]);
  });

  it("in the halls of the school", async () => {
    go(pathTo("halls"));
    const device = new FakeDevice({ me: { ...TRAINER, role: "admin" } });
    const when = new Date(NOON).toISOString();
    const waiting = { templates: 1, sessions: 1, events: 1, annotations: 0, since: when };
    device.itsHalls = {
      halls: [
        aHall({ name: "ABC 234", last_seen_at: when, waiting, clock_offset_ms: 9000, open_sessions: 1 }),
        aHall({ id: "b", name: "ABC 234", trainers: ["gone"], revoked_at: when, clock_offset_ms: -9000 }),
        aHall({ id: "c", name: "ABC 234", last_seen_at: when, waiting: { ...waiting, templates: 0, sessions: 0, events: 0 }, clock_offset_ms: 0 }),
      ],
      trainers: [],
      conflicts: [
        aHallConflict({ hall: "ABC 234", mine: aTemplate({ title: "ABC 234", description: "" }) }),
        aHallConflict({ id: "d", hall: null, mine: null, fields: [] }),
        aHallConflict({ id: "e", mine: aTemplate({ title: "ABC 234" }), theirs: null, fields: [] }),
      ],
    }; // prettier-ignore
    page = await show(device, <Pages />);
    await page.settle();
    expect(page.root.querySelectorAll("main tbody tr")).toHaveLength(3);
    expect(strangers(page.root)).toEqual([]);
    await page.click(page.root.querySelector<HTMLElement>("main td button")!);
    expect(strangers(page.root)).toEqual([]);
  });

  it("in the people of the school, one's own account, the audit, and at the links that lead in", async () => {
    const me = { ...TRAINER, role: "admin" } as const;
    const at = new Date(NOON).toISOString();
    const device = new FakeDevice({ me });
    device.people.trainersHere = [me, { ...TRAINER, id: "b" }];
    device.people.waiting = [anInvitation({ name: "Zoé", email: TRAINER.email, expires_at: at })];
    device.people.ownLogins = [{ id: "a", agent: "", created_at: at, expires_at: at, is_current: false }];
    device.people.entries = [[{ id: "a", at, by: { id: null, name: "Shiller" }, action: "invited", subject: { type: "invitation", id: "a" }, details: { name: "Zoé", email: TRAINER.email, role: "admin" } }]]; // prettier-ignore
    device.people.found = aFoundInvitation({ school: "Zoé", name: "Zoé", email: TRAINER.email });
    for (const path of [pathTo("school"), pathTo("me"), pathTo("audit"), pathTo("invitation", { token: "x" }), pathTo("first", { token: "x" })]) {
      go(path);
      page = await show(device, <Pages />);
      await page.settle();
      expect(strangers(page.root)).toEqual([]);
      for (const button of page.root.querySelectorAll<HTMLElement>("button[type=submit]")) await page.click(button);
      expect(strangers(page.root)).toEqual([]);
      page.unmount();
    }
    go(pathTo("school"));
    page = await show(device, <Pages />);
    await page.settle();
    for (const place of [".db-list-head .db-button-main", ".db-list-head .db-button:last-child", "tbody .db-button", ".db-invitations .db-button"]) {
      await page.click(page.root.querySelector<HTMLElement>(place)!);
      expect(strangers(page.root)).toEqual([]);
      for (const button of page.root.querySelectorAll<HTMLElement>("dialog button[type=submit]")) await page.click(button);
      expect(strangers(page.root)).toEqual([]);
    }
  });

  it("in the room of a session of a hall", async () => {
    const hall = { id: "hall-1", name: "ABC 234", heard_at: new Date(NOON).toISOString() };
    const device = new FakeDevice({ me: { ...TRAINER, role: "admin" }, sessions: [aSession({ hall, title: "Zoé" })] });
    page = await show(device, <RoomPage sessionId="session-1" />);
    expect(strangers(page.root)).toEqual([]);
  });

  it("in the outbox, for edits of cases", async () => {
    go(pathTo("outbox"));
    const rejected = ["superseded", "invalid_fields", "forbidden", "id_taken", "not_home"].map((reason, seq) =>
      anEdit({ seq: seq + 10, state: "rejected", rejection: { reason, errors: [] }, content: { title: "Anaphylaxis", steps: [] } }),
    );
    const inConflict = anEdit({ seq: 3, state: "conflict", conflict: { id: "c", reason: "changed_since" }, operation: "DELETE", content: null });
    const { id: _, ...own } = aSession({ title: "Zoé", trainee_name: "Zoé", shows_conditions: true });
    const content = Object.fromEntries(SESSION_FIELDS.map((field) => [field, own[field]]));
    const ofSession = aSessionEdit({ seq: 20, content, state: "rejected", rejection: { reason: "session_over", errors: [] } });
    page = await show(new FakeDevice({ edits: [anEdit({ operation: "CREATE" }), inConflict, ...rejected, ofSession] }), <Pages />);
    expect(page.root.querySelectorAll("tbody tr")).toHaveLength(8);
    expect(strangers(page.root)).toEqual([]);
  });

  it.each(REFUSAL_CODES)("in the banner about %s", async (code) => {
    go(pathTo("sessions"));
    const device = new FakeDevice();
    device.problem.value = { code, detail: "" };
    page = await show(device, <Pages />);
    expect(page.root.querySelector("[role=alert] p")?.textContent).toMatch(/^⟦/);
    expect(strangers(page.root)).toEqual([]);
  });
});

describe("every text of the trainee's screens comes from the catalogue", () => {
  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
    chooseLanguage("en");
  });
  afterEach(() => render(null, document.body));

  it("where they join, and are told what is missing", async () => {
    vi.stubGlobal("BroadcastChannel", undefined);
    await act(() => render(<Join code="" />, document.body));
    expect(strangers(document.body)).toEqual([]);
    await act(() => document.querySelector("form")?.requestSubmit());
    expect(strangers(document.body)).toEqual([]);
    vi.unstubAllGlobals();
  });

  it.each<EndReason>(["session_closed", "session_expired", "removed", "not_found", "refused"])(
    "at the end: %s",
    async (reason) => {
      await act(() => render(<EndScreen reason={reason} title="Anaphylaxis" code="K7M2QX" />, document.body));
      expect(strangers(document.body)).toEqual([]);
    },
  );

  it("in what each person sets for the device", async () => {
    const speaker = { isOpen: signal(false), open: async () => {}, playBurst() {}, stopBurst() {}, beep() {}, close() {} };
    const drawer = <SettingsDrawer speaker={speaker} name="Zoé" code="K7M2QX" close={() => {}} leave={() => {}} />;
    await act(() => render(drawer, document.body));
    expect(document.querySelectorAll("button, input").length).toBeGreaterThan(5);
    expect(strangers(document.body)).toEqual([]);
  });

  it.each([
    ["a patient", {}],
    ["one with everything off", Object.fromEntries(SENSORS_OFF.map((name) => [name, true]))],
    ["one in every condition", { pulseless: true, cpr: true, ...Object.fromEntries(CONDITIONS.map((name) => [name, true])) }],
  ])("at the monitor of %s", async (_, flags) => {
    const last = { ...patient(), heart_rate: 190, spo2: 70, flags };
    const state = { session_id: "s1", last_values: last, at: NOW, limits: ADULT_LIMITS };
    await act(() => render(<MonitorScreen state={state} serverNow={() => NOW} theme="dark" />, document.body));
    await until(() => expect(document.querySelectorAll(".mon-digits").length).toBeGreaterThan(0));
    expect(strangers(document.body)).toEqual([]);
  });
});
