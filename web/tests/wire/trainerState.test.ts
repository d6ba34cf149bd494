import { describe, expect, it } from "vitest";
import { START_VALUES } from "../../src/patient/signs";
import { NOTHING_TOLD, reduceTrainer, type TrainerHappening } from "../../src/wire/trainerState";
import type { Trainee } from "../../src/wire/types";

const play = (...happenings: TrainerHappening[]) => happenings.reduce(reduceTrainer, NOTHING_TOLD);
const at = (second: number) => new Date(Date.parse("2026-11-21T09:30:00.000Z") + second * 1000).toISOString();
const pushed = (seq: number | null, heart_rate: number, second: number, session_id = "s"): TrainerHappening => ({
  kind: "pushed",
  message: { session_id, seq, at: at(second), last_values: { ...START_VALUES, heart_rate } },
});
const rate = (state: typeof NOTHING_TOLD) => state.provisional["s"]?.last_values.heart_rate;

describe("the trainer's state", () => {
  it("shows the newest of what was relayed until what is stored is as new", () => {
    const relayed = play(pushed(null, 100, 1), pushed(null, 110, 2), pushed(null, 105, 1));
    expect(rate(relayed)).toBe(110);
    expect(rate(reduceTrainer(relayed, pushed(8, 100, 1)))).toBe(110);
    expect(rate(reduceTrainer(relayed, pushed(9, 110, 2)))).toBeUndefined();
  });

  it("forgets what was relayed with the connection, and of one session with its new snapshot", () => {
    const relayed = play(pushed(null, 100, 1), pushed(null, 60, 1, "other"));
    expect(reduceTrainer(relayed, { kind: "lost" }).provisional).toEqual({});
    expect(Object.keys(reduceTrainer(relayed, { kind: "reread", session_id: "s" }).provisional)).toEqual(["other"]);
  });

  it("knows who is in each session, also while the connection is gone", () => {
    const trainees: Trainee[] = [{ seat_id: "t", name: "Lea", connected: true, joined_at: at(0) }];
    const state = play({ kind: "trainees", session_id: "s", trainees }, { kind: "lost" });
    expect(state.trainees).toEqual({ s: trainees });
  });

  it("is the same object while nothing of it has changed", () => {
    for (const nothing of [{ kind: "lost" }, { kind: "reread", session_id: "s" }, pushed(7, 90, 1)] as TrainerHappening[])
      expect(reduceTrainer(NOTHING_TOLD, nothing)).toBe(NOTHING_TOLD);
  });
});
