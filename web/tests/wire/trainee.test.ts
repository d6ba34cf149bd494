import { describe, expect, it, vi } from "vitest";
import { ADULT_LIMITS } from "../../src/patient/signs";
import { ActionQueue, MOST_WAITING } from "../../src/wire/actionQueue";
import { BEFORE_JOINING, reduceTrainee, type TraineeHappening, type TraineeState } from "../../src/wire/traineeState";
import type { PublicSession, KnownCode, SessionJoined, VitalsPushed } from "../../src/wire/types";
import { NOW, patient } from "../monitor/patient";

const iso = (at: number) => new Date(at).toISOString();
const session = (change: Partial<PublicSession> = {}): PublicSession => ({
  id: "s1",
  code: "ABC234",
  title: "Sepsis",
  shows_conditions: false,
  paused_at: null,
  trainee_name: null,
  expires_at: iso(NOW + 3_600_000),
  closed_at: null,
  close_reason: null,
  last_values: patient(),
  last_seq: 4,
  limits: ADULT_LIMITS,
  ...change,
});
const joined = (change: Partial<PublicSession> = {}): { kind: "joined"; message: SessionJoined } => ({
  kind: "joined",
  message: { session: session(change), seat: { id: "t1", token: "secret", name: "Jo" }, server_time: iso(NOW) },
});
const pushed = (
  seq: number | null,
  heart_rate: number,
  after = 1000,
): { kind: "pushed"; message: VitalsPushed } => ({
  kind: "pushed",
  message: { session_id: "s1", seq, at: iso(NOW + after), last_values: patient({ heart_rate }) },
});
const play = (...happenings: TraineeHappening[]): TraineeState => happenings.reduce(reduceTrainee, BEFORE_JOINING);
const rate = (state: TraineeState) => state.last_values?.heart_rate;

describe("the trainee's state", () => {
  it("is live from the moment of joining, with the session as it is then", () => {
    const state = play(joined());
    expect(state).toMatchObject({ link: "live", seq: 4, at: NOW });
    expect(rate(state)).toBe(75);
  });

  it("keeps vitals that were pushed while it was joining, and the session as it is then", () => {
    const early = play(pushed(5, 110), joined());
    expect([rate(early), early.seq, early.session?.title]).toEqual([110, 5, "Sepsis"]);
    const again = play(joined(), pushed(6, 120), { kind: "lost" }, joined({ title: "Renamed", last_seq: 5 }));
    expect([rate(again), again.seq, again.session?.title]).toEqual([120, 6, "Renamed"]);
  });

  it("takes the newest by seq, and nothing older", () => {
    expect(rate(play(joined(), pushed(6, 100), pushed(5, 90)))).toBe(100);
    expect(play(joined(), pushed(6, 100))).toMatchObject({ seq: 6, at: NOW + 1000 });
  });

  it("shows what is provisional, without moving seq back or forth", () => {
    const state = play(joined(), pushed(6, 100), pushed(null, 110));
    expect(rate(state)).toBe(110);
    expect(state.seq).toBe(6);
    expect(rate(reduceTrainee(state, pushed(7, 120)))).toBe(120);
  });

  it("does not run through what waited once more when it is stored", () => {
    let state = play(joined(), pushed(null, 110, 2000), pushed(null, 120, 3000));
    state = reduceTrainee(state, pushed(5, 110, 2000));
    expect([rate(state), state.seq]).toEqual([120, 5]);
    state = reduceTrainee(state, pushed(6, 121, 3000));
    expect([rate(state), state.seq]).toEqual([121, 6]);
    expect(rate(reduceTrainee(state, pushed(6, 130, 4000)))).toBe(121);
  });

  it("takes back what was not stored in the end", () => {
    const state = play(joined(), pushed(6, 100), pushed(null, 110, 2000), pushed(6, 100, 2000));
    expect([rate(state), state.seq, state.provisionalAt]).toEqual([100, 6, null]);
  });

  it("does not fall behind what it has when it joined while something was pushed", () => {
    const state = play(joined(), pushed(6, 100), { kind: "lost" }, joined({ last_seq: 5 }));
    expect(rate(state)).toBe(100);
    expect(state.link).toBe("live");
  });

  it("does not call old values new after a reconnect", () => {
    expect(play(joined(), pushed(6, 100), { kind: "lost" }, joined({ last_seq: 6 })).at).toBe(NOW + 1000);
  });

  it("ignores another session's values", () => {
    const other = pushed(9, 100);
    other.message.session_id = "s2";
    expect(rate(play(joined(), other))).toBe(75);
  });

  it("is lost and found again, and keeps what it shows meanwhile", () => {
    const lost = play(joined(), pushed(6, 100), { kind: "lost" });
    expect(lost.link).toBe("lost");
    expect(rate(lost)).toBe(100);
    expect(reduceTrainee(lost, { kind: "heard" }).link).toBe("live");
  });

  it("stays connecting, not lost, before it ever was live", () => {
    expect(play({ kind: "lost" }).link).toBe("connecting");
  });

  it("ends for good when the session does", () => {
    const over = play(joined(), { kind: "closed", reason: "expired" });
    expect(over).toMatchObject({ link: "over", ended: "session_expired" });
    expect(reduceTrainee(over, pushed(9, 100))).toBe(over);
    expect(play(joined(), { kind: "closed", reason: "closed" }).ended).toBe("session_closed");
  });

  it.each<[KnownCode, string]>([
    ["not_found", "not_found"],
    ["session_closed", "session_closed"],
    ["session_expired", "session_expired"],
    ["removed", "removed"],
    ["full", "full"],
    ["invalid_fields", "refused"],
  ])("ends when the server says %s", (code, ended) => {
    expect(play({ kind: "refused", code, until: 0 })).toMatchObject({ link: "over", ended });
  });

  it.each<KnownCode>(["rate_limited", "storage_unavailable", "internal_error", "strange_answer"])("keeps trying after %s", (code) => {
    const state = play({ kind: "refused", code, until: NOW + 5000 });
    expect(state).toMatchObject({ link: "connecting", ended: null, refusal: { code, until: NOW + 5000 } });
    expect(reduceTrainee(state, joined()).refusal).toBeNull();
  });

  it("follows the session's own fields", () => {
    const state = play(joined(), { kind: "updated", session: session({ title: "Sepsis, group 2" }) });
    expect(state.session?.title).toBe("Sepsis, group 2");
    expect(rate(state)).toBe(75);
  });
});

describe("actions", () => {
  const ok = { ok: true, value: { event: {} } } as never;
  const refused = (code: string) => ({ ok: false, refusal: { code, detail: "" } }) as never;

  it("wait for the line, then go in order, each under its own id", async () => {
    const queue = new ActionQueue(() => NOW);
    queue.add("nibp_start", {});
    queue.add("marker", { n: 1 });
    const sent: string[] = [];
    await queue.send(async (action) => (sent.push(action.action), ok), () => false);
    expect(sent).toEqual([]);
    await queue.send(async (action) => (sent.push(action.action), ok), () => true);
    expect(sent).toEqual(["nibp_start", "marker"]);
    expect(queue.waiting.value).toBe(0);
  });

  it("say when they were done, not when they were sent", async () => {
    let now = NOW;
    const queue = new ActionQueue(() => now);
    for (const seconds of [2, 3, 4]) {
      now = NOW + seconds * 1000;
      queue.add("marker", {});
    }
    now = NOW + 600_000;
    const made: string[] = [];
    await queue.send(async (action) => (made.push(action.made_at), ok), () => true);
    expect(made).toEqual([2, 3, 4].map((seconds) => iso(NOW + seconds * 1000)));
  });

  it("are sent again under the same id when no answer came", async () => {
    const queue = new ActionQueue(() => NOW, 1);
    queue.add("marker", {});
    const ids: string[] = [];
    await queue.send(
      async (action) => {
        ids.push(action.id);
        return ids.length === 1 ? refused("timeout") : ok;
      },
      () => true,
    );
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it("stay when the line breaks in between", async () => {
    const queue = new ActionQueue(() => NOW, 1);
    queue.add("marker", {});
    let isLive = true;
    await queue.send(
      async () => {
        isLive = false;
        return refused("network");
      },
      () => isLive,
    );
    expect(queue.waiting.value).toBe(1);
  });

  it("wait out a storm and drop what is refused for good", async () => {
    const queue = new ActionQueue(() => NOW, 1);
    queue.add("marker", {});
    queue.add("nibp_start", {});
    const emit = vi.fn().mockResolvedValueOnce(refused("storage_unavailable"));
    emit.mockResolvedValueOnce(refused("invalid_fields")).mockResolvedValueOnce(ok);
    await queue.send(emit, () => true);
    expect(emit.mock.calls.map(([action]) => action.action)).toEqual(["marker", "marker", "nibp_start"]);
    expect(queue.waiting.value).toBe(0);
  });

  it("say no when a hundred wait", () => {
    const queue = new ActionQueue(() => NOW);
    for (let i = 0; i < MOST_WAITING; i += 1) expect(queue.add("marker", {})).toBe(true);
    expect(queue.add("marker", {})).toBe(false);
  });
});
