import { afterEach, describe, expect, it, vi } from "vitest";
import { news2Steps } from "../../../src/dashboard/debrief/chart/news2Steps";
import { DebriefModel } from "../../../src/dashboard/debrief/model";
import { paperRows } from "../../../src/dashboard/debrief/paper/paperRecord";
import { Room } from "../../../src/dashboard/room/room";
import type { Device } from "../../../src/device/view/device";
import { newId } from "../../../src/wire/ids";
import type { Session, SessionEvent } from "../../../src/wire/types";
import { BrowserDouble } from "../../device/support/browser";
import { ANNA, BERT, ServerDouble } from "../../device/support/server";
import { seeded } from "../../device/support/time";
import { turns } from "../../device/support/turns";
import { until } from "../../until";
import { anEvent, aSession, FakeDevice, NOON } from "../fakeDevice";

/** How many events a page has. */
const page = vi.hoisted(() => ({ size: 0 }));
vi.mock("../../../src/wire/api", async (original) => {
  const whole = await original<typeof import("../../../src/wire/api")>();
  return Object.defineProperty({ ...whole }, "LARGEST_PAGE", { get: () => page.size });
});

const EVENTS = 60;
const LATEST_TURN = 25;
const iso = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();

/** Something of everything that moves a patient, or is a moment; some of it was made long before it was stored. */
function aRecord(seed: number, session_id: string): SessionEvent[] {
  const random = seeded(seed);
  const from = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const pick = <T>(...among: readonly T[]): T => among[from(0, among.length - 1)] as T;
  const details = (action: string) => ({ text: action, details: { action } });
  const kinds: (() => Partial<SessionEvent> & Pick<SessionEvent, "kind">)[] = [
    () => ({ kind: "vitals", heart_rate: from(35, 170), spo2: from(80, 99), ramp_seconds: pick(0, 0, 20, 90) }),
    () => ({ kind: "vitals", systolic: from(100, 200), diastolic: from(40, 90), respiratory_rate: from(6, 34) }),
    () => ({ kind: "vitals", flags: pick({ spo2_off: true }, { spo2_off: false }, { consciousness: pick("A", "V") }, { oxygen: true }) }),
    () => ({ kind: "vitals", rhythm: pick("sinus", "ventricular_fibrillation", "atrial_fibrillation", "asystole"), flags: { cpr: pick(true, false) } }),
    () => ({ kind: "note", marker: pick("help", "defibrillation", "adrenaline") }),
    () => ({ kind: "note", text: "Somebody says something" }),
    () => ({ kind: "action", ...details(pick("nibp_start", "alarm_silence", "marker")) }),
    () => ({ kind: "case", ...details(pick("paused", "resumed")) }),
  ];
  let seconds = 0;
  const events = Array.from({ length: EVENTS - 1 }, (_, place): SessionEvent => {
    seconds += pick(0, 3, 11, 40);
    const late = random() < 0.1 ? from(6, 200) : 0;
    const made_at = iso(Math.max(0, seconds - late));
    return anEvent({ ...pick(...kinds)(), id: newId(), session_id, seq: place + 1, created_at: iso(seconds), made_at });
  });
  const end = { ...details("closed"), details: { reason: "closed" }, created_at: iso(seconds + 30), made_at: iso(seconds + 30) };
  return [...events, anEvent({ kind: "lifecycle", id: newId(), session_id, seq: EVENTS, ...end })];
}

/** Of that record, when it is over. */
function ended(record: readonly SessionEvent[]): Pick<Session, "created_at" | "closed_at" | "close_reason" | "last_seq"> {
  return { created_at: iso(0), closed_at: record.at(-1)?.created_at ?? null, close_reason: "closed", last_seq: record.length };
}

/** Everything that a debrief shows of it. */
function picture(model: DebriefModel): object {
  const { from, until: end } = model.span.value;
  const lines = model.lines.value;
  return {
    span: [from, end],
    time: model.time.value,
    moments: model.moments.value,
    rows: paperRows(lines, from, model.time.value, model.room.steps.value),
    bands: model.bands.value,
    alarms: model.told.value,
    patient: news2Steps(model.news2.value, end),
    team: news2Steps(model.news2Known.value, end),
  };
}

/** A debrief on a device that has no answer of the server: everything of it comes from the record. */
function modelOn(device: Device, id: string): { model: DebriefModel; stop: () => void } {
  const model = new DebriefModel(new Room(device, id));
  return { model, stop: model.start() };
}

/** As it is where the whole record was there from the beginning. */
async function pictureOf(record: SessionEvent[], id: string): Promise<object> {
  const device = new FakeDevice({ sessions: [aSession({ id, ...ended(record), has_record: true, annotations: [] })] });
  device.events(id).value = record;
  const { model, stop } = modelOn(device, id);
  await until(() => {
    expect(model.told.value.length).toBeGreaterThan(0);
    expect(model.news2Known.value.length).toBeGreaterThan(1);
    expect(model.news2.value.length).toBeGreaterThan(1);
  });
  const whole = picture(model);
  stop();
  return whole;
}

/** Answers with pages of that size from `begin` on, each so many turns late that they come in any order. */
function cutInPages(browser: BrowserDouble, size: number, random: () => number): { begin: () => void; order: number[]; most: () => number } {
  const { network } = browser;
  const answered = network.fetch;
  const [order, underWay] = [[] as number[], { now: 0, most: 0 }];
  let hasBegun = false;
  const fetch: typeof answered = async (input, init) => {
    const url = new URL(String(input), "http://double");
    if (url.pathname.endsWith("/debrief")) return new Response(null, { status: 500 });
    if (!url.pathname.endsWith("/events")) return answered(input, init);
    if (!hasBegun) return new Response(null, { status: 500 });
    underWay.most = Math.max(underWay.most, ++underWay.now);
    url.searchParams.set("limit", String(size));
    const response = await answered(url, init);
    await turns(Math.floor(random() * LATEST_TURN));
    underWay.now -= 1;
    order.push(Number(url.searchParams.get("after")));
    return response;
  };
  Object.assign(network, { fetch });
  return { begin: () => (hasBegun = true), order, most: () => underWay.most };
}

let browser: BrowserDouble | null = null;
afterEach(() => browser?.shut());

/** The debrief of that record on a device that it comes to in pages while it is open. */
async function openWhilePagesCome(record: SessionEvent[], id: string, size: number, random: () => number) {
  page.size = size;
  const server = new ServerDouble();
  browser = new BrowserDouble(server);
  server.open(BERT, { id });
  for (const event of record) server.events.set(event.id, event);
  server.sessions.set(id, { ...server.session(id), ...ended(record) });
  const pages = cutInPages(browser, size, random);
  const tab = await browser.open();
  await tab.login(ANNA.email, "right");
  await browser.pass(500);
  expect(tab.session(id).value?.has_record).toBe(false);
  const debrief = modelOn(tab, id);
  pages.begin();
  tab.watch(id);
  await browser.pass(30_000);
  expect(tab.session(id).value?.has_record).toBe(true);
  return { ...debrief, pages };
}

describe("a debrief", () => {
  it.each([1, 2])("is the same however its record was cut on its way: record %i", async (seed) => {
    const id = newId();
    const record = aRecord(seed, id);
    const whole = await pictureOf(record, id);
    for (const size of [1, 7, EVENTS]) {
      const { model, stop, pages } = await openWhilePagesCome(record, id, size, seeded(seed + size));
      await until(() => expect(picture(model)).toEqual(whole));
      stop();
      await browser?.shut();
      if (size === EVENTS) continue;
      expect(pages.most()).toBe(4);
      expect(pages.order).not.toEqual([...pages.order].sort((a, b) => a - b));
    }
  });
});
