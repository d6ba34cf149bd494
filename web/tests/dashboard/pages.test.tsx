// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { go, path } from "../../src/app/route";
import { Pages } from "../../src/dashboard/shell/Pages";
import { isOfThisMachine, joinUrl } from "../../src/dashboard/shell/paths";
import { statusWords } from "../../src/dashboard/shell/StatusLink";
import { sessionEntity } from "../../src/device/outbox/entry";
import { chooseLanguage } from "../../src/i18n";
import type { Refusal } from "../../src/wire/types";
import { anEntry, aSession, aTemplate, FakeDevice, NOON, TRAINER } from "./fakeDevice";
import { show, type Page } from "./page";

vi.mock("../../src/dashboard/room/RoomPage", () => ({
  RoomPage: (props: { sessionId: string }) => <p>Room of {props.sessionId}</p>,
}));

let page: Page;

beforeEach(() => go("/dashboard"));
afterEach(() => page.unmount());

describe("the login", () => {
  const fill = async (device: FakeDevice, email = "demo@shiller.local", password = "secret") => {
    page = await show(device, <Pages />);
    await page.type(page.field("Email"), email);
    await page.type(page.field("Password"), password);
    await page.click(page.button("Log in"));
  };

  it("lets in, and keeps the address that was asked for", async () => {
    go("/dashboard/sessions/session-1");
    const device = new FakeDevice({ me: null });
    await fill(device);
    expect(device.calls[0]).toEqual(["login", "demo@shiller.local", "secret"]);
    expect(page.text()).toContain("Room of session-1");
  });

  it.each<[Refusal, string]>([
    [{ code: "unauthenticated", detail: "" }, "Email or password is not right."],
    [{ code: "rate_limited", detail: "", retry_after: 42 }, "Try again in 42 s."],
    [{ code: "network", detail: "" }, "The server does not answer."],
    [{ code: "strange_answer", detail: "I am a teapot." }, "I am a teapot."],
  ])("says why not: $code", async (refusal, words) => {
    const device = new FakeDevice({ me: null });
    device.loginAnswer = refusal;
    await fill(device);
    expect(page.root.querySelector("#login-problem")?.textContent).toContain(words);
  });

  it("waits as long as the server wants", async () => {
    const device = new FakeDevice({ me: null });
    device.loginAnswer = { code: "rate_limited", detail: "", retry_after: 42 };
    await fill(device);
    await page.click(page.button("Log in"));
    expect(device.calls.filter(([name]) => name === "login")).toHaveLength(1);
    expect(page.button("Log in").getAttribute("aria-disabled")).toBe("true");
  });

  it("asks for what is missing without asking the server", async () => {
    const device = new FakeDevice({ me: null });
    await fill(device, "demo@shiller.local", "");
    expect(device.calls).toEqual([]);
    expect(page.text()).toContain("Fill in email and password.");
  });
});

describe("the bar", () => {
  it("says who is logged in and how it stands, and logs out", async () => {
    const device = new FakeDevice();
    page = await show(device, <Pages />);
    expect(page.text()).toContain("Demo Trainer");
    device.status.value = { word: "offline", waiting: 3 };
    await page.settle();
    const status = page.root.querySelector<HTMLAnchorElement>(".db-status");
    expect(status?.textContent).toContain("Offline (3)");
    expect(status?.getAttribute("href")).toBe("/dashboard/outbox");
    await page.click(page.button("Log out"));
    expect(device.calls).toContainEqual(["logout"]);
    expect(page.root.querySelector(".db-login")).not.toBeNull();
  });

  it("asks for a new login in the middle of the work, and goes on with it", async () => {
    const device = new FakeDevice();
    device.needsLogin.value = true;
    page = await show(device, <Pages />);
    expect(page.text()).toContain("Your login has run out");
    await page.click(page.button("Log in"));
    expect(page.field("Email").value).toBe("demo@shiller.local");
    await page.type(page.field("Password"), "secret");
    page.root.querySelector<HTMLFormElement>("dialog form")!.requestSubmit();
    await page.settle();
    expect(device.calls).toContainEqual(["login", "demo@shiller.local", "secret"]);
    expect(page.root.querySelector("dialog")).toBeNull();
  });

  it("says when this device can keep nothing more", async () => {
    const device = new FakeDevice();
    device.problem.value = { code: "device_full", detail: "" };
    page = await show(device, <Pages />);
    expect(page.text()).toContain("no room left");
  });

  it("has one word for every state", () => {
    chooseLanguage("en");
    const words = (["saved", "saving", "offline", "problem"] as const).map((word) => statusWords({ word, waiting: 2 }));
    expect(words).toEqual(["Saved", "Saving (2)", "Offline (2)", "Problem"]);
    expect(statusWords({ word: "offline", waiting: 0 })).toBe("Offline");
  });

  it("sends trainees where the server was told to be found, else where they can reach it", () => {
    const network_urls = ["http://192.168.1.20:8000", "http://10.0.0.7:8000"];
    const told = { public_url: "https://sim.school.example", network_urls };
    const untold = { public_url: null, network_urls };
    const alone = { public_url: null, network_urls: [] };
    expect(joinUrl("K7M2QX", told, "http://localhost:8000")).toBe("https://sim.school.example/j/K7M2QX");
    expect(joinUrl("K7M2QX", untold, "http://hall.local")).toBe("http://hall.local/j/K7M2QX");
    for (const own of ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"]) {
      expect(joinUrl("K7M2QX", untold, own)).toBe("http://192.168.1.20:8000/j/K7M2QX");
      expect(isOfThisMachine(joinUrl("K7M2QX", alone, own))).toBe(true);
    }
    expect(isOfThisMachine("http://192.168.1.20:8000/j/K7M2QX")).toBe(false);
  });
});

describe("the sessions", () => {
  const titles = () => [...page.root.querySelectorAll(".db-session h2")].map((one) => one.textContent);
  const sessions = [
    aSession({ id: "a", title: "Anaphylaxis", event_count: 3, trainee_count: 1 }),
    aSession({ id: "b", title: "Asthma", code: "P4R7TW", trainee_name: "Équipe" }),
    aSession({ id: "c", title: "Sepsis", closed_at: new Date(NOON).toISOString(), close_reason: "closed" }),
  ];

  it("are the open ones first, with their counts, code and time left", async () => {
    page = await show(new FakeDevice({ sessions }), <Pages />);
    expect(titles()).toEqual(["Anaphylaxis", "Asthma"]);
    const row = page.root.querySelector(".db-session")?.textContent ?? "";
    for (const words of ["3 events", "1 trainee", "K7M 2QX", "4"]) expect(row).toContain(words);
    await page.click(page.field("Ended"));
    expect(titles()).toEqual(["Sepsis"]);
    await page.click(page.field("All"));
    expect(titles()).toHaveLength(3);
  });

  it("say which of them have their record here, and that older ones are not here at all", async () => {
    const part = { closed_at: new Date(NOON).toISOString(), close_reason: "closed", trainee_count: null } as const;
    const ended = Array.from({ length: 200 }, (_, n) => aSession({ ...part, id: `e${n}`, title: `E${n}`, has_record: n > 0 }));
    page = await show(new FakeDevice({ sessions: [...sessions, ...ended] }), <Pages />);
    expect(page.text()).not.toContain("longer ago");
    await page.click(page.field("Ended"));
    expect(page.text()).toContain("Sessions that ended longer ago are not on this device.");
    const lacking = [...page.root.querySelectorAll(".db-session")].filter((one) => one.textContent?.includes("record not on this device"));
    expect(lacking.map((one) => one.querySelector("h2")?.textContent)).toEqual(["E0"]);
    expect(lacking[0]!.textContent).not.toContain("trainee");
  });

  it("are found by what somebody remembers", async () => {
    page = await show(new FakeDevice({ sessions }), <Pages />);
    await page.type(page.field("Search"), "equipe");
    expect(titles()).toEqual(["Asthma"]);
    await page.type(page.field("Search"), "k7m-2qx");
    expect(titles()).toEqual(["Anaphylaxis"]);
    await page.type(page.field("Search"), "nothing");
    expect(page.text()).toContain("No session matches “nothing”");
    await page.click(page.button("Clear the search"));
    expect(titles()).toHaveLength(2);
  });

  it("are looked for again and again, while there is a network: somebody else may open one", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const device = new FakeDevice({ sessions });
      const looks = () => device.calls.filter(([name]) => name === "refresh").length;
      page = await show(device, <Pages />);
      expect(looks()).toBe(1);
      vi.advanceTimersByTime(5_000);
      expect(looks()).toBe(2);
      device.isOnline.value = false;
      vi.advanceTimersByTime(20_000);
      expect(looks()).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it("teach where there are none", async () => {
    page = await show(new FakeDevice({ sessions: [] }), <Pages />);
    expect(page.text()).toContain("No session is open");
    expect(page.text()).toContain("No cases yet");
  });

  it("are called by a word of the reader's language where they have no title", async () => {
    page = await show(new FakeDevice({ sessions: [aSession({ title: "" })] }), <Pages />);
    const names = () => [...page.root.querySelectorAll(".db-session-link")].map((link) => link.textContent);
    expect(names()).toEqual(["Session"]);
    chooseLanguage("fr");
    await page.settle();
    expect(names()).toEqual(["Séance"]);
  });

  it("begin with one click, from scratch or from a template", async () => {
    const device = new FakeDevice({ sessions: [], templates: [aTemplate()] });
    page = await show(device, <Pages />);
    await page.click(page.button(/^New session/));
    expect(device.calls).toContainEqual(["openSession", {}]);
    expect(path.value).toBe("/dashboard/sessions/opened-1");
    go("/dashboard");
    await page.settle();
    await page.type(page.field("Title"), " Night shift ");
    await page.click(page.button("Start “Anaphylaxis”"));
    expect(device.calls).toContainEqual(["openSession", { title: "Night shift", template_id: "template-1" }]);
  });

  it("offer the cases in the reader's language first, and fold the others", async () => {
    const templates = [
      aTemplate({ id: "a", title: "Urosepsis" }),
      aTemplate({ id: "b", title: "Asthme", language: "fr" }),
      aTemplate({ id: "c", title: "Our own", language: null }),
      aTemplate({ id: "d", title: "Anaphylaxie", language: "fr-CA" }),
      aTemplate({ id: "e", title: "Éclampsie", language: "fr" }),
      aTemplate({ id: "f", title: "Anaphylaxis" }),
      aTemplate({ id: "g", title: "Gone", deleted_at: new Date(NOON).toISOString() }),
    ];
    const casesIn = (of: string) => [...page.root.querySelectorAll(`${of} > .db-templates h4`)].map((one) => one.textContent);
    page = await show(new FakeDevice({ sessions: [], templates }), <Pages />);
    expect(casesIn(".db-start")).toEqual(["Anaphylaxis", "Our own", "Urosepsis"]);
    expect(casesIn(".db-start-details:not([open])")).toEqual(["Anaphylaxie", "Asthme", "Éclampsie"]);
    chooseLanguage("fr");
    await page.settle();
    expect(casesIn(".db-start")).toEqual(["Anaphylaxie", "Asthme", "Éclampsie", "Our own"]);
    expect(page.root.textContent).toContain("Dans une autre langue (2)");
    chooseLanguage("en");
  });

  it("unfold the cases in another language where there are no others", async () => {
    const templates = [aTemplate({ title: "Anaphylaxie", language: "fr" })];
    page = await show(new FakeDevice({ sessions: [], templates }), <Pages />);
    expect(page.root.querySelector(".db-start-details[open] .db-templates h4")?.textContent).toBe("Anaphylaxie");
  });

  it("are not begun by an observer", async () => {
    page = await show(new FakeDevice({ me: { ...TRAINER, role: "observer" } }), <Pages />);
    expect(page.text()).toContain("As an observer you watch sessions");
    expect(page.root.querySelector(".db-start-scratch")).toBeNull();
  });
});

describe("the outbox", () => {
  const refused = anEntry({
    id: "refused",
    state: "rejected",
    refusal: { code: "internal_error", detail: "" },
    body: { vitals: { spo2: 88 } },
  });
  const late = { ...refused, refusal: { code: "session_closed" as const, detail: "" } };

  it("lists every entry with its author, session, change, state and reason", async () => {
    go("/dashboard/outbox");
    const waiting = anEntry({ id: "waiting", kind: "note:add", body: { text: "Calls for help" } });
    page = await show(new FakeDevice({ entries: [waiting, late] }), <Pages />);
    const rows = [...page.root.querySelectorAll("tbody tr")].map((row) => (row.textContent ?? "").replace(/\u00a0/g, " "));
    for (const words of ["Demo Trainer", "Anaphylaxis", "Note: Calls for help", "Waiting"]) expect(rows[0]).toContain(words);
    for (const words of ["SpO₂ 88", "Refused", "The session was ended before"]) expect(rows[1]).toContain(words);
    expect(page.root.querySelectorAll("tbody tr:first-child button")).toHaveLength(0);
  });

  it("retries, keeps, and discards after asking", async () => {
    go("/dashboard/outbox");
    const device = new FakeDevice({ entries: [refused] });
    page = await show(device, <Pages />);
    await page.click(page.button("Retry: SpO₂ 88"));
    await page.click(page.button("Put aside: SpO₂ 88"));
    await page.click(page.button("Discard: SpO₂ 88"));
    expect(device.calls.map(([name]) => name)).toEqual(["watch", "retry", "keep"]);
    await page.click(page.root.querySelector<HTMLButtonElement>("dialog .db-button-danger")!);
    expect(device.calls).toContainEqual(["discard", "refused"]);
    expect(page.text()).toContain("Everything is saved");
  });

  it("discards a refused change with all that waits behind it, the last one first", async () => {
    go("/dashboard/outbox");
    const behind = ["b", "c"].map((id) => anEntry({ id }));
    const other = anEntry({ id: "other", entity: sessionEntity("session-2") });
    const device = new FakeDevice({ entries: [refused, ...behind, other] });
    page = await show(device, <Pages />);
    expect(page.root.querySelectorAll("tbody tr")[1]?.textContent).toContain("waits for the one above");
    await page.click(page.button("Discard it and the 2 after it"));
    await page.click(page.root.querySelector<HTMLButtonElement>("dialog .db-button-danger")!);
    expect(device.calls.filter(([name]) => name === "discard").map(([, id]) => id)).toEqual(["c", "b", "refused"]);
    expect(device.entries.value.map((entry) => entry.id)).toEqual(["other"]);
  });

  it("offers nothing that cannot work, says so, and gives the text to be copied before it goes", async () => {
    go("/dashboard/outbox");
    const closed = aSession({ closed_at: new Date(NOON).toISOString(), close_reason: "closed" });
    page = await show(new FakeDevice({ sessions: [closed], entries: [late, anEntry({ id: "behind" })] }), <Pages />);
    const row = () => page.root.querySelector("tbody tr")?.textContent ?? "";
    expect(row()).toContain("It can no longer be sent.");
    expect(() => page.button(/^Retry/)).toThrow();
    // What comes after the end is judged each alone: nothing waits for this one.
    expect(page.root.querySelectorAll("tbody tr")[1]?.textContent).not.toContain("waits for the one above");
    const copied: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void copied.push(text) } });
    await page.click(page.button("Copy the text: SpO₂ 88"));
    await page.click(page.button("Discard: SpO₂ 88"));
    await page.click(page.root.querySelector<HTMLButtonElement>("dialog p .db-button")!);
    vi.unstubAllGlobals();
    expect(copied.map((text) => text.replaceAll("\u00a0", " "))).toEqual(["SpO₂ 88", "SpO₂ 88"]);
    expect(page.text()).not.toContain("Nothing here is lost");
  });

  it("keeps a note that came too late beside the record, and sends another in other words", async () => {
    go("/dashboard/outbox");
    const note = { ...late, kind: "note:add" as const, body: { text: "Calls for help" } };
    const tooLong = { ...note, id: "long", refusal: { code: "too_large" as const, detail: "" } };
    const device = new FakeDevice({ entries: [note, tooLong] });
    page = await show(device, <Pages />);
    await page.click(page.button("Keep beside the record: Note: Calls for help"));
    expect(device.calls).toContainEqual(["annotateInstead", "refused"]);
    await page.click(page.button("Change: Note: Calls for help"));
    const field = page.root.querySelector<HTMLTextAreaElement>("dialog textarea")!;
    expect(field.value).toBe("Calls for help");
    field.value = " Help ";
    page.root.querySelector<HTMLFormElement>("dialog form")!.requestSubmit();
    await page.settle();
    expect(device.calls).toContainEqual(["reword", "long", "Help"]);
  });

  it("puts refused values back into hand, in their session's room", async () => {
    go("/dashboard/outbox");
    const high = { vitals: { diastolic: 95, heart_rate: 120 }, ramp_seconds: 30 };
    const implausible = { ...refused, body: high, refusal: { code: "invalid_fields" as const, detail: "" } };
    const low = aSession({ last_values: { ...aSession().last_values, systolic: 90, diastolic: 60 } });
    const device = new FakeDevice({ sessions: [low], entries: [implausible] });
    page = await show(device, <Pages />);
    expect(() => page.button(/^Retry/)).toThrow();
    await page.click(page.button(/^Change: /));
    expect(device.preparation("session-1").value).toMatchObject({ staged: { signs: high.vitals }, ramp_seconds: 30 });
    expect(device.entries.value).toEqual([]);
    expect(path.value).toBe("/dashboard/sessions/session-1");
    // Somebody raises the systolic pressure: then the same can be sent again.
    device.stored.value = [aSession()];
    device.entries.value = [implausible];
    go("/dashboard/outbox");
    await page.settle();
    await page.click(page.button(/^Retry: /));
    expect(device.calls).toContainEqual(["retry", "refused"]);
  });

  it("speaks French", async () => {
    go("/dashboard/outbox");
    page = await show(new FakeDevice({ entries: [late] }), <Pages />);
    chooseLanguage("fr");
    await page.settle();
    expect(page.text()).toContain("La séance a été terminée");
  });
});
