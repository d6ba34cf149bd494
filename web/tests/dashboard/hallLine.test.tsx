// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hallWords, HallLine } from "../../src/dashboard/shell/HallLine";
import { chooseLanguage } from "../../src/i18n";
import { HallNews } from "../../src/device/sync/hallNews";
import type { Upstream } from "../../src/wire/types";
import { FakeDevice } from "./fakeDevice";
import { show, type Page } from "./page";

const NOW = Date.parse("2026-11-28T14:02:30Z");
const AT = "2026-11-28T13:40:00.000Z";

function aHall(change: Partial<Upstream> = {}): Upstream {
  return {
    url: "https://central.example", school: null, hall: null, release: "0.1.0", central_release: "0.1.0",
    contacted_at: AT, completed_at: AT, next_try_at: AT,
    waiting: { templates: 0, sessions: 0, events: 0, annotations: 0, since: null },
    refused: [], conflicts: 0, clock_offset_ms: 12, problem: null, is_well: true, ...change,
  };
}

const WAITING = { templates: 1, sessions: 1, events: 10, annotations: 0, since: AT };
const TIME = new Intl.DateTimeFormat("en-US", { hour: "2-digit", minute: "2-digit" }).format(Date.parse(AT));

describe("the line of a hall", () => {
  let page: Page | null = null;
  beforeEach(() => chooseLanguage("en"));
  afterEach(() => page?.unmount());

  it("says when everything was sent", () => {
    expect(hallWords(aHall(), NOW)).toBe(`Sent, ${TIME}`);
  });

  it("says how much waits since when, and why", () => {
    const problem = { kind: "no_connection", detail: "" } as const;
    expect(hallWords(aHall({ waiting: WAITING, problem, is_well: false }), NOW)).toBe(
      `12 changes wait since ${TIME}, no connection`,
    );
    expect(hallWords(aHall({ waiting: { ...WAITING, templates: 0, sessions: 0, events: 1 } }), NOW)).toBe(
      `1 change waits since ${TIME}`,
    );
  });

  it("sends a person to an admin when its token is revoked", () => {
    const problem = { kind: "revoked", detail: "" } as const;
    expect(hallWords(aHall({ waiting: WAITING, problem }), NOW)).toBe("This hall’s token is revoked: ask an admin");
  });

  it("is not there at a server that is no hall, and is tapped to try now", async () => {
    const device = new FakeDevice();
    page = await show(device, <HallLine />);
    expect(page.root.querySelector(".db-hall")).toBeNull();
    device.hall.value = aHall({ clock_offset_ms: -6 * 60_000 });
    await page.settle();
    expect(page.root.textContent).toContain("This machine’s clock is 6 minutes off");
    page.root.querySelector("button")?.click();
    expect(device.calls).toContainEqual(["hurryHall"]);
  });
});

describe("the news of a hall", () => {
  it("asks no more once the server has said that it is none", async () => {
    let asked = 0;
    const later: (() => void)[] = [];
    const api = {
      upstream: () => {
        asked += 1;
        return Promise.resolve({ ok: true, value: null } as const);
      },
      hurryUpstream: () => Promise.resolve({ ok: true, value: aHall() } as const),
    };
    const news = new HallNews(api, { now: () => 0, after: (_, run) => (later.push(run), () => {}) });
    const stop = news.watch();
    await Promise.resolve();
    await Promise.resolve();
    expect([asked, later.length]).toEqual([1, 0]);
    await news.hurry();
    expect(news.known.value).not.toBeNull();
    stop();
  });
});
