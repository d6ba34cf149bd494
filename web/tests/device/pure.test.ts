import { describe, expect, it } from "vitest";
import type { StoredSession } from "../../src/device/database/schema";
import { sessionEntity, type EntryState, type MutationKind, type OutboxEntry } from "../../src/device/outbox/entry";
import { verdictOf } from "../../src/device/outbox/judging";
import { mergeEvent, mergePushed, mergeSession } from "../../src/device/sync/merge";
import { LiveState } from "../../src/device/view/liveState";
import { shownSession } from "../../src/device/view/shown";
import { newSessionEdit, type EditState } from "../../src/device/sync/edit";
import { statusOf } from "../../src/device/view/status";
import { fold } from "../../src/patient/fold";
import { ADULT_LIMITS, START_VALUES } from "../../src/patient/signs";
import { pauseOf } from "../../src/wire/backoff";
import { newId } from "../../src/wire/ids";
import type { KnownCode, Session, SessionEvent, VitalsPushed } from "../../src/wire/types";
import { seeded } from "./support/time";

const AT = "2026-11-21T09:30:00.000Z";

const SESSION: Session = {
  id: "s", code: "ABC234", title: "Sepsis", public_title: "", co_trainer_ids: [], limits: ADULT_LIMITS,
  shows_conditions: false, paused_at: null, forked_from: null, trainee_name: null, trainer_id: "t", school_id: "o", template_id: null,
  created_at: AT, updated_at: AT, expires_at: "2026-11-21T13:30:00.000Z", closed_at: null, close_reason: null,
  last_values: START_VALUES, last_seq: 0, version: 1, hall: null, clock_offset_ms: null, lock: null, names_out_at: null,
}; // prettier-ignore

const STORED: StoredSession = mergeSession(undefined, SESSION);

function later(seconds: number): string {
  return new Date(Date.parse(AT) + seconds * 1000).toISOString();
}

function event(seq: number, heart_rate: number | null, extra: Partial<SessionEvent> = {}): SessionEvent {
  return {
    id: `e${seq}`, session_id: "s", seq, kind: "vitals", created_at: later(seq), made_at: later(seq), step: null, marker: null,
    by: { role: "trainer", id: "t", name: "T" },
    heart_rate, systolic: null, diastolic: null, spo2: null, respiratory_rate: null, etco2: null, temperature: null,
    rhythm: null, flags: null, ramp_seconds: 0, text: null, details: null, ...extra,
  }; // prettier-ignore
}

function pushed(seq: number | null, heart_rate: number, at = later(seq ?? 0)): VitalsPushed {
  return {
    session_id: "s",
    seq,
    at,
    last_values: { ...START_VALUES, heart_rate },
    ...(seq === null ? { provisional: true } : {}),
  };
}

let position = 0;
function entry(kind: MutationKind, body: object, state: EntryState = "waiting"): OutboxEntry {
  position += 1;
  return {
    id: `m${position}`, position, entity: sessionEntity("s"), kind, body: { ...body }, author: "t", made_at: later(60 + position),
    state, failures: 0, refusal: null,
  }; // prettier-ignore
}

describe("what the server tells", () => {
  it("never takes a session back: not by an old state, an old event, or one told twice", () => {
    const newest = mergePushed(STORED, pushed(7, 140));
    expect(mergePushed(newest, pushed(6, 99))).toBe(newest);
    expect(mergePushed(newest, pushed(7, 99))).toBe(newest);
    expect(mergeEvent(newest, event(5, 99))).toBe(newest);
    expect(mergeSession(newest, { ...SESSION, last_seq: 3 })).toMatchObject({ last_seq: 7, last_values: { heart_rate: 140 } });
  });

  it("and relays before it is stored moves no seq", () => {
    expect(mergePushed(STORED, pushed(null, 140))).toBe(STORED);
  });

  it("keeps own fields by version and values by seq, each by itself", () => {
    const newest = mergePushed(STORED, pushed(7, 140));
    const renamed = mergeSession(newest, { ...SESSION, title: "Shock", version: 2, last_seq: 3 });
    expect(renamed).toMatchObject({ title: "Shock", version: 2, last_seq: 7 });
    const old = mergeSession(renamed, { ...SESSION, title: "Sepsis", version: 1, last_seq: 9 });
    expect(old).toMatchObject({ title: "Shock", version: 2, last_seq: 9 });
  });

  it("takes over what was changed of a session, whichever field it is", () => {
    const limits = { ...SESSION.limits, spo2: { low: 85, high: null } };
    const change = { public_title: "Man, 71", co_trainer_ids: ["t2"], limits, shows_conditions: true };
    expect(mergeSession(STORED, { ...SESSION, ...change, version: 2 })).toMatchObject(change);
  });

  it("says where a session is at home by version, and when its hall was heard of last by the moment", () => {
    const hall = (seconds: number) => ({ id: "h", name: "North", heard_at: later(seconds) });
    const newest = mergeSession(mergeSession(STORED, { ...SESSION, hall: hall(1) }), { ...SESSION, hall: hall(30) });
    expect(newest.hall).toEqual(hall(30));
    expect(mergeSession(newest, { ...SESSION, hall: hall(9) }).hall).toEqual(hall(30));
    const taken = mergeSession(newest, { ...SESSION, hall: null, clock_offset_ms: 120, version: 2 });
    expect(taken).toMatchObject({ hall: null, clock_offset_ms: 120 });
    expect(mergeSession(taken, { ...SESSION, hall: hall(60) }).hall).toBeNull();
  });

  it("and was stored by an earlier version lacks nothing on the screen", () => {
    const { public_title: _, co_trainer_ids: __, limits: ___, shows_conditions: ____, hall: _____, ...old } = STORED;
    expect(shownSession(old as StoredSession, [], null)).toMatchObject({
      public_title: "", co_trainer_ids: [], limits: ADULT_LIMITS, shows_conditions: false, hall: null,
    });
  });

  it("is folded only without a gap, and in the order of seq whatever order it came in", () => {
    const first = mergeEvent(STORED, event(2, 120));
    expect(first).toMatchObject({ last_seq: 0, last_values: { heart_rate: 75 } });
    expect(shownSession(first, [], null).shown_values.heart_rate).toBe(120);
    const second = mergeEvent(mergeEvent(first, event(4, null, { spo2: 80 })), event(1, 110));
    expect(second).toMatchObject({ last_seq: 2, last_values: { heart_rate: 120, spo2: 98 } });
    expect(mergeEvent(second, event(3, 130))).toMatchObject({ last_seq: 4, ahead: [], last_values: { heart_rate: 130, spo2: 80 } });
  });

  it("in any order and however often comes to the same", () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = seeded(seed);
      const events = Array.from({ length: 12 }, (_, at) =>
        event(at + 1, Math.floor(random() * 200), { ramp_seconds: random() < 0.5 ? 30 : 0 }),
      );
      const states = events.map((_, at) => events.slice(0, at + 1).reduce(mergeEvent, STORED));
      const told = events.flatMap((one, at) => {
        const state = states[at]!;
        const whole = { ...pushed(one.seq, 0), at: one.created_at, last_values: state.last_values };
        return [(s: StoredSession) => mergeEvent(s, one), (s: StoredSession) => mergePushed(s, whole)];
      });
      const shuffled = [...told, ...told].map((f) => [random(), f] as const).sort(([a], [b]) => a - b);
      expect(shuffled.reduce((s, [, f]) => f(s), STORED)).toEqual(states.at(-1));
    }
  });

  it("about the end of a session is known from its last event alone", () => {
    const ended = mergeEvent(STORED, event(1, null, { kind: "lifecycle", details: { reason: "expired" } }));
    expect(ended).toMatchObject({ closed_at: later(1), close_reason: "expired" });
  });
});

describe("a pause that is told", () => {
  it("stands in the session's values, where it was, and ends with what was left", () => {
    const ramping = mergeEvent(STORED, event(1, 135, { ramp_seconds: 60 }));
    const control = (seq: number, action: string) => event(seq, null, { kind: "case", ramp_seconds: null, details: { action } });
    const paused = mergeEvent(ramping, control(21, "paused"));
    // Seq 21 comes at second 21: what is missing in between is asked for.
    expect(paused.paused_at).toBeNull();
    const next = mergeEvent(ramping, { ...control(2, "paused"), created_at: later(21) });
    expect(next.paused_at).toBe(later(21));
    expect(next.last_values.ramps.heart_rate).toEqual({ from: 95, started_at: later(21), seconds: 40 });
    const resumed = mergeEvent(next, { ...control(3, "resumed"), created_at: later(30) });
    expect(resumed.paused_at).toBeNull();
    expect(resumed.last_values.ramps.heart_rate).toEqual({ from: 95, started_at: later(30), seconds: 40 });
  });
});

describe("what the trainer sees", () => {
  it("is the server's word with the waiting entries on top, in order, and without the refused ones", () => {
    const entries = [
      entry("vitals:push", { vitals: { heart_rate: 100, spo2: 90 } }, "sending"),
      entry("vitals:push", { vitals: { heart_rate: 200 } }, "rejected"),
      entry("vitals:push", { vitals: { heart_rate: 110 }, flags: { cpr: true } }),
      entry("vitals:push", { vitals: { spo2: 10 } }, "kept"),
    ];
    const titled = { ...newSessionEdit({ id: "e", session_id: STORED.id, before: STORED, base_version: 7, made_on: 1, author: "a", made_at: later(1), content: { title: "Shock", trainee_name: "" } }), seq: 1 };
    const shown = shownSession(STORED, entries, null, [], [titled, { ...titled, state: "conflict", content: { title: "Not this" } }]);
    expect(shown.shown_values).toMatchObject({ heart_rate: 110, spo2: 90, flags: { cpr: true } });
    expect(shown).toMatchObject({ title: "Shock", trainee_name: null, last_values: START_VALUES });
    expect(shown).not.toHaveProperty("ahead");
  });

  it("of a ramp starts when the trainer pushed it, however often it is computed", () => {
    const one = entry("vitals:push", { vitals: { heart_rate: 135 }, ramp_seconds: 60 });
    const expected = fold(START_VALUES, { vitals: { heart_rate: 135 }, ramp_seconds: 60 }, Date.parse(one.made_at));
    expect(shownSession(STORED, [one], null).shown_values).toEqual(expected);
    expect(expected.ramps.heart_rate).toEqual({ from: 75, started_at: one.made_at, seconds: 60 });
  });

  it("of an end is an end, which a later word of the server's keeps", () => {
    const end = entry("session:close", {});
    expect(shownSession(STORED, [end], null)).toMatchObject({ closed_at: end.made_at, close_reason: "closed" });
    const expired = { ...STORED, closed_at: AT, close_reason: "expired" as const };
    expect(shownSession(expired, [end], null)).toMatchObject({ closed_at: AT, close_reason: "expired" });
  });

  it("while the server's storage is late is what it has relayed, and never runs through it again", () => {
    const live = new LiveState(true);
    const seen = () => live.provisional.value["s"]?.last_values.heart_rate;
    live.happen({ kind: "pushed", message: pushed(null, 100, later(1)) });
    live.happen({ kind: "pushed", message: pushed(null, 110, later(2)) });
    live.happen({ kind: "pushed", message: pushed(null, 105, later(1)) });
    expect(seen()).toBe(110);
    live.happen({ kind: "pushed", message: pushed(8, 100, later(1)) });
    expect(seen()).toBe(110);
    expect(shownSession(STORED, [], live.provisional.value["s"]!)).toMatchObject({
      last_seq: 0,
      shown_values: { heart_rate: 110 },
    });
    live.happen({ kind: "pushed", message: pushed(9, 110, later(2)) });
    expect(seen()).toBeUndefined();
  });
});

describe("the one word", () => {
  const all = { edits: [], isBehind: false, entries: [] as OutboxEntry[], isOnline: true, isTroubled: false };
  it.each([
    [all, { word: "saved", waiting: 0 }],
    [{ ...all, isOnline: false }, { word: "offline", waiting: 0 }],
    [{ ...all, entries: [entry("note:add", {}), entry("note:add", {}, "sending")] }, { word: "saving", waiting: 2 }],
    [{ ...all, isOnline: false, entries: [entry("note:add", {})] }, { word: "offline", waiting: 1 }],
    [{ ...all, isOnline: false, entries: [entry("note:add", {}, "rejected"), entry("note:add", {})] }, { word: "problem", waiting: 1 }],
    [{ ...all, entries: [entry("note:add", {}, "kept")] }, { word: "saved", waiting: 0 }],
    [{ ...all, isTroubled: true }, { word: "problem", waiting: 0 }],
    [{ ...all, edits: [edit("waiting"), edit("waiting")], entries: [entry("note:add", {})] }, { word: "saving", waiting: 3 }],
    [{ ...all, edits: [edit("conflict"), edit("waiting")] }, { word: "problem", waiting: 1 }],
    [{ ...all, edits: [edit("rejected")], isOnline: false }, { word: "problem", waiting: 0 }],
    [{ ...all, isBehind: true }, { word: "saving", waiting: 0 }],
    [{ ...all, isBehind: true, isOnline: false }, { word: "offline", waiting: 0 }],
  ])("of %o is %o", (condition, status) => {
    expect(statusOf(condition)).toEqual(status);
  });
});

function edit(state: EditState): { state: EditState } {
  return { state };
}

describe("a refusal", () => {
  it.each<[KnownCode, string]>([
    ["network", "offline"], ["timeout", "failure"], ["storage_unavailable", "busy"], ["rate_limited", "busy"],
    ["unauthenticated", "login"], ["invalid_fields", "final"], ["session_expired", "final"],
    ["internal_error", "failure"], ["strange_answer", "failure"],
  ])("%s means %s", (code, verdict) => {
    expect(verdictOf({ code, detail: "" })).toBe(verdict);
  }); // prettier-ignore
});

describe("pauses", () => {
  it("grow to a longest one, and differ between devices", () => {
    expect([1, 2, 3, 10, 1000].map((n) => pauseOf(n, 1000, 30_000, () => 0))).toEqual([1000, 2000, 4000, 30_000, 30_000]);
    expect(pauseOf(1, 1000, 30_000, () => 0.999)).toBeCloseTo(500, -1);
  });
});

describe("an id", () => {
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  it("is a random UUID also where the page is no secure context", () => {
    const insecure = { getRandomValues: crypto.getRandomValues.bind(crypto) };
    const ids = Array.from({ length: 100 }, () => newId(insecure));
    expect(ids.every((id) => pattern.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(100);
    expect(newId()).toMatch(pattern);
  });
});
