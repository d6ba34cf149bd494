import { expect, it } from "vitest";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, refused, ServerDouble } from "./support/server";
import { seeded } from "./support/time";
import { turns } from "./support/turns";

/**
 * Random days: tabs that come, go, crash and freeze; a network that fails before and after; a server that
 * fails, refuses and asks for patience; a trainer who works on, retries, discards and keeps. In the end the
 * server has what was not discarded, in the order in which it was done, once.
 */

const SEEDS = Number(process.env["SCHEDULES"] ?? 8);
const STEPS = 60;

interface Day {
  random: () => number;
  server: ServerDouble;
  browser: BrowserDouble;
  tabs: TestTab[];
  frozen: Map<TestTab, () => void>;
  sessions: string[];
  /** Every event that should be there in the end, by session, in order. */
  expected: Map<string, string[]>;
}

const steps: Record<string, (day: Day, tab: TestTab) => Promise<void>> = {
  async push(day, tab) {
    const id = pick(day, day.sessions);
    await done(day, id, tab.push(id, { vitals: { heart_rate: Math.floor(day.random() * 300) } }));
  },
  async ramp(day, tab) {
    const id = pick(day, day.sessions);
    await done(day, id, tab.push(id, { vitals: { spo2: Math.floor(day.random() * 100) }, ramp_seconds: 30 }));
  },
  async burst(day, tab) {
    const id = pick(day, day.sessions);
    const pushes = [1, 2, 3, 4].map((rate) => tab.push(id, { vitals: { respiratory_rate: rate } }));
    for (const push of pushes) await done(day, id, push);
  },
  async note(day, tab) {
    const id = pick(day, day.sessions);
    await done(day, id, tab.addNote(id, "note"));
  },
  async open(day, tab) {
    if (day.sessions.length >= 5) return;
    const id = await tab.openSession({ title: `Session ${day.sessions.length}` });
    day.sessions.push(id);
    day.expected.set(id, []);
  },
  async rename(day, tab) {
    await tab.changeSession(pick(day, day.sessions), { title: `Title ${Math.floor(day.random() * 1000)}` });
  },
  async watch(day, tab) {
    const id = pick(day, day.sessions);
    tab.watch(id);
    expect(tab.events(id).value).toBeDefined();
  },
  async cutNetwork(day) {
    day.browser.network.isUp = false;
  },
  async mendNetwork(day) {
    day.browser.network.isUp = true;
  },
  async toggleSockets(day) {
    day.browser.network.hasSockets = !day.browser.network.hasSockets;
    for (const socket of day.browser.network.sockets) socket.cut();
  },
  async openTab(day) {
    if (day.tabs.length < 3) day.tabs.push(await day.browser.open());
  },
  async closeTab(day, tab) {
    await leave(day, tab, () => tab.close());
  },
  async crashTab(day, tab) {
    await leave(day, tab, () => tab.crash());
  },
  async freeze(day, tab) {
    if (day.tabs.length > 1 && !day.frozen.has(tab)) day.frozen.set(tab, tab.freeze());
  },
  async thaw(day) {
    for (const thaw of day.frozen.values()) thaw();
    day.frozen.clear();
  },
  async wake(_, tab) {
    tab.wake();
  },
  async verdictOf(day, tab) {
    await decide(day, tab, pick(day, ["retry", "discard", "keep"] as const));
  },
  async expireLogin(day, tab) {
    if (!day.browser.network.isUp) return;
    day.browser.network.endLogin();
    await day.browser.pass(1_000);
    await tab.login(ANNA.email, "right");
  },
  async time(day) {
    await day.browser.pass(day.random() * 20_000);
  },
};

for (let seed = 1; seed <= SEEDS; seed++)
  it(`a random day (seed ${seed}) ends with everything done, once and in order`, async () => {
    const day = await begin(seed);
    const names = Object.keys(steps);
    for (let step = 0; step < STEPS; step++) {
      const working = day.tabs.filter((tab) => !day.frozen.has(tab));
      const name = day.random() < 0.4 ? "push" : pick(day, names);
      if (working.length > 0) await steps[name]!(day, pick(day, working));
      await turns(Math.floor(day.random() * 40));
    }
    await end(day);
    for (const id of day.sessions) {
      expect(day.server.eventsOf(id).map((event) => event.id)).toEqual(day.expected.get(id));
      for (const tab of day.tabs) {
        expect(tab.session(id).value?.shown_values).toEqual(day.server.session(id).last_values);
        expect(tab.session(id).value?.title).toBe(day.server.session(id).title);
      }
    }
    await day.browser.shut();
  });

async function begin(seed: number): Promise<Day> {
  const random = seeded(seed);
  const server = new ServerDouble();
  const browser = new BrowserDouble(server, { random, isSecure: seed % 2 === 0 });
  const tab = await browser.open();
  await tab.login(ANNA.email, "right");
  const id = await tab.openSession({ title: "First" });
  await browser.finish(tab);
  const fates = new Map<string, string>();
  server.judge = ({ what, id: arrived }) => {
    if (what === "me" || what === "change" || arrived === null || server.events.has(arrived)) return;
    if (random() < 0.1) throw refused("storage_unavailable");
    if (random() < 0.15) throw refused("internal_error");
    // A refusal for good is one for ever; so is its absence.
    if (!fates.has(arrived)) fates.set(arrived, what !== "open" && random() < 0.08 ? "refused" : "fine");
    if (fates.get(arrived) === "refused") throw refused("invalid_fields");
  };
  browser.network.loseAnswer = () => random() < 0.15;
  return {
    random, server, browser, tabs: [tab], frozen: new Map(), sessions: [id], expected: new Map([[id, []]]),
  }; // prettier-ignore
}

async function end(day: Day): Promise<void> {
  await steps["thaw"]!(day, day.tabs[0]!);
  const { network } = day.browser;
  Object.assign(network, { hasSockets: true, loseAnswer: () => false });
  network.isUp = true;
  day.server.judge = () => {};
  if (day.tabs.length === 0) day.tabs.push(await day.browser.open());
  const tab = day.tabs[0]!;
  if (network.cookie === null || tab.needsLogin.value) await tab.login(ANNA.email, "right");
  for (let round = 0; round < 20; round++) {
    tab.wake();
    await day.browser.finish(tab);
    const stuck = tab.entries.value.find((entry) => entry.state === "rejected" || entry.kind === "session:open");
    if (stuck === undefined && tab.status.value.waiting === 0) break;
    if (stuck !== undefined) await decide(day, tab, stuck.kind === "session:open" ? "retry" : "discard");
  }
  for (const id of day.sessions) tab.watch(id);
  await day.browser.pass(30_000);
  expect(tab.status.value.waiting).toBe(0);
}

/** What a person may do with an entry that was refused. What is kept is discarded at last, or sent again. */
async function decide(day: Day, tab: TestTab, decision: "retry" | "discard" | "keep"): Promise<void> {
  const entry = tab.entries.value.find((one) => one.state === "rejected" || one.state === "kept");
  if (entry === undefined) return;
  const isOpening = entry.kind === "session:open";
  if (isOpening && decision !== "retry") return;
  const list = day.expected.get(entry.entity.id)!;
  const isEvent = list.includes(entry.id) || entry.kind === "vitals:push" || entry.kind === "note:add";
  const without = list.filter((id) => id !== entry.id);
  if (decision === "retry" && entry.state === "kept" && isEvent) day.expected.set(entry.entity.id, [...without, entry.id]);
  if (decision !== "retry") day.expected.set(entry.entity.id, without);
  await tab[decision](entry.id);
}

async function done(day: Day, sessionId: string, promise: Promise<string>): Promise<void> {
  day.expected.get(sessionId)!.push(await promise);
}

async function leave(day: Day, tab: TestTab, how: () => unknown): Promise<void> {
  day.tabs = day.tabs.filter((one) => one !== tab);
  day.frozen.delete(tab);
  await how();
  if (day.tabs.every((one) => day.frozen.has(one))) day.tabs.push(await day.browser.open());
}

function pick<T>(day: Day, from: readonly T[]): T {
  return from[Math.floor(day.random() * from.length)]!;
}
