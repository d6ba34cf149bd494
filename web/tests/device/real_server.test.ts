import "fake-indexeddb/auto";
import { io, type Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { openBroadcastChannel } from "../../src/device/tabs/channel";
import { openDevice, type OpenDevice } from "../../src/device/view/open";
import { Api } from "../../src/wire/api";
import { realTimers } from "../../src/wire/timers";
import { openTrainerConnection, type TrainerConnection } from "../../src/wire/trainerConnection";
import { FakeLocks } from "./support/locks";
import { CookieJar, DEMO, RealServer, Wire } from "./support/real";
import { until } from "../until";

/** Against the server itself: what the doubles of the other tests promise is what it does. */

let server: RealServer;
let wire: Wire;
let jar: CookieJar;
let device: OpenDevice;
let browser = 0;
let woke = () => {};
/** Of the tab that was opened last. */
let socket: TrainerConnection;
const open: OpenDevice[] = [];

beforeAll(async () => {
  server = await RealServer.start();
});

afterAll(() => server?.stop());

beforeEach(async () => {
  wire = await Wire.to(server.url);
  jar = new CookieJar(wire.url);
  browser += 1;
  device = tab();
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await wire.close();
});

const locks = new Map<number, FakeLocks>();

function tab(): OpenDevice {
  const mine = locks.get(browser) ?? new FakeLocks();
  locks.set(browser, mine);
  const made = openDevice({
    name: `real-${browser}`,
    stores: null,
    api: new Api({ fetch: jar.fetch as typeof fetch, timeoutMs: 60_000 }),
    openConnection: (clock, handlers) =>
      (socket = openTrainerConnection({
        clock, handlers, timers: realTimers, random: Math.random, url: wire.url, io: asBrowser(), ackTimeoutMs: 60_000,
      })),
    timers: realTimers,
    random: Math.random,
    openChannel: openBroadcastChannel,
    recordRoom: () => Promise.resolve(2 ** 20),
    isNetworkUp: () => true,
    locks: mine.asLockManager(),
    storage: null,
    listen: (heard) => {
      woke = heard.woke;
      return () => {};
    },
    persist() {},
  });
  open.push(made);
  return made;
}

/** Outside of a browser the library has a cookie jar of its own, which knows nothing of ours. */
function asBrowser() {
  return { withCredentials: false, extraHeaders: { ...jar.headers } };
}

const saved = () => until(() => expect(device.status.value).toEqual({ word: "saved", waiting: 0 }));

async function loggedIn(): Promise<void> {
  expect(await device.login(DEMO.email, DEMO.password)).toBeNull();
  await until(() => expect(device.templates.value.length).toBeGreaterThan(0));
}

/** What the server has, read by somebody else. */
async function eventsOf(sessionId: string) {
  const answer = await new Api({ fetch: jar.fetch as typeof fetch }).events(sessionId, 0);
  if (!answer.ok) throw new Error(answer.refusal.detail);
  return answer.value.items;
}

it("logs in, and tells a wrong password", async () => {
  expect(await device.login(DEMO.email, "wrong")).toMatchObject({ code: "unauthenticated" });
  expect(device.me.value).toBeNull();
  await loggedIn();
  expect(device.me.value).toMatchObject({ email: DEMO.email });
  expect(Math.abs(device.serverNow() - Date.now())).toBeLessThan(10_000);
});

it("offline in the middle, ten pushes, a reload, online: all arrive once and in order", async () => {
  await loggedIn();
  const template = device.templates.value.find((one) => Object.keys(one.vitals).length > 0)!;
  const id = await device.openSession({ template_id: template.id, trainee_name: "Group 1" });
  expect(device.session(id).value).toMatchObject({ title: template.title, code: null });
  const guessed = device.session(id).value!.shown_values;
  device.watch(id);
  expect(device.events(id).value).toEqual([]);
  await saved();
  await until(() => expect(device.session(id).value?.code).toMatch(/^[A-Z2-9]{6}$/));
  expect(device.session(id).value?.shown_values).toEqual(guessed);
  // Until it stands, all goes by HTTP.
  await until(() => expect(socket.isConnected).toBe(true));
  const posts = jar.posts;
  await device.push(id, { vitals: { heart_rate: 150 }, ramp_seconds: 30 });
  await device.addNote(id, "chest pain");
  await saved();
  expect(jar.posts, "the socket is the fast way").toBe(posts);

  wire.isUp = false;
  for (let rate = 100; rate < 110; rate++) await device.push(id, { vitals: { heart_rate: rate } });
  await until(() => expect(device.status.value).toEqual({ word: "offline", waiting: 10 }));
  await device.close();
  device = tab();
  device.watch(id);
  expect(device.events(id).value).toEqual([]);
  await until(() => expect(device.session(id).value?.shown_values.heart_rate).toBe(109));
  expect(device.status.value.waiting).toBe(10);
  wire.isUp = true;
  woke();
  await saved();

  const events = await eventsOf(id);
  expect(events.map((event) => event.heart_rate).slice(1)).toEqual([150, null, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, at) => at + 1));
  await until(() => expect(device.events(id).value).toEqual(events));
  const { ok, ...told } = (await new Api({ fetch: jar.fetch as typeof fetch }).session(id)) as { ok: boolean; value?: { last_values: object } };
  expect(ok && told.value?.last_values).toEqual(device.session(id).value?.shown_values);
});

it("opened offline, worked in, edited and ended: the server has it all", async () => {
  await loggedIn();
  wire.isUp = false;
  const id = await device.openSession({ title: "In the cellar" });
  await device.push(id, { vitals: { spo2: 85 }, rhythm: "svt", flags: { cpr: true } });
  await device.changeSession(id, { title: "In the cellar, again", trainee_name: "Group 2" });
  await device.endSession(id);
  await until(() => expect(device.status.value).toEqual({ word: "offline", waiting: 4 }));
  const shown = device.session(id).value!.shown_values;
  wire.isUp = true;
  woke();
  await saved();
  expect(device.session(id).value).toMatchObject({
    title: "In the cellar, again",
    trainee_name: "Group 2",
    close_reason: "closed",
    shown_values: shown,
  });
  expect((await eventsOf(id)).map((event) => event.kind)).toEqual(["vitals", "lifecycle"]);
});

it("what the server refuses is rolled back with its reason, and the next goes on when it is discarded", async () => {
  await loggedIn();
  const id = await device.openSession({});
  await device.push(id, { vitals: { systolic: 60 } });
  await device.push(id, { vitals: { heart_rate: 133 } });
  expect(device.session(id).value?.shown_values).toMatchObject({ systolic: 60, heart_rate: 133 });
  await until(() => expect(device.status.value.word).toBe("problem"));
  const [refused] = device.entries.value;
  expect(refused?.refusal).toMatchObject({ code: "invalid_fields", errors: [{ field: "vitals.systolic" }] });
  expect(device.session(id).value?.shown_values).toMatchObject({ systolic: 120, heart_rate: 133 });
  await device.discard(refused!.id);
  await saved();
  expect((await eventsOf(id)).map((event) => event.heart_rate)).toEqual([133]);
});

it("a session without a title and a template has none, whichever way it was opened", async () => {
  await loggedIn();
  const id = await device.openSession({});
  expect(device.session(id).value?.title).toBe("");
  await saved();
  const opened = await new Api({ fetch: jar.fetch as typeof fetch }).openSession({ id: crypto.randomUUID() });
  expect(opened).toMatchObject({ ok: true, value: { title: "", public_title: "" } });
  expect(device.session(id).value).toMatchObject({ title: "", code: expect.any(String) });
});

it("a repeated change is answered with the stored event", async () => {
  await loggedIn();
  const id = await device.openSession({});
  await saved();
  const api = new Api({ fetch: jar.fetch as typeof fetch });
  const body = { id: crypto.randomUUID(), kind: "vitals", vitals: { heart_rate: 99 } };
  const [first, again] = [await api.record(id, body), await api.record(id, body)];
  expect(again).toEqual(first);
  expect(await eventsOf(id)).toHaveLength(1);
});

it("who is in the room is told live, and can be removed from any tab", async () => {
  await loggedIn();
  const id = await device.openSession({});
  await saved();
  device.watch(id);
  const follower = tab();
  await until(() => expect(follower.session(id).value?.code).toBeTruthy());
  const code = device.session(id).value!.code!;
  const trainee: Socket = io(`${wire.url}/trainee`, { auth: { code, name: "Lea" }, transports: ["websocket"] });
  await until(() => expect(follower.trainees(id).value).toMatchObject([{ name: "Lea", connected: true }]));
  await until(() => expect(follower.session(id).value?.trainee_count).toBe(1));
  expect(await follower.removeTrainee(id, follower.trainees(id).value[0]!.seat_id)).toBeNull();
  await until(() => expect(device.trainees(id).value).toEqual([]));
  trainee.close();
});

it("a logout ends it on the server, too", async () => {
  await loggedIn();
  const before = jar.headers.Cookie;
  await device.logout();
  expect(device.me.value).toBeNull();
  // Only what tells this device from others when somebody guesses passwords is left.
  expect(jar.headers.Cookie).toMatch(/^shiller_desk=[^;]+$/);
  const answer = await fetch(`${wire.url}/api/v1/me`, { headers: { Cookie: before } });
  expect(answer.status).toBe(401);
});
