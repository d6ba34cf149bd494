import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BrowserDouble, type TestTab } from "./support/browser";
import { ANNA, refused, ServerDouble } from "./support/server";
import { settle } from "./support/time";

let server: ServerDouble;
let browser: BrowserDouble;
let tab: TestTab;

beforeEach(async () => {
  server = new ServerDouble();
  browser = new BrowserDouble(server);
  tab = await browser.open();
  await tab.login(ANNA.email, "right");
  await settle();
});

afterEach(() => browser.shut());

async function opened(): Promise<string> {
  const id = await tab.openSession({ title: "Sepsis" });
  await browser.finish(tab);
  return id;
}

const rates = (sessionId: string) => server.eventsOf(sessionId).map((event) => event.heart_rate);
const shown = (sessionId: string) => tab.session(sessionId).value?.shown_values.heart_rate;

describe("a refusal", () => {
  it.each(["invalid_body", "forbidden", "conflict", "session_closed", "too_large", "unsupported_media_type", "invalid_fields"] as const)(
    "%s is final at once and rolls the screen back",
    async (code) => {
      const id = await opened();
      await tab.push(id, { vitals: { heart_rate: 90 } });
      await browser.finish(tab);
      server.judge = (arrival) => {
        if (arrival.what === "vitals") throw refused(code);
      };
      const entry = await tab.push(id, { vitals: { heart_rate: 200 } });
      expect(shown(id)).toBe(200);
      await browser.pass(100);
      expect(server.arrivals.filter((arrival) => arrival.id === entry)).toHaveLength(1);
      expect(tab.entries.value).toMatchObject([{ id: entry, state: "rejected", refusal: { code } }]);
      expect(shown(id)).toBe(90);
      expect(tab.status.value.word).toBe("problem");
    },
  );

  it("not_found over the socket is asked once more over HTTP: it may have been about the connection", async () => {
    const id = await opened();
    let times = 0;
    server.judge = (arrival) => {
      if (arrival.what === "vitals" && ++times === 1) throw refused("not_found");
    };
    await tab.push(id, { vitals: { heart_rate: 91 } });
    await browser.finish(tab);
    expect(rates(id)).toEqual([91]);
    expect(tab.status.value.word).toBe("saved");
  });

  it("is final after three failures of the server's, not before", async () => {
    const id = await opened();
    server.judge = (arrival) => {
      if (arrival.what === "vitals") throw refused("internal_error");
    };
    const entry = await tab.push(id, { vitals: { heart_rate: 160 } });
    await browser.pass(100);
    expect(tab.entries.value).toMatchObject([{ state: "waiting", failures: 1 }]);
    expect(shown(id)).toBe(160);
    await browser.pass(60_000);
    expect(server.arrivals.filter((arrival) => arrival.id === entry)).toHaveLength(3);
    expect(tab.entries.value).toMatchObject([{ state: "rejected", failures: 3, refusal: { code: "internal_error" } }]);
    expect(shown(id)).toBe(75);
  });

  it("is tried again in time though the device's clock was set back", async () => {
    const id = await opened();
    let failing = true;
    server.judge = (arrival) => {
      if (arrival.what === "vitals" && failing) throw refused("internal_error");
    };
    await tab.push(id, { vitals: { heart_rate: 160 } });
    await browser.pass(100);
    expect(tab.entries.value).toMatchObject([{ state: "waiting", failures: 1 }]);
    browser.timers.setBack(3_600_000);
    failing = false;
    await browser.pass(10_000);
    expect(tab.entries.value).toEqual([]);
    expect(rates(id)).toEqual([160]);
  });

  it("of a busy server is waited for, and no longer than it asked for though the clock was set back", async () => {
    const id = await opened();
    let isBusy = true;
    server.judge = (arrival) => {
      if (arrival.what === "vitals" && isBusy) throw refused("storage_unavailable", { retry_after: 5 });
    };
    await tab.push(id, { vitals: { heart_rate: 161 } });
    await browser.pass(100);
    browser.timers.setBack(3_600_000);
    isBusy = false;
    await browser.pass(10_000);
    expect(rates(id)).toEqual([161]);
  });

  it("that is a silence counts only while the server is well", async () => {
    const id = await opened();
    let isStorageDown = true;
    server.judge = (arrival) => {
      if (arrival.what === "me" && isStorageDown) throw refused("storage_unavailable");
      if (arrival.what === "vitals") throw refused("timeout");
    };
    await tab.push(id, { vitals: { heart_rate: 160 } });
    await browser.pass(120_000);
    expect(tab.entries.value).toMatchObject([{ state: "waiting", failures: 0 }]);
    expect(tab.status.value).toEqual({ word: "saving", waiting: 1 });
    isStorageDown = false;
    await browser.pass(120_000);
    expect(tab.entries.value).toMatchObject([{ state: "rejected", failures: 3, refusal: { code: "timeout" } }]);
  });

  it("blocks its own session and no other", async () => {
    const [id, other] = [await opened(), await opened()];
    let isBlocked = true;
    server.judge = (arrival) => {
      if (isBlocked && arrival.id === bad) throw refused("invalid_fields");
    };
    let bad = "";
    const [first, second] = [tab.push(id, { vitals: { heart_rate: 111 } }), tab.push(id, { vitals: { spo2: 80 } })];
    bad = tab.entries.value[0]!.id;
    await Promise.all([first, second, tab.push(other, { vitals: { heart_rate: 122 } })]);
    await browser.pass(60_000);
    expect(rates(id)).toEqual([]);
    expect(rates(other)).toEqual([122]);
    expect(tab.session(id).value?.shown_values).toMatchObject({ heart_rate: 75, spo2: 80 });
    isBlocked = false;
    await tab.retry(bad);
    await browser.finish(tab);
    expect(rates(id)).toEqual([111, null]);
  });

  it("can be discarded: as if it had never been done, and the others go on", async () => {
    const id = await opened();
    const { bad } = await refuseOne(id);
    await tab.discard(bad);
    await browser.finish(tab);
    expect(rates(id)).toEqual([82]);
    expect(tab.entries.value).toEqual([]);
    expect(tab.status.value.word).toBe("saved");
  });

  it("can be kept: in the list, out of the way, and tried again later", async () => {
    const id = await opened();
    const { bad } = await refuseOne(id);
    await tab.keep(bad);
    await browser.finish(tab);
    expect(rates(id)).toEqual([82]);
    expect(tab.entries.value).toMatchObject([{ id: bad, state: "kept" }]);
    expect(tab.status.value).toEqual({ word: "saved", waiting: 0 });
    expect(shown(id)).toBe(82);
    server.judge = () => {};
    await tab.retry(bad);
    expect(shown(id)).toBe(81);
    await browser.finish(tab);
    expect(rates(id)).toEqual([82, 81]);
  });

  it("that was kept is tried again behind everything done since", async () => {
    const id = await opened();
    const { bad } = await refuseOne(id);
    await tab.keep(bad);
    await browser.finish(tab);
    browser.network.isUp = false;
    await tab.push(id, { vitals: { heart_rate: 83 } });
    await tab.retry(bad);
    server.judge = () => {};
    browser.network.isUp = true;
    tab.wake();
    await browser.finish(tab);
    expect(rates(id)).toEqual([82, 83, 81]);
  });

  async function refuseOne(id: string): Promise<{ bad: string }> {
    let bad: string | null = null;
    server.judge = (arrival) => {
      if (arrival.what === "vitals") bad ??= arrival.id;
      if (arrival.what === "vitals" && arrival.id === bad) throw refused("invalid_fields");
    };
    const entry = await tab.push(id, { vitals: { heart_rate: 81 } });
    await tab.push(id, { vitals: { heart_rate: 82 } });
    await browser.pass(30_000);
    expect(tab.entries.value).toMatchObject([{ id: entry, state: "rejected" }, { state: "waiting" }]);
    return { bad: entry };
  }

  it("of a session that is over holds nothing back: each is judged alone", async () => {
    const id = await opened();
    browser.network.isUp = false;
    for (const rate of [98, 99]) await tab.push(id, { vitals: { heart_rate: rate } });
    await browser.pass(1_000);
    server.close(ANNA, id);
    browser.network.isUp = true;
    tab.wake();
    await browser.pass(10_000);
    expect(tab.entries.value.map(({ state, refusal }) => [state, refusal?.code])).toEqual([
      ["rejected", "session_closed"],
      ["rejected", "session_closed"],
    ]);
    expect(tab.status.value).toEqual({ word: "problem", waiting: 0 });
  });

  it("of a note can be answered in other words, under another id", async () => {
    const id = await opened();
    server.judge = (arrival) => {
      if (arrival.what === "note") throw refused("too_large");
    };
    const entry = await tab.addNote(id, "Too long");
    await browser.pass(1_000);
    server.judge = () => {};
    await tab.reword(entry, "Short");
    await browser.finish(tab);
    expect(server.eventsOf(id)).toMatchObject([{ kind: "note", text: "Short" }]);
    expect(server.eventsOf(id)[0]?.id).not.toBe(entry);
    expect(tab.status.value.word).toBe("saved");
    // What has arrived is nobody's to reword any more.
    await tab.reword(entry, "Shorter");
    expect(tab.entries.value).toEqual([]);
  });

  it("of a session that has ended meanwhile shows that it has ended", async () => {
    const id = await opened();
    server.close(ANNA, id);
    await tab.push(id, { vitals: { heart_rate: 99 } });
    await browser.pass(5_000);
    expect(tab.entries.value).toMatchObject([{ state: "rejected", refusal: { code: "session_closed" } }]);
    expect(tab.session(id).value?.close_reason).toBe("closed");
  });
});
