import { describe, expect, it } from "vitest";
import { peopleOf } from "../../src/dashboard/room/people/presence";
import type { SeatAttendance, Trainee } from "../../src/wire/types";

const at = (time: string) => `2026-11-21T${time}:00.000Z`;
const ms = (time: string) => Date.parse(at(time));
const seat = (seat_id: string, ...spans: [string, string | null][]): SeatAttendance => ({
  seat_id,
  name: seat_id.toUpperCase(),
  spans: spans.map(([from, until]) => ({ joined_at: at(from), left_at: until === null ? null : at(until) })),
});
const trainee = (seat_id: string, connected: boolean, joined_at = at("10:00")): Trainee => ({
  seat_id, name: seat_id.toUpperCase(), connected, joined_at,
});

describe("who is or was in a session", () => {
  it("is there since the last coming, and away since the last leaving", () => {
    const attendance = [seat("a", ["10:00", "10:05"]), seat("b", ["10:00", "10:05"], ["10:20", null])];
    const people = peopleOf({ trainees: [trainee("a", false), trainee("b", true)], attendance, endedAt: null });
    expect(people.map(({ seat_id, state, since }) => [seat_id, state, since])).toEqual([
      ["b", "here", ms("10:20")],
      ["a", "away", ms("10:05")],
    ]);
    expect(people[0]?.spans).toEqual([{ from: ms("10:00"), until: ms("10:05") }, { from: ms("10:20"), until: null }]);
  });

  it("has no moment where what was read is older than what was told", () => {
    const attendance = [seat("a", ["10:00", null]), seat("b", ["10:00", "10:05"])];
    const people = peopleOf({ trainees: [trainee("a", false), trainee("b", true)], attendance, endedAt: null });
    expect(people.map(({ seat_id, state, since }) => [seat_id, state, since])).toEqual([
      ["b", "here", null],
      ["a", "away", null],
    ]);
  });

  it("never takes the coming for the leaving, and takes it for the coming until more is read", () => {
    const people = peopleOf({ trainees: [trainee("a", false), trainee("b", true)], attendance: null, endedAt: null });
    expect(people.map(({ state, since }) => [state, since])).toEqual([["here", ms("10:00")], ["away", null]]);
  });

  it("keeps those whose seat was taken away", () => {
    const attendance = [seat("a", ["10:00", "10:05"]), seat("b", ["10:01", null])];
    const people = peopleOf({ trainees: [trainee("b", true)], attendance, endedAt: null });
    expect(people.map(({ seat_id, state, since }) => [seat_id, state, since])).toEqual([
      ["b", "here", ms("10:01")],
      ["a", "removed", ms("10:05")],
    ]);
  });

  it("has nobody there after the end, whatever was told or read before it", () => {
    const attendance = [seat("a", ["10:00", null]), seat("b", ["10:01", "10:05"])];
    const people = peopleOf({ trainees: [trainee("a", true), trainee("c", true)], attendance, endedAt: ms("11:00") });
    expect(people.map(({ seat_id, state, spans }) => [seat_id, state, spans])).toEqual([
      ["a", "over", [{ from: ms("10:00"), until: ms("11:00") }]],
      ["b", "over", [{ from: ms("10:01"), until: ms("10:05") }]],
      ["c", "over", []],
    ]);
  });

  it("does not say that somebody was removed before it was told who is there", () => {
    const people = peopleOf({ trainees: null, attendance: [seat("a", ["10:00", null])], endedAt: null });
    expect(people.map(({ state, since }) => [state, since])).toEqual([["unknown", null]]);
  });
});
