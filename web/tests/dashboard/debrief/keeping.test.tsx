// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { pathTo } from "../../../src/app/pages";
import { go } from "../../../src/app/route";
import { Keeping } from "../../../src/dashboard/debrief/keeping/Keeping";
import { usePrints } from "../../../src/dashboard/debrief/keeping/prints";
import { nameFinder, partsOf } from "../../../src/dashboard/debrief/keeping/names";
import { markedTexts } from "../../../src/dashboard/debrief/keeping/freeTexts";
import { Retention } from "../../../src/dashboard/school/Retention";
import { eventWords } from "../../../src/dashboard/words";
import { enKeeping } from "../../../src/i18n/en/keeping";
import { frKeeping } from "../../../src/i18n/fr/keeping";
import type { ShownSession } from "../../../src/device/view/device";
import type { FreeText, SeatAttendance, SessionEvent, Trainer } from "../../../src/wire/types";
import { aSession, FakeDevice, NOON, TRAINER } from "../fakeDevice";
import { show, type Page } from "../page";
import file from "../../../../tests/vectors/names_out.json";

let page: Page | null = null;
let device: FakeDevice;

afterEach(() => {
  page?.unmount();
  page = null;
});

const ADMIN: Trainer = { ...TRAINER, role: "admin" };
const OTHER: Trainer = { ...TRAINER, id: "trainer-2" };
const seat = (name: string): SeatAttendance => ({ seat_id: `seat of ${name}`, name, spans: [] });
const ENDED = { closed_at: new Date(NOON).toISOString(), close_reason: "closed", attendance: [seat("Marie Dupont")] } satisfies Partial<ShownSession>;

function aNote(text: string | null, id: string, details: SessionEvent["details"] = null): SessionEvent {
  const at = new Date(NOON).toISOString();
  const none = {
    step: null, marker: null, systolic: null, diastolic: null, heart_rate: null, spo2: null, respiratory_rate: null,
    etco2: null, temperature: null, rhythm: null, flags: null, ramp_seconds: null,
  }; // prettier-ignore
  const by = { role: "trainer", id: TRAINER.id, name: TRAINER.name } as const;
  return { ...none, id, session_id: "session-1", seq: 1, kind: "note", created_at: at, made_at: at, by, text, details };
}

function aText(id: string, text: string, part: Partial<FreeText> = {}): FreeText {
  return { id, kind: "note", at: new Date(NOON).toISOString(), by: TRAINER.name, text, longest: 2000, ...part };
}

async function opened(part: Partial<ShownSession> = {}, me: Trainer = TRAINER): Promise<Page> {
  device = new FakeDevice({ me, sessions: [aSession({ ...ENDED, ...part })] });
  device.people.texts = [aText("a", "Marie masse bien"), aText("b", "Sa sœur aussi")];
  page = await show(device, <Keeping sessionId="session-1" />);
  await page.settle();
  return page;
}

describe("names in free texts", () => {
  const finder = nameFinder(file.seats.map(seat), file.trainee_name);

  it.each(file.vectors)("are found as the server finds them: $text", ({ text, found }) => {
    const parts = partsOf(text, finder);
    expect(parts.filter(({ isName }) => isName).map((part) => part.text)).toEqual(found);
    expect(parts.map((part) => part.text).join("")).toBe(text);
  });

  it("come first, then what is earlier, and last what has no moment", () => {
    const later = { at: new Date(NOON + 1000).toISOString() };
    const texts = markedTexts([aText("w", "Autre", { at: null }), aText("v", "Fin", later), aText("x", "Rien"), aText("y", "Zoé", { at: null })], finder);
    expect(texts.map(({ id }) => id)).toEqual(["y", "x", "v", "w"]);
  });

  it("that were taken out are told as such in the record", () => {
    expect(eventWords(aNote(null, "c", { redacted: true }))).toBe("[text taken out]");
  });
});

describe("an ended session", () => {
  it("is told to the server as printed; an open one is not", async () => {
    const Page = (props: { isOver: boolean }) => (usePrints("session-1", props.isOver), null);
    device = new FakeDevice();
    page = await show(device, <Page isOver={false} />);
    window.dispatchEvent(new Event("beforeprint"));
    await page.reopen(<Page isOver />);
    window.dispatchEvent(new Event("beforeprint"));
    expect(device.people.views).toEqual(["printed"]);
  });

  it("is locked for a reason by its owner, which everybody reads", async () => {
    const shown = await opened();
    await shown.click(shown.button("Lock…"));
    await shown.click(shown.button("Lock"));
    expect(shown.text()).toContain("Say why, in a few words.");
    await shown.type(shown.field("Reason"), " A complaint ");
    await shown.click(shown.button("Lock"));
    expect(device.calls).toContainEqual(["lockSession", "session-1", "A complaint"]);
    expect(shown.text()).toContain("A complaint");
    expect(() => shown.button(/Take names out/)).toThrow();
    await shown.click(shown.button("Take the lock away"));
    expect(device.calls).toContainEqual(["unlockSession", "session-1"]);
  });

  it("leaves the dialog alone that is open when the answer to a closed one comes", async () => {
    const shown = await opened();
    let answer: (refusal: null) => void = () => {};
    device.lockSession = () => new Promise<null>((resolve) => (answer = resolve));
    await shown.click(shown.button("Lock…"));
    await shown.type(shown.field("Reason"), "A complaint");
    await shown.click(shown.button("Lock"));
    await shown.click(shown.button("Cancel"));
    await shown.click(shown.button("Take names out…"));
    answer(null);
    await shown.settle();
    expect(shown.root.querySelector("dialog.db-names-out")).not.toBeNull();
  });

  it("neither says that there is nothing nor takes names out before its texts and people were read", async () => {
    const shown = await opened({ attendance: null });
    await shown.click(shown.button("Everything about one person"));
    expect(shown.text()).not.toContain("Nobody came to this session.");
    await shown.click(shown.button("Close"));
    await shown.click(shown.button("Take names out…"));
    expect(shown.text()).toContain("Being read from the server…");
    expect(shown.root.querySelector(".db-names-texts")).toBeNull();
    await shown.click(shown.field(/I understand/));
    await shown.click(shown.button("Take names out"));
    expect(device.calls.filter(([name]) => name === "takeNamesOut")).toEqual([]);
    const told = (part: Partial<ShownSession>) => {
      device.stored.value = device.stored.value.map((one) => ({ ...one, ...part }));
      return shown.settle();
    };
    await told({ attendance: ENDED.attendance, has_record: false });
    expect(shown.root.querySelectorAll(".db-names-texts > li")).toHaveLength(2);
    await shown.click(shown.button("Take names out"));
    expect(device.calls).toContainEqual(["takeNamesOut", "session-1", {}]);
  });

  it("shows texts of every kind with what they are, and asks for no longer ones than may stand there", async () => {
    device = new FakeDevice({ me: TRAINER, sessions: [aSession(ENDED)] });
    device.people.texts = [
      aText("s", "Trop lente", { kind: "score", by: "Olga", longest: 1000 }),
      aText("w", "Sa sœur dormait", { kind: "words", at: null, by: null }),
      aText("m", "Sa chute", { kind: "moment", by: null, longest: 200 }),
    ];
    page = await show(device, <Keeping sessionId="session-1" />);
    await page.click(page.button("Take names out…"));
    await page.settle();
    const rows = [...page.root.querySelectorAll<HTMLElement>(".db-names-texts > li")];
    const whose = rows.map((row) => row.querySelector(".db-hint")?.textContent ?? "");
    expect(whose[0]).toMatch(/^Comment on a score sheet · Olga · /);
    expect(whose[1]).toMatch(/^Name of a moment · /);
    expect(whose[2]).toBe("Own words of a trainee · without a name");
    await page.click([...rows[0]!.querySelectorAll("button")].at(-1)!);
    expect(rows[0]!.querySelector("textarea")!.maxLength).toBe(1000);
    await page.type(rows[0]!.querySelector("textarea") as unknown as HTMLInputElement, "Lente");
    await page.click(rows[2]!.querySelector("button")!);
    await page.click(page.field(/I understand/));
    await page.click(page.button("Take names out"));
    expect(device.calls).toContainEqual(["takeNamesOut", "session-1", { s: "Lente", w: null }]);
  });

  it.each([["en", enKeeping], ["fr", frKeeping]])("calls each kind of text by a name of its own: %s", (_, texts) => {
    const names: string[] = Object.values(texts.names.kinds);
    expect(new Set(names).size).toBe(8);
    expect(names).toHaveLength(8);
  });

  it("tells the title that trainees see from the session's own", async () => {
    device = new FakeDevice({ me: TRAINER, sessions: [aSession(ENDED)] });
    const ofSession = { by: null, longest: 200 };
    device.people.texts = [aText("t", "Sepsis", { ...ofSession, kind: "title" }), aText("p", "Jeudi", { ...ofSession, kind: "public_title" })];
    page = await show(device, <Keeping sessionId="session-1" />);
    await page.click(page.button("Take names out…"));
    await page.settle();
    const whose = [...page.root.querySelectorAll(".db-names-texts > li .db-hint")].map((one) => one.textContent);
    expect(whose[0]).toMatch(/^Title of the session · /);
    expect(whose[1]).toMatch(/^Title that trainees see · /);
  });

  it("takes nothing out while its texts cannot be read, and reads them when somebody tries again", async () => {
    const shown = await opened();
    const { texts } = device.people;
    device.people.texts = null;
    await shown.click(shown.button("Take names out…"));
    await shown.settle();
    expect(shown.text()).toContain("The texts could not be read");
    await shown.click(shown.field(/I understand/));
    await shown.click(shown.button("Take names out"));
    expect(device.calls.filter(([name]) => name === "takeNamesOut")).toEqual([]);
    device.people.texts = texts;
    await shown.click(shown.button("Try again"));
    await shown.settle();
    expect(shown.root.querySelectorAll(".db-names-texts > li")).toHaveLength(2);
  });

  it("reads the texts once more where one was written anew meanwhile, and keeps what was chosen for the others", async () => {
    const shown = await opened();
    await shown.click(shown.button("Take names out…"));
    await shown.settle();
    for (const row of shown.root.querySelectorAll(".db-names-texts > li")) await shown.click(row.querySelector("button")!);
    device.people.texts = [aText("a", "Marie masse bien"), aText("d", "Son frère aussi")];
    device.takeNamesOut = () => Promise.resolve({ code: "invalid_fields", detail: "A text is another one by now." });
    await shown.click(shown.field(/I understand/));
    await shown.click(shown.button("Take names out"));
    await shown.settle();
    expect(shown.text()).toContain("Nothing was changed");
    const out = [...shown.root.querySelectorAll<HTMLElement>(".db-names-text")].map((one) => [one.textContent, one.dataset["out"]]);
    expect(out).toEqual([["Marie masse bien", "yes"], ["Son frère aussi", "no"]]);
  });

  it("offers a colleague what there is about one person, and nothing else", async () => {
    const shown = await opened({}, OTHER);
    expect([...shown.root.querySelectorAll("button")].map((one) => one.textContent)).toEqual(["Everything about one person"]);
    await shown.click(shown.button("Everything about one person"));
    const link = shown.root.querySelector("a")!;
    expect(link.getAttribute("href")).toBe("/api/v1/sessions/session-1/seats/seat of Marie Dupont/export");
    expect(link.getAttribute("aria-label")).toBe("Download: Marie Dupont");
  });

  it("loses its names after every text was shown, and not before somebody understood", async () => {
    const shown = await opened();
    await shown.click(shown.button("Take names out…"));
    expect([...shown.root.querySelectorAll("mark")].map((one) => one.textContent)).toEqual(["Marie"]);
    expect(shown.root.querySelectorAll(".db-names-texts > li")).toHaveLength(2);
    await shown.click(shown.button("Take names out"));
    expect(shown.text()).toContain("Tick the box first.");
    const [, second] = shown.root.querySelectorAll<HTMLElement>(".db-names-texts > li");
    await shown.click(second!.querySelector("button")!);
    await shown.click(shown.field(/I understand/));
    await shown.click(shown.button("Take names out"));
    expect(device.calls).toContainEqual(["takeNamesOut", "session-1", { b: null }]);
    expect(shown.root.querySelector("dialog")).toBeNull();
  });
});

describe("the school's months", () => {
  it("are decided by an admin, within bounds, and what is due is listed", async () => {
    go(pathTo("school"));
    device = new FakeDevice({ me: ADMIN });
    device.people.dueNext = [
      {
        session_id: "session-1", title: "Sepsis", created_at: "2025-11-20T10:00:00.000Z", ended_at: "2025-11-20T11:00:00.000Z",
        measure: "names_out", since: "2026-11-20T11:00:00.000Z", at: "2026-11-29T02:00:00.000Z",
      },
    ]; // prettier-ignore
    page = await show(device, <Retention />);
    await page.settle();
    expect(page.text()).toContain("names are taken out");
    await page.type(page.field(/^Names of trainees/), "0");
    await page.click(page.button("Save"));
    expect(page.text()).toContain("From 1 to 120 months.");
    await page.type(page.field(/^Names of trainees/), "6");
    await page.click(page.field("are deleted after"));
    await page.type(page.field(/^Whole records/), "24");
    await page.click(page.button("Save"));
    expect(device.calls).toContainEqual(["setRetention", { names_months: 6, records_months: 24 }]);
  });
});
