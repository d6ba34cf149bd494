// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { Bookmark } from "../../../src/dashboard/debrief/annotations/Bookmark";
import { LineField } from "../../../src/dashboard/debrief/annotations/LineField";
import { TraineesWords } from "../../../src/dashboard/debrief/annotations/TraineesWords";
import { PlusDelta } from "../../../src/dashboard/debrief/annotations/PlusDelta";
import { TakeHome } from "../../../src/dashboard/debrief/annotations/TakeHome";
import { SideBySide } from "../../../src/dashboard/debrief/scores/SideBySide";
import { Scoring } from "../../../src/dashboard/debrief/scores/Scoring";
import { usePrintedSheet } from "../../../src/dashboard/debrief/paper/printing";
import type { CaseTime } from "../../../src/dashboard/room/case/caseTime";
import type { RecordLine } from "../../../src/dashboard/room/record/record";
import { Room, RoomContext } from "../../../src/dashboard/room/room";
import type { ShownSession } from "../../../src/device/view/device";
import type { ScoreSheet } from "../../../src/wire/beside";
import type { Annotation, Trainer } from "../../../src/wire/types";
import { aCase, aSession, FakeDevice, NOON, TRAINER } from "../fakeDevice";
import { show, type Page } from "../page";
import { until } from "../../until";

const at = new Date(NOON).toISOString();
const item = (key: string, text: string) => ({ key, text, critical: false, marker: null, target_seconds: null, from: null });
const CASE = aCase({ checklist: [item("pads", "Attaches the pads"), item("lead", "Names a leader")] });
const NO_LINES = signal<readonly RecordLine[]>([]);
const COLLEAGUE = { role: "trainer", id: "olga", name: "Olga" } as const;

let page: Page;
let device: FakeDevice;

function beside(id: string, part: Partial<Annotation> = {}): Annotation {
  return {
    id, session_id: "session-1", at, kind: "note", text: "Nobody leads", marker: null,
    by: { role: "trainer", id: TRAINER.id, name: TRAINER.name }, created_at: at, updated_at: at, deleted_at: null, version: 1, ...part,
  }; // prettier-ignore
}

async function open(what: preact.ComponentChildren, session: Partial<ShownSession> = {}, me: Trainer = TRAINER) {
  device = new FakeDevice({ me, sessions: [aSession({ closed_at: at, close_reason: "closed", ...session })], cases: { "session-1": CASE } });
  const room = new Room(device, "session-1");
  page = await show(device, <RoomContext.Provider value={room}>{what}</RoomContext.Provider>);
}

const calls = (wanted: string) => device.calls.filter(([name]) => name === wanted).map(([, , ...rest]) => rest);
const named = (name: string) => [...page.root.querySelectorAll<HTMLElement>("[aria-label]")].find((one) => one.getAttribute("aria-label") === name)!;
const line = (name: string) => named(name) as HTMLTextAreaElement;

async function write(field: HTMLTextAreaElement, text: string) {
  await act(() => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.press(field, "Enter");
}

afterEach(() => page.unmount());

describe("everybody's sheets", () => {
  const sheet = (by: { id: string; name: string }, pads: 0 | 1 | 2, lead: 0 | 1 | 2) => ({
    by: { role: "trainer" as const, ...by }, comment: "", percent: 50, is_passed: null, updated_at: at,
    items: { pads: { score: pads, at: null, comment: "" }, lead: { score: lead, at: null, comment: "" } },
  }); // prettier-ignore
  const rows = () => [...page.root.querySelectorAll("tbody [role=row]")].map((row) => row.querySelector("th")?.textContent);

  it("stand side by side, each score with its name, and by one tap only where they differ", async () => {
    const sheets = [sheet(COLLEAGUE, 0, 2), sheet(TRAINER, 2, 2)];
    await open(<SideBySide />, { scores: { sheets, differences: [{ key: "pads" }] } });
    const who = [...page.root.querySelectorAll<HTMLElement>("tbody td")].map((cell) => cell.dataset["who"]);
    expect(who).toEqual(["You", "Olga", "You", "Olga"]);
    expect(rows()).toEqual(["Attaches the pads differs", "Names a leader"]);
    await page.click(page.button("Only the differences"));
    expect(rows()).toEqual(["Attaches the pads differs"]);
    await page.click(page.button("Only the differences"));
    expect(rows()).toHaveLength(2);
  });

  it("are not said to be nobody's where this device has not read them", async () => {
    await open(<SideBySide />, { scores: null });
    expect(page.text()).toContain("The evaluators’ sheets are not on this device.");
  });
});

describe("one's own sheet", () => {
  it("is scored by keys, and goes as one when the hand rests", async () => {
    await open(<Scoring lines={NO_LINES} />);
    const [pads, lead] = [...page.root.querySelectorAll("fieldset")];
    await page.press(pads!, "1");
    await page.press(pads!, "2");
    await page.press(lead!, "n");
    expect(page.text()).toContain("2 of 2 scored · 100 %");
    await until(() => expect(calls("score")).toHaveLength(1));
    expect(calls("score")[0]).toMatchObject([{ items: { pads: { score: 2 }, lead: { score: "na" } }, comment: "" }]);
    await page.press(lead!, "Delete");
    expect(page.text()).toContain("1 of 2 scored · 50 %");
  });

  it("is sent when its page is left, and is not lost between two looks at it", async () => {
    await open(<Scoring lines={NO_LINES} />);
    await page.press(page.root.querySelector("fieldset")!, "2");
    expect(calls("score")).toEqual([]);
    dispatchEvent(new Event("pagehide"));
    expect(calls("score")).toHaveLength(1);
    await page.settle();
    expect(page.text()).toContain("1 of 2 scored · 50 %");
  });

  it("has a comment that takes the focus when it is asked for, and not when a sheet comes in", async () => {
    const sheet = (pads: 0 | 1): ScoreSheet => ({
      by: { role: "trainer", id: TRAINER.id, name: TRAINER.name }, comment: "", percent: pads === 1 ? 75 : 50, is_passed: null,
      items: { pads: { score: pads, at: null, comment: "" }, lead: { score: 2, at: null, comment: "" } },
    }); // prettier-ignore
    const told = (pads: 0 | 1) => ({ sheets: [sheet(pads)], differences: [] });
    await open(<Scoring lines={NO_LINES} />, { scores: told(0) });
    await page.click(page.button("Comment on “Attaches the pads”"));
    expect(document.activeElement).toBe(page.field("Comment on “Attaches the pads”"));
    const other = page.button("Comment on “Names a leader”");
    await act(() => other.focus());
    await act(() => {
      device.stored.value = device.stored.value.map((one) => ({ ...one, scores: told(1) }));
    });
    await page.settle();
    expect(page.text()).toContain("2 of 2 scored · 75 %");
    expect(document.activeElement).toBe(other);
  });

  it("is an observer's, too", async () => {
    await open(<Scoring lines={NO_LINES} />, {}, { ...TRAINER, id: "observer", role: "observer" });
    await page.press(page.root.querySelector("fieldset")!, "0");
    await until(() => expect(calls("score")).toMatchObject([[{ items: { pads: { score: 0 } } }]]));
  });
});

describe("plus and delta", () => {
  it("take a bookmark by its key, and give it back", async () => {
    await open(<PlusDelta />, { annotations: [beside("a", { kind: "bookmark", text: "" })] });
    await page.press(named("Went well: Bookmark"), "-");
    expect(calls("changeAnnotation")).toEqual([["a", { at, kind: "delta", text: "Bookmark" }]]);
    expect(page.root.querySelector("[data-column=delta]")?.textContent).toContain("12");
    await page.click(named("Back to the notes: Bookmark"));
    expect(calls("changeAnnotation")[1]).toMatchObject(["a", { kind: "note" }]);
  });

  it("leave a colleague's note to them, and take a line of one's own with its words and moment", async () => {
    await open(<PlusDelta />, { annotations: [beside("a", { by: COLLEAGUE })] });
    await page.click(named("Went well: Nobody leads"));
    expect(calls("changeAnnotation")).toEqual([]);
    expect(calls("annotate")).toEqual([["Nobody leads", "plus"]]);
    expect(device.entries.value[0]?.body["at"]).toBe(at);
  });

  it("are reworded where they stand, and deleted", async () => {
    await open(<PlusDelta />, { annotations: [beside("a", { kind: "plus", text: "Calm" })] });
    await write(page.root.querySelector("[data-column=plus] textarea")!, "Calm voices");
    expect(calls("changeAnnotation")).toEqual([["a", { at, kind: "plus", text: "Calm voices" }]]);
    await page.click(named("Delete “Calm voices”"));
    expect(calls("removeAnnotation")).toEqual([["a"]]);
    expect(page.root.querySelectorAll("[data-column=plus] textarea")).toHaveLength(0);
  });
});

describe("lines to take home", () => {
  it.each([
    ["nobody has read them here yet", null, "Not on this device"],
    ["there are none", { times: [], resuscitation: [], highest_news2: null }, "Nothing was written down."],
  ])("on paper: %s", async (_, figures, said) => {
    const time = signal<CaseTime>({ startedAt: null, zero: NOON, pauses: [] });
    const Printed = () => (usePrintedSheet(NO_LINES, time), null);
    await open(<Printed />, { figures });
    window.dispatchEvent(new Event("beforeprint"));
    expect(document.querySelector(".db-sheet-takeaways")?.textContent).toContain(said);
    window.dispatchEvent(new Event("afterprint"));
  });

  it("are up to three, one after the other, and go when they are emptied", async () => {
    await open(<TakeHome />);
    expect(page.root.querySelectorAll("textarea")).toHaveLength(1);
    for (const [place, text] of ["Name a leader", "Say each dose", "Call early"].entries()) await write(line(`Line ${place + 1}`), text);
    expect(calls("annotate").map(([text, kind]) => `${kind}: ${text}`)).toEqual(["takeaway: Name a leader", "takeaway: Say each dose", "takeaway: Call early"]);
    expect(page.root.querySelectorAll("textarea")).toHaveLength(3);
    await write(line("Line 2"), "");
    expect(calls("removeAnnotation")).toHaveLength(1);
    expect(line("Line 2").value).toBe("Call early");
  });

  it("of a colleague are read, and not written over", async () => {
    await open(<TakeHome />, { annotations: [beside("a", { kind: "takeaway", text: "Theirs", by: COLLEAGUE })] });
    expect(line("Line 1").readOnly).toBe(true);
    expect(line("Line 2").readOnly).toBe(false);
  });

  it("keep what is being typed while a colleague's comes in before it and goes again", async () => {
    await open(<TakeHome />);
    const field = line("Line 1");
    field.focus();
    field.value = "Say each do";
    const theirs = beside("a", { kind: "takeaway", text: "Theirs", by: COLLEAGUE, created_at: new Date(NOON - 60_000).toISOString() });
    const tell = (annotations: Annotation[]) => act(() => {
        device.stored.value = device.stored.value.map((session) => ({ ...session, annotations }));
      });
    await tell([theirs]);
    expect(line("Line 1").value).toBe("Theirs");
    expect(line("Line 2")).toBe(field);
    await write(field, "Say each dose");
    expect(calls("annotate")).toEqual([["Say each dose", "takeaway"]]);
    await tell([]);
    expect(line("Line 1")).toBe(field);
    expect(field.value).toBe("Say each dose");
    await write(field, "Say each dose aloud");
    expect(calls("annotate")).toHaveLength(1);
    expect(calls("changeAnnotation")).toMatchObject([[expect.any(String), { text: "Say each dose aloud" }]]);
  });

  it("keep a field that is emptied, to be written in anew", async () => {
    await open(<TakeHome />);
    const field = line("Line 1");
    field.focus();
    await write(field, "Name a leader");
    await write(field, "");
    expect(calls("removeAnnotation")).toHaveLength(1);
    expect(line("Line 1")).toBe(field);
    await write(field, "Call early");
    expect(calls("annotate").map(([text]) => text)).toEqual(["Name a leader", "Call early"]);
  });

  it("show what came in while they had the focus, once they are left", async () => {
    const said = signal("Call early");
    const told: string[] = [];
    const Line = () => <LineField label="Line" said={said.value} onSaid={(text) => told.push(text)} />;
    await open(<Line />);
    await act(() => line("Line").focus());
    await act(() => {
      said.value = "Call at once";
    });
    await page.settle();
    expect(line("Line").value).toBe("Call early");
    await act(() => line("Line").blur());
    expect(line("Line").value).toBe("Call at once");
    expect(told).toEqual([]);
  });

  it("are kept when their page goes in the middle of a word", async () => {
    await open(<TakeHome />);
    const field = line("Line 1");
    await act(() => {
      field.value = "Call ea";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    page.unmount();
    expect(calls("annotate")).toEqual([["Call ea", "takeaway"]]);
  });
});

describe("the trainees' own words", () => {
  it("are not said to be none before they were read", async () => {
    await open(<TraineesWords />, { reflections: null });
    expect(page.text()).toContain("Being read from the server…");
    expect(page.text()).not.toContain("No trainee has written anything yet");
    await act(() => {
      device.stored.value = device.stored.value.map((one) => ({ ...one, reflections: [] }));
    });
    await page.settle();
    expect(page.text()).toContain("No trainee has written anything yet");
  });

  const reflections = [{ seat_id: null, name: null, words: "I lost the thread", scores: { pads: 0 as const } }];

  it("are hidden until the trainer shows them, and hidden again", async () => {
    await open(<TraineesWords />, { reflections });
    expect(page.text()).not.toContain("I lost the thread");
    await page.click(page.button("Show what 1 trainee wrote"));
    expect(page.text()).toContain("I lost the thread");
    expect(page.text()).toContain("Without a name");
    await page.click(page.button("Hide"));
    expect(page.text()).not.toContain("I lost the thread");
  });
});

describe("a bookmark", () => {
  it("is one tap while it runs, and none after the end", async () => {
    await open(<Bookmark />, { closed_at: null, close_reason: null });
    const button = page.button("Bookmark this moment");
    expect(button.getAttribute("aria-keyshortcuts")).toBe("Alt+Shift+K");
    await page.click(button);
    expect(calls("annotate")).toEqual([["", "bookmark"]]);
    page.unmount();
    await open(<Bookmark />);
    expect(page.root.querySelectorAll("button")).toHaveLength(0);
  });
});
