import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Api } from "../../src/wire/api";
import { ServerClock } from "../../src/wire/clock";
import { newId } from "../../src/wire/ids";
import { realTimers, type Timers } from "../../src/wire/timers";
import { takeSeat, type TraineeConnection } from "../../src/wire/traineeConnection";
import { openTrainerConnection, type TrainerHandlers } from "../../src/wire/trainerConnection";
import type { Session } from "../../src/wire/types";
import { CookieJar, DEMO, RealServer } from "../device/support/real";
import { VirtualTimers } from "../device/support/time";
import { Filter, type FilterMode } from "./filter";
import { until } from "../until";

/** Both namespaces of the real server, over real sockets and over what some networks make of them. */

let server: RealServer;
let jar: CookieJar;
let session: Session;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  server = await RealServer.start();
  jar = new CookieJar(server.url);
  const api = new Api({ fetch: jar.fetch as typeof fetch });
  await api.login(DEMO.email, DEMO.password);
  const opened = await api.openSession({ id: newId(), title: "Sepsis" });
  if (!opened.ok) throw new Error(opened.refusal.detail);
  session = opened.value;
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const end of ends.splice(0).toReversed()) await end();
});

afterAll(() => server?.stop());


async function through(mode: FilterMode): Promise<Filter> {
  const filter = await Filter.before(server.url, mode);
  ends.push(() => filter.close());
  return filter;
}

interface Heard extends TrainerHandlers {
  told: string[];
  failures: number;
}

function listening(): Heard {
  const told: string[] = [];
  const heard: Heard = {
    told,
    failures: 0,
    connected: () => told.push("connected"),
    disconnected: (isFinal) => told.push(isFinal ? "ended" : "disconnected"),
    refused: (refusal) => told.push(refusal.code),
    failed: () => (heard.failures += 1),
    watched: () => told.push("watched"),
    pushed() {},
    added() {},
    trainees() {},
    trainers() {},
    session() {},
    edited() {},
  };
  return heard;
}

/** What is swallowed is given up soon. What passes has its time: a busy machine answers late. */
const GIVEN_UP_MS = 1_500;

function asTrainer(url: string, { timers = realTimers, ...more }: { timers?: Timers; connectTimeoutMs?: number } = {}) {
  const handlers = listening();
  const clock = new ServerClock();
  const connection = openTrainerConnection({
    url, clock, timers, random: Math.random, handlers, ...more,
    io: { withCredentials: false, extraHeaders: { Cookie: jar.headers.Cookie, Origin: url } },
  }); // prettier-ignore
  ends.push(() => connection.close());
  connection.watch(session.id, () => 0);
  connection.connect();
  return { connection, handlers, clock };
}

function asTrainee(url: string, more: { code?: string; connectTimeoutMs?: number } = {}): TraineeConnection {
  const seat = takeSeat({ url, code: session.code, name: "Lea", seat: null, onJoined() {}, ...more });
  ends.push(() => seat.leave());
  return seat;
}

/** For what a trainee's connection waits for; sockets keep their own time. */
function virtualTime(): VirtualTimers {
  const timers = new VirtualTimers();
  vi.spyOn(realTimers, "after").mockImplementation((ms, run) => timers.after(ms, run));
  return timers;
}

describe.each(["swallowed", "unanswered"] as const)("where a WebSocket is %s", (mode) => {
  it("both namespaces are entered by long-polling, and what is said arrives", async () => {
    const filter = await through(mode);
    const trainer = asTrainer(filter.url, { connectTimeoutMs: GIVEN_UP_MS });
    const trainee = asTrainee(filter.url, { connectTimeoutMs: GIVEN_UP_MS });
    await until(() => expect(trainer.handlers.told).toEqual(["connected", "watched"]));
    expect(trainer.handlers.failures).toBeGreaterThan(0);
    await until(() => expect(trainee.state.value.link).toBe("live"));
    expect(filter.websockets).toBeGreaterThan(0);
    const sent = { id: newId(), session_id: session.id, vitals: { heart_rate: 100 + Math.floor(Math.random() * 99) } };
    expect(await trainer.connection.send("vitals:push", sent)).toMatchObject({ ok: true });
    await until(() => expect(trainee.state.value.last_values?.heart_rate).toBe(sent.vitals.heart_rate));
    expect(trainee.takeAction("marker")).toBe(true);
    await until(() => expect(trainee.waiting.value).toBe(0));
  });
});

describe("a connection", () => {
  it("comes back after it was cut, watches again, and takes its seat again", async () => {
    const filter = await through("open");
    const { handlers } = asTrainer(filter.url);
    const trainee = asTrainee(filter.url);
    await until(() => expect(handlers.told).toEqual(["connected", "watched"]));
    await until(() => expect(trainee.state.value.link).toBe("live"));
    filter.cut();
    await until(() => expect(trainee.state.value.link).toBe("lost"));
    await until(() => expect(handlers.told).toEqual(["connected", "watched", "disconnected", "connected", "watched"]));
    await until(() => expect(trainee.state.value.link).toBe("live"));
  });

  it("of a trainer is told nothing of a session that was left before it could be asked for", async () => {
    const { connection, handlers } = asTrainer(server.url);
    await until(() => expect(handlers.told).toEqual(["connected", "watched"]));
    const added: string[] = [];
    handlers.added = (event) => void added.push(event.session_id);
    const api = new Api({ fetch: jar.fetch as typeof fetch });
    const opened = await api.openSession({ id: newId(), title: "Left" });
    if (!opened.ok) throw new Error(opened.refusal.detail);
    const push = (session_id: string) => connection.send("vitals:push", { id: newId(), session_id, vitals: { spo2: 91 } });
    let read: (afterSeq: number) => void = () => {};
    connection.watch(opened.value.id, () => new Promise((resolve) => (read = resolve)));
    connection.unwatch(opened.value.id);
    read(0);
    expect(await push(opened.value.id)).toMatchObject({ ok: true });
    expect(await push(session.id)).toMatchObject({ ok: true });
    await until(() => expect(added).toContain(session.id));
    expect(added).toEqual([session.id]);
  });

  it("of a trainee says where its session went, also to whoever comes back to it later", async () => {
    const api = new Api({ fetch: jar.fetch as typeof fetch });
    const opened = await api.openSession({ id: newId(), vitals: { spo2: 90 } });
    if (!opened.ok) throw new Error(opened.refusal.detail);
    const { id, code } = opened.value;
    const told: [string, string | null][] = [];
    const join = (seat: string | null, joinCode = code) => {
      const line = takeSeat({
        url: server.url, code: joinCode, name: "Lea", seat, onJoined() {}, onMoved: (to, token) => told.push([to.code, token]),
      }); // prettier-ignore
      ends.push(() => line.leave());
      return line;
    };
    const trainee = join(null);
    await until(() => expect(trainee.state.value.link).toBe("live"));
    const forked = await api.fork(id, { id: newId(), after_seq: 1, moves_trainees: true });
    if (!forked.ok) throw new Error(forked.refusal.detail);
    await until(() => expect(told).toHaveLength(1));
    expect(trainee.state.value).toMatchObject({ link: "over", ended: null, movedTo: { code: forked.value.code, name: "Lea" } });
    const token = told[0]?.[1] ?? null;
    const back = join(token);
    await until(() => expect(back.state.value.movedTo?.code).toBe(forked.value.code));
    // By the old code alone, too.
    const late = join(null);
    await until(() => expect(late.state.value).toMatchObject({ ended: null, movedTo: { code: forked.value.code, name: "Lea" } }));
    const there = join(token, forked.value.code);
    await until(() => expect(there.state.value).toMatchObject({ link: "live", session: { id: forked.value.id } }));
  });

  it("of a trainee ends when the code leads nowhere, and asks no more", async () => {
    const timers = virtualTime();
    const filter = await through("open");
    const trainee = asTrainee(filter.url, { code: "AAAAAA" });
    await until(() => expect(trainee.state.value).toMatchObject({ link: "over", ended: "not_found" }));
    const tries = filter.websockets;
    await timers.pass(60_000);
    expect(filter.websockets).toBe(tries);
  });

  it("of a trainer whose login has ended waits until somebody calls", async () => {
    const filter = await through("open");
    const cookie = jar.headers.Cookie;
    jar.headers.Cookie = "";
    const timers = new VirtualTimers();
    const { handlers, connection } = asTrainer(filter.url, { timers });
    jar.headers.Cookie = cookie;
    await until(() => expect(handlers.told).toEqual(["unauthenticated"]));
    connection.hurry();
    await timers.pass(60_000);
    expect(filter.websockets).toBe(1);
    connection.connect();
    await until(() => expect(handlers.told).toEqual(["unauthenticated", "unauthenticated"]));
  });

  it.each([false, true])("tells a trainee of silence, and of the first word after it (clock set back: %s)", async (isSetBack) => {
    const timers = virtualTime();
    const filter = await through("open");
    const trainee = asTrainee(filter.url);
    await until(() => expect(trainee.state.value.link).toBe("live"));
    // The answers to the first readings of the clock come before it is held.
    for (let reading = 0; reading < 5; reading++) await timers.pass(200);
    await until(() => expect(Math.abs(trainee.clock.now() - Date.now())).toBeLessThan(10_000));
    filter.hold();
    // The device's clock was set back: that it has not come round again to when something was heard says nothing.
    const now = Date.now() - (isSetBack ? 3_600_000 : 0);
    // What was on its way already may still come.
    for (let second = 1; trainee.state.value.link === "live" && second <= 60; second++) {
      vi.spyOn(Date, "now").mockReturnValue(now + second * 1000);
      await timers.pass(1_000);
    }
    expect(trainee.state.value.link).toBe("lost");
    filter.release();
    // The server's next ping.
    await until(() => expect(trainee.state.value.link).toBe("live"));
  });
});

describe("the clock", () => {
  it("is the server's soon after the connection has opened, whatever the device's own says", async () => {
    const real = Date.now.bind(Date);
    vi.spyOn(Date, "now").mockImplementation(() => real() - 3_600_000);
    const { clock, handlers } = asTrainer(server.url);
    await until(() => expect(handlers.told).toContain("connected"));
    await until(() => expect(Math.abs(clock.now() - real())).toBeLessThan(10_000));
  });
});
