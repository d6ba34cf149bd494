import { describe, expect, it } from "vitest";
import { attemptRows, type AttemptFigures } from "../../src/dashboard/debrief/again/attemptRows";
import { attemptNumber, attemptsWith, type Attempt } from "../../src/dashboard/debrief/again/attempts";
import { likeliest, againMoments } from "../../src/dashboard/debrief/again/moments";
import type { RecordLine } from "../../src/dashboard/room/record/record";
import type { SessionEvent } from "../../src/wire/types";

const made = (id: string, minute: number, from: string | null = null): Attempt => ({
  id,
  created_at: `2026-11-21T12:${String(minute).padStart(2, "0")}:00.000Z`,
  forked_from: from === null ? null : { session_id: from, seq: 3 },
});

const ids = (attempts: readonly Attempt[]) => attempts.map(({ id }) => id);

describe("the attempts of one team", () => {
  const all = [made("third", 30, "second"), made("other", 5), made("second", 20, "first"), made("first", 10), made("beside", 25, "first")];

  it("are found from whichever of them, in the order in which they were made", () => {
    for (const id of ["first", "second", "beside", "third"])
      expect(ids(attemptsWith(id, all))).toEqual(["first", "second", "beside", "third"]);
    expect(ids(attemptsWith("other", all))).toEqual(["other"]);
    expect(attemptsWith("unknown", all)).toEqual([]);
    expect(all.map(({ id }) => attemptNumber(id, all))).toEqual([4, 1, 2, 1, 3]);
  });

  it("belong together where the first of them is not on this device", () => {
    const known = all.filter(({ id }) => id !== "first");
    expect(ids(attemptsWith("third", known))).toEqual(["second", "beside", "third"]);
    expect(attemptNumber("second", known)).toBe(2);
  });

  it("end somewhere, whatever a record says of itself", () => {
    const circle = [made("a", 1, "b"), made("b", 2, "a"), made("c", 3, "c")];
    for (const { id } of circle) expect(ids(attemptsWith(id, circle))).toContain(id);
  });
});

function line(seq: number, part: Partial<RecordLine>): RecordLine {
  const usual = { kind: "vitals", step: null, marker: null, patch: {}, stored_at: seq * 1000, isWaiting: false };
  return { ...usual, event: { seq } as SessionEvent, ...part } as RecordLine;
}

describe("the moments that are offered", () => {
  const lines = [
    line(1, { patch: { vitals: { spo2: 97 } } }),
    line(2, { step: "well" }),
    line(3, { patch: { vitals: { spo2: 90 } } }),
    line(4, { step: "shock" }),
    line(5, { kind: "note", marker: "adrenaline", patch: null }),
    line(6, { kind: "note", text: "Well done", patch: null }),
    line(7, { patch: { rhythm: "asystole" } }),
    line(8, { patch: { flags: { pulseless: true } } }),
    line(9, { event: null, step: "better" }),
  ];

  it("are steps, rhythms, what happened and the beginning, the newest first", () => {
    expect(againMoments(lines).map(({ seq }) => seq)).toEqual([8, 7, 5, 4, 2, 1]);
  });

  it("begin with the step that was played last, or else with the newest", () => {
    expect(likeliest(againMoments(lines))?.seq).toBe(4);
    expect(likeliest(againMoments(lines.filter(({ step }) => step === null)))?.seq).toBe(8);
    expect(likeliest([])).toBeNull();
  });

  it("are few, and the beginning is among them", () => {
    const many = Array.from({ length: 60 }, (_, place) => line(place + 1, { patch: { rhythm: "sinus" } }));
    const offered = againMoments(many).map(({ seq }) => seq);
    expect(offered).toHaveLength(21);
    expect([offered[0], offered.at(-1)]).toEqual([60, 1]);
  });
});

describe("attempts side by side", () => {
  it("have a column for each time of any of them, and the share of all their time without a pulse", () => {
    const first: AttemptFigures = {
      times: [
        { marker: "defibrillation", from: "arrest", seconds: 163, is_met: false },
        { marker: "adrenaline", from: "start", seconds: null, is_met: false },
      ],
      resuscitation: [
        { seconds: 100, compressions_seconds: 50 },
        { seconds: 100, compressions_seconds: 70 },
      ],
    };
    const third: AttemptFigures = {
      times: [
        { marker: "rhythm_check", from: "start", seconds: 40, is_met: null },
        { marker: "defibrillation", from: "arrest", seconds: 87, is_met: true },
      ],
      resuscitation: [],
    };
    expect(attemptRows([first, null, third])).toEqual({
      columns: [
        { marker: "defibrillation", from: "arrest" },
        { marker: "adrenaline", from: "start" },
        { marker: "rhythm_check", from: "start" },
      ],
      rows: [
        { times: [{ seconds: 163, isMet: false }, { seconds: null, isMet: false }, null], compressions: 0.6 },
        null,
        { times: [{ seconds: 87, isMet: true }, null, { seconds: 40, isMet: null }], compressions: null },
      ],
    });
  });
});
