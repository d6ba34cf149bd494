import "fake-indexeddb/auto";
import { io } from "socket.io-client";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { OpenDevice } from "../../src/device/view/open";
import { openDevice } from "../../src/device/view/open";
import { openBroadcastChannel } from "../../src/device/tabs/channel";
import { Api } from "../../src/wire/api";
import { realTimers } from "../../src/wire/timers";
import { openTrainerConnection } from "../../src/wire/trainerConnection";
import { FakeLocks } from "./support/locks";
import { CookieJar, DEMO, RealServer, Wire } from "./support/real";
import { until } from "../until";

/** Several trainers of one school around one session, against the server itself. */

let server: RealServer;
let browsers = 0;
const open: Browser[] = [];

beforeAll(async () => {
  server = await RealServer.start();
});

afterAll(() => server?.stop());

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** One trainer's browser, with a wire of its own. */
class Browser {
  readonly device: OpenDevice;
  readonly api: Api;
  woke = () => {};

  private constructor(
    readonly wire: Wire,
    readonly jar: CookieJar,
  ) {
    const fetch = jar.fetch as typeof globalThis.fetch;
    this.api = new Api({ fetch });
    this.device = openDevice({
      name: `colleagues-${++browsers}`,
      stores: null,
      api: new Api({ fetch, timeoutMs: 60_000 }),
      openConnection: (clock, handlers) =>
        openTrainerConnection({
          clock,
          handlers,
          timers: realTimers,
          random: Math.random,
          url: wire.url,
          io: { withCredentials: false, extraHeaders: { ...jar.headers } },
          ackTimeoutMs: 60_000,
        }),
      timers: realTimers,
      random: Math.random,
      openChannel: openBroadcastChannel,
      recordRoom: () => Promise.resolve(2 ** 20),
      isNetworkUp: () => true,
      locks: new FakeLocks().asLockManager(),
      storage: null,
      listen: (heard) => {
        this.woke = heard.woke;
        return () => {};
      },
      persist() {},
    });
  }

  static async of(login: { email: string; password: string }): Promise<Browser> {
    const wire = await Wire.to(server.url);
    const browser = new Browser(wire, new CookieJar(wire.url));
    open.push(browser);
    expect(await browser.device.login(login.email, login.password)).toBeNull();
    await until(() => expect(browser.device.templates.value.length).toBeGreaterThan(0));
    return browser;
  }

  /** The session as it is watched here. */
  async sees(id: string): Promise<void> {
    await this.device.refresh();
    this.device.watch(id);
    await until(() => expect(this.device.session(id).value?.code).toBeTruthy());
  }

  async close(): Promise<void> {
    await this.device.close();
    await this.wire.close();
  }
}

const saved = ({ device }: Browser) => until(() => expect(device.status.value).toEqual({ word: "saved", waiting: 0 }));

/** By an admin, over HTTP. */
async function hire(admin: Browser, role: "trainer" | "observer") {
  const login = { email: `${crypto.randomUUID()}@example.org`, password: "a-long-password" };
  const made = await call(admin, "POST", "/trainers", { ...login, name: `A ${role}`, role });
  return { ...login, id: (made as { id: string }).id };
}

async function call(by: Browser, method: string, path: string, body?: object): Promise<unknown> {
  const response = await by.jar.fetch(`/api/v1${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
  return response.json();
}

async function eventsOf({ api }: Browser, sessionId: string) {
  const answer = await api.events(sessionId, 0);
  if (!answer.ok) throw new Error(answer.refusal.detail);
  return answer.value.items;
}

it("a note that comes after the end is kept beside the record, by either way", async () => {
  const [mine, other] = [await Browser.of(DEMO), await Browser.of(DEMO)];
  const id = await mine.device.openSession({});
  await saved(mine);
  await mine.sees(id);
  await until(() => expect(mine.device.isOnline.value).toBe(true));

  // By the socket: the end is made elsewhere while the note is on its way; it says when it was made.
  mine.wire.isUp = false;
  await mine.device.addNote(id, "Adrenaline was late");
  await until(() => expect(mine.device.status.value).toEqual({ word: "offline", waiting: 1 }));
  expect((await other.api.closeSession(id)).ok).toBe(true);
  mine.wire.isUp = true;
  mine.woke();
  await saved(mine);
  expect(mine.device.entries.value).toEqual([]);
  await until(() => expect(mine.device.session(id).value?.annotations).toMatchObject([{ text: "Adrenaline was late", kind: "note" }]));
  await until(() => expect(mine.device.session(id).value?.closed_at).not.toBeNull());
  expect((await eventsOf(mine, id)).map((event) => event.kind)).not.toContain("note");

  // Another device reads it when it shows the session.
  await other.sees(id);
  await until(() => expect(other.device.session(id).value?.annotations).toHaveLength(1));

  // And by HTTP, which is the way while there is no socket.
  const { value: session } = (await mine.api.session(id)) as { value: { closed_at: string } };
  const made_at = new Date(Date.parse(session.closed_at) - 1).toISOString();
  const note = { id: crypto.randomUUID(), kind: "note", text: "by HTTP", made_at };
  expect(await mine.api.record(id, note)).toMatchObject({ ok: true, value: { id: note.id, text: "by HTTP", at: made_at } });
});

it("a push that comes after the end holds no note back; a note made after it goes beside the record", async () => {
  const [mine, other] = [await Browser.of(DEMO), await Browser.of(DEMO)];
  const id = await mine.device.openSession({});
  await saved(mine);
  mine.wire.isUp = false;
  await mine.device.push(id, { vitals: { heart_rate: 140 } });
  await mine.device.addNote(id, "Adrenaline was late");
  expect((await other.api.closeSession(id)).ok).toBe(true);
  await mine.device.addNote(id, "Written after the end");
  const { made_at } = mine.device.entries.value.at(-1)!;
  mine.wire.isUp = true;
  mine.woke();
  await until(() => {
    const left = mine.device.entries.value.map(({ kind, state, refusal }) => [kind, state, refusal?.code]);
    expect(left).toEqual([["vitals:push", "rejected", "session_closed"], ["note:add", "rejected", "session_closed"]]);
  });
  await mine.device.annotateInstead(mine.device.entries.value[1]!.id);
  await until(() => expect(mine.device.entries.value).toHaveLength(1));
  await other.sees(id);
  await until(() => expect(other.device.session(id).value?.annotations.map(({ text }) => text)).toEqual(["Adrenaline was late", "Written after the end"]));
  // At the moment at which it was made, as far as the session lasted then.
  const [, late] = other.device.session(id).value!.annotations;
  expect(Date.parse(late!.at)).toBeLessThanOrEqual(Date.parse(made_at));
});

it("an observer annotates, and what is no longer allowed is not even sent", async () => {
  const admin = await Browser.of(DEMO);
  const login = await hire(admin, "trainer");
  const trainer = await Browser.of(login);
  const id = await trainer.device.openSession({});
  await saved(trainer);
  trainer.wire.isUp = false;
  await trainer.device.push(id, { vitals: { heart_rate: 140 } });
  await until(() => expect(trainer.device.status.value.word).toBe("offline"));

  await call(admin, "PATCH", `/trainers/${login.id}`, { role: "observer" });
  trainer.wire.isUp = true;
  trainer.woke();
  await until(() => expect(trainer.device.needsLogin.value).toBe(true));
  expect(await trainer.device.login(login.email, login.password)).toBeNull();
  const posts = trainer.jar.posts;
  await until(() => expect(trainer.device.entries.value).toMatchObject([{ state: "rejected", refusal: { code: "forbidden" } }]));
  expect(trainer.device.me.value?.role).toBe("observer");
  expect(trainer.device.session(id).value?.shown_values.heart_rate).toBe(75);
  expect(await eventsOf(admin, id)).toEqual([]);
  expect(trainer.jar.posts).toBe(posts);

  await trainer.device.discard(trainer.device.entries.value[0]!.id);
  await trainer.device.annotate(id, "Nobody leads");
  await saved(trainer);
  await until(() => expect(trainer.device.session(id).value?.annotations).toMatchObject([{ text: "Nobody leads" }]));
  await admin.sees(id);
  await until(() => expect(admin.device.session(id).value?.annotations).toMatchObject([{ by: { name: "A trainer" } }]));
});

it("a colleague takes the controls and pushes, and the owner is told", async () => {
  const admin = await Browser.of(DEMO);
  const owner = await Browser.of(await hire(admin, "trainer"));
  const colleague = await Browser.of(await hire(admin, "trainer"));
  const id = await owner.device.openSession({});
  await saved(owner);
  await owner.sees(id);
  await colleague.sees(id);

  colleague.wire.isUp = false;
  expect(await colleague.device.takeControls(id)).toMatchObject({ code: "network" });
  colleague.wire.isUp = true;
  colleague.woke();
  expect(await colleague.device.takeControls(id)).toBeNull();
  const myId = colleague.device.me.value!.id;
  expect(colleague.device.session(id).value?.co_trainer_ids).toEqual([myId]);
  await until(() => expect(owner.device.session(id).value?.co_trainer_ids).toEqual([myId]));
  await until(() => {
    const taken = owner.device.events(id).value.find((event) => event.kind === "case");
    expect(taken).toMatchObject({ details: { action: "controls_taken" }, by: { id: myId } });
  });

  await colleague.device.push(id, { vitals: { heart_rate: 150 } });
  await until(() => expect(owner.device.session(id).value?.shown_values.heart_rate).toBe(150));
});

it("who was there when is known while it runs, and stays after the end", async () => {
  const trainer = await Browser.of(DEMO);
  const id = await trainer.device.openSession({});
  await saved(trainer);
  await trainer.sees(id);
  const { code } = trainer.device.session(id).value!;
  const join = (name: string) => io(`${server.url}/trainee`, { auth: { code, name }, transports: ["websocket"], forceNew: true });
  const attendance = () => trainer.device.session(id).value?.attendance ?? [];
  const spansOf = (name: string) => attendance().find((seat) => seat.name === name)?.spans;
  // One after the other: two at once may be seated in either order.
  const lea = join("Lea");
  await until(() => expect(spansOf("Lea")).toMatchObject([{ left_at: null }]));
  const tom = join("Tom");
  await until(() => expect(spansOf("Tom")).toMatchObject([{ left_at: null }]));
  lea.close();
  await until(() => expect(spansOf("Lea")).toMatchObject([{ left_at: expect.any(String) }]));
  const seat = trainer.device.trainees(id).value.find((one) => one.name === "Tom")!.seat_id;
  expect(await trainer.device.removeTrainee(id, seat)).toBeNull();
  await until(() => expect(trainer.device.trainees(id).value.map((one) => one.name)).toEqual(["Lea"]));
  await until(() => expect(spansOf("Tom")).toMatchObject([{ left_at: expect.any(String) }]));
  const eve = join("Eve");
  await until(() => expect(spansOf("Eve")).toMatchObject([{ left_at: null }]));
  await trainer.device.endSession(id);
  await saved(trainer);
  await until(() => expect(spansOf("Eve")).toMatchObject([{ left_at: expect.any(String) }]));
  expect(attendance().map((one) => one.name)).toEqual(["Lea", "Tom", "Eve"]);
  for (const one of [tom, eve]) one.close();
});

it("a case renamed offline and by a colleague: a person chooses, and both have what was chosen", async () => {
  const [mine, other] = [await Browser.of(DEMO), await Browser.of(DEMO)];
  const id = await mine.device.duplicateTemplate(mine.device.templates.value[0]!, "Before the night");
  const at = ({ device }: Browser) => device.templates.value.find((one) => one.id === id);
  await until(() => expect(at(other)?.title).toBe("Before the night"));

  mine.wire.isUp = false;
  await mine.device.changeTemplate(at(mine)!, { title: "After the night", description: "Written on a train." });
  await mine.device.changeTemplate(at(mine)!, { duration_minutes: 25 });
  await until(() => expect(mine.device.status.value).toEqual({ word: "offline", waiting: 2 }));
  await other.device.changeTemplate(at(other)!, { title: "Renamed by a colleague" });
  await saved(other);
  mine.wire.isUp = true;
  mine.woke();
  await until(() => expect(mine.device.conflicts.value).toHaveLength(1));
  const conflict = mine.device.conflicts.value[0]!;
  const [theirs, wanted] = [{ title: "Renamed by a colleague" }, { title: "After the night" }];
  expect(conflict).toMatchObject({ fields: ["title", "description"], theirs, mine: wanted });
  expect(mine.device.status.value.word).toBe("problem");
  const listed = async () => ((await (await mine.jar.fetch("/api/sync/conflicts")).json()) as { items: object[] }).items;
  expect(await listed()).toMatchObject([{ entityId: id, reason: "changed_since" }]);

  await mine.device.settle(conflict, { keep: "mine", content: { description: "Written on a train." } });
  const chosen = { ...theirs, description: "Written on a train.", duration_minutes: 25 };
  await saved(mine);
  expect(at(mine)).toMatchObject(chosen);
  await until(() => expect(at(other)).toMatchObject(chosen));
  expect(await listed()).toEqual([]);

  const whole = at(mine)!;
  await mine.device.deleteTemplate(whole);
  await until(() => expect(at(other)).toBeUndefined());
  await mine.device.restoreTemplate(whole);
  await until(() => expect(at(other)).toMatchObject(chosen));
  await saved(mine);
});

it("somebody who is no admin knows whom to invite, offline too, and who else is watching", async () => {
  const admin = await Browser.of(DEMO);
  const [ana, ben] = [await hire(admin, "trainer"), await hire(admin, "trainer")];
  const [hers, his] = [await Browser.of(ana), await Browser.of(ben)];
  await until(() => expect(hers.device.colleagues.value.map(({ id }) => id)).toEqual(expect.arrayContaining([ana.id, ben.id])));
  // Nothing but what an invitation needs: an address is an admin's business.
  expect(Object.keys(hers.device.colleagues.value[0]!).toSorted()).toEqual(["id", "name", "role"]);

  const id = await hers.device.openSession({});
  await saved(hers);
  await hers.sees(id);
  await hers.device.changeSession(id, { co_trainer_ids: [ben.id] });
  // He looks at no session: it comes by the log.
  await until(() => expect(his.device.session(id).value?.co_trainer_ids).toEqual([ben.id]));
  expect(hers.device.trainersAt(id).value).toEqual([]);
  const leave = his.device.watch(id);
  const both = [ana.id, ben.id].toSorted();
  for (const one of [hers, his]) await until(() => expect([...one.device.trainersAt(id).value].toSorted()).toEqual(both));
  leave();
  await until(() => expect(hers.device.trainersAt(id).value).toEqual([ana.id]));

  await hers.device.changeSession(id, { co_trainer_ids: [] });
  await until(() => expect(his.device.session(id).value?.co_trainer_ids).toEqual([]));
  await his.device.push(id, { vitals: { heart_rate: 140 } });
  await until(() => expect(his.device.entries.value).toMatchObject([{ state: "rejected", refusal: { code: "forbidden" } }]));
});
