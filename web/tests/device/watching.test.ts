import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Trainee } from "../../src/wire/types";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, BERT, ServerDouble } from "./support/server";

let server: ServerDouble;
let browser: BrowserDouble;
let tab: TestTab;
let id: string;

beforeEach(async () => {
  server = new ServerDouble();
  browser = new BrowserDouble(server);
  id = server.open(ANNA, { id: crypto.randomUUID(), title: "Sepsis" }).id;
  tab = await browser.open();
  await tab.login(ANNA.email, "right");
  await browser.pass(1_000);
});

afterEach(() => browser.shut());

const MARIA = { seat_id: "seat", name: "Maria", is_connected: true } as unknown as Trainee;

const socket = () => [...browser.network.sockets][0]!;

/** The server lets whoever asks in, and tells of changes from then on, before it reads what it answers. */
describe("what is told before the answer to a watch", () => {
  async function watchAndHear(): Promise<() => void> {
    let answer = () => {};
    browser.network.watchedLate = new Promise((resolve) => (answer = resolve));
    const stop = tab.watch(id);
    await browser.pass(1_000);
    socket().tellTrainers(id, [BERT.id]);
    socket().tellTrainees(id, [MARIA]);
    browser.network.watchedLate = null;
    answer();
    await browser.pass(1_000);
    return stop;
  }

  it("is not taken back by it", async () => {
    await watchAndHear();
    expect(tab.trainersAt(id).value).toEqual([BERT.id]);
    expect(tab.trainees(id).value).toEqual([MARIA]);
    expect(tab.session(id).value?.trainee_count).toBe(1);
  });

  it("counts for that watch alone: the next answer says who is there", async () => {
    await watchAndHear();
    browser.network.isUp = false;
    browser.network.isUp = true;
    await browser.pass(10_000);
    expect(socket().isConnected).toBe(true);
    expect(tab.trainees(id).value).toEqual([]);
    expect(tab.session(id).value?.trainee_count).toBe(0);
  });

  it("of others who watched is not believed of a later watch", async () => {
    const stop = await watchAndHear();
    stop();
    await browser.pass(1_000);
    tab.watch(id);
    await browser.pass(1_000);
    expect(tab.trainersAt(id).value).toEqual([]);
  });
});

describe("a list of the open sessions that is read while trainees come", () => {
  it("does not take back how many there are", async () => {
    tab.watch(id);
    await browser.pass(1_000);
    let answer = () => {};
    browser.network.readLate = new Promise((resolve) => (answer = resolve));
    const reading = tab.refresh();
    await browser.pass(1_000);
    socket().tellTrainees(id, [MARIA]);
    await browser.pass(1_000);
    browser.network.readLate = null;
    answer();
    await browser.pass(1_000);
    await reading;
    expect(tab.session(id).value?.trainee_count).toBe(1);
  });
});
