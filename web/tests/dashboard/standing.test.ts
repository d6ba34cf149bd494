import { expect, it } from "vitest";
import { annotationLines } from "../../src/dashboard/room/beside/annotationLines";
import { ownerName, standingOf } from "../../src/dashboard/room/controls/standing";
import { anEntry, anEvent, TRAINER } from "./fakeDevice";

const by = (id: string, name: string) => ({ role: "trainer" as const, id, name });
const taken = (seq: number, id: string) =>
  anEvent({ id: `e${seq}`, seq, kind: "case", details: { action: "controls_taken" }, by: by(id, id) });

it("tells each one's part in a session", () => {
  const of = (given: Partial<Parameters<typeof standingOf>[0]>) =>
    standingOf({ relation: "owner", isOver: false, myId: "me", events: [], hall: null, ...given })?.kind ?? null;
  expect(of({})).toBeNull();
  expect(of({ relation: "observer" })).toBe("observer");
  expect(of({ relation: "trainer" })).toBe("colleague");
  expect(of({ relation: null })).toBeNull();
  expect(of({ relation: "trainer", isOver: true })).toBe("over");
  expect(of({ events: [taken(3, "paul")] })).toBe("shared");
  expect(of({ relation: "co_trainer", events: [taken(3, "me")] })).toBeNull();
  const hall = { id: "h", name: "North", heard_at: "2026-11-21T12:00:00.000Z" };
  expect(of({ hall })).toBe("elsewhere");
  expect(of({ hall, isOver: true })).toBe("over");
  expect(of({ hall, relation: null })).toBeNull();
});

it("names the last one who took the controls, and whose session it is", () => {
  const events = [anEvent({ id: "n", kind: "note", by: by("owner", "Marie") }), taken(3, "paul"), taken(4, "lea"), taken(5, "me")];
  expect(standingOf({ relation: "owner", isOver: false, myId: "me", events, hall: null })).toMatchObject({ taken: { seq: 4 } });
  expect(ownerName("owner", events)).toBe("Marie");
  expect(ownerName("owner", [])).toBeNull();
});

it("lists annotations by their moment, those that wait among them, each once", () => {
  const note = (id: string, at: string) => ({
    id, session_id: "session-1", at, kind: "note" as const, text: id, marker: null, by: by("t", "Marie"),
    created_at: at, updated_at: at, deleted_at: null, version: 1,
  });
  const body = { at: "2026-11-21T12:01:00.000Z", kind: "note", text: "waits" };
  const entries = [
    anEntry({ id: "w", kind: "annotation:add", body }),
    anEntry({ id: "a", kind: "annotation:add", body }),
    anEntry({ id: "r", kind: "annotation:add", body, state: "rejected" }),
    anEntry({ id: "n", kind: "note:add", body: { text: "an event" } }),
  ];
  const annotations = [note("a", "2026-11-21T12:00:00.000Z"), note("b", "2026-11-21T12:02:00.000Z")];
  expect(annotationLines(annotations, entries, TRAINER).map(({ id, who, isWaiting }) => [id, who, isWaiting])).toEqual([
    ["b", "Marie", false],
    ["w", TRAINER.name, true],
    ["a", "Marie", false],
  ]);
  // A marker that came after the end has its name, not its key.
  const marker = { ...note("m", "2026-11-21T12:00:00.000Z"), text: "", marker: "adrenaline" };
  expect(annotationLines([marker], [], TRAINER)[0]?.text).toBe("Adrenaline given");
});
