// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseLanguage } from "../../src/i18n";
import { Join } from "../../src/join/Join";
import { beginWords, DAY, dropWords, wordsKept, wordsOf } from "../../src/join/words/kept";
import { OwnWords } from "../../src/join/words/OwnWords";

const SEAT = { session_id: "s1", token: "seat-token", name: "Léa", homework: null };
const text = () => document.body.textContent ?? "";
const until = async (isSo: () => boolean) => {
  while (!isSo()) await vi.advanceTimersByTimeAsync(50);
};

/** A server of one seat; null: the network is away. */
class Server {
  status: number | null = 200;
  own = { words: "", scores: {} as Record<string, unknown>, is_anonymous: false };
  shared: object | null = null;
  puts = 0;
  /** What is sent arrives when this is over. */
  slow: Promise<void> | null = null;

  readonly fetch = vi.fn(async (_: string, { method, headers, body }: { method: string; headers: Record<string, string>; body?: string }) => {
    if (this.status === null) throw new TypeError("away");
    expect(headers["Authorization"]).toBe("Bearer seat-token");
    if (this.status !== 200) return new Response("{}", { status: this.status });
    if (method === "PUT") {
      this.puts += 1;
      await this.slow;
      this.own = { ...this.own, ...(JSON.parse(body!) as object) };
    }
    const told = {
      session: { id: "s1", title: "Woman of 71", ended_at: new Date().toISOString() },
      until: new Date(Date.now() + DAY).toISOString(),
      checklist: [{ key: "help", text: "Calls for help" }],
      ...this.own,
      shared: this.shared,
    };
    return new Response(JSON.stringify(told), { status: 200 });
  });
}

let server: Server;

function show(): void {
  render(<OwnWords kept={beginWords(SEAT, "A session")!} />, document.body);
}

function slowly(): () => void {
  let arrive = () => {};
  server.slow = new Promise((resolve) => (arrive = resolve));
  return () => {
    server.slow = null;
    arrive();
  };
}

/** Settles what needs no time, without any timer. */
const now = () => vi.advanceTimersByTimeAsync(0);

function write(words: string): void {
  const field = document.querySelector("textarea")!;
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function tick(selector: string): void {
  const box = document.querySelector<HTMLInputElement>(selector)!;
  box.checked = true;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  chooseLanguage("en");
  server = new Server();
  vi.stubGlobal("fetch", server.fetch);
});

afterEach(() => {
  render(null, document.body);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("own words after the end", () => {
  it("are saved by themselves, with the scores, once the typing rests", async () => {
    show();
    await until(() => text().includes("Calls for help"));
    for (const words of ["I", "I called", "I called late"]) write(words);
    await until(() => text().includes("Saved."));
    expect(server.own.words).toBe("I called late");
    expect(server.puts).toBe(1);
    tick("input[name=own-help]");
    await until(() => server.puts === 2);
    expect(server.own.scores).toEqual({ help: 2 });
    expect(wordsOf("s1")).toMatchObject({ title: "Woman of 71", words: "I called late", scores: { help: 2 } });
  });

  it("say what a name does, and go without it", async () => {
    show();
    await until(() => text().includes("Your name stands with it: Léa."));
    tick("input[type=checkbox]");
    await until(() => server.own.is_anonymous);
    expect(text()).toContain("No name is kept with it");
  });

  it("wait on the device while the network is away, through a reload, and go when it is back", async () => {
    server.status = null;
    show();
    write("Written in the lift");
    await vi.advanceTimersByTimeAsync(2000);
    render(null, document.body);
    expect(wordsOf("s1")).toMatchObject({ words: "Written in the lift", isSent: false });
    show();
    expect(document.querySelector("textarea")!.value).toBe("Written in the lift");
    server.status = 200;
    dispatchEvent(new Event("online"));
    await until(() => text().includes("Saved."));
    expect(server.own.words).toBe("Written in the lift");
  });

  it("go behind what is on its way when the page is left, and never before it", async () => {
    show();
    await until(() => text().includes("Calls for help"));
    const arrive = slowly();
    write("The first half");
    await until(() => server.puts === 1);
    write("The first half and the second");
    render(null, document.body);
    await now();
    arrive();
    await until(() => server.own.words !== "");
    await now();
    expect(server.own.words).toBe("The first half and the second");
    expect(wordsOf("s1")).toMatchObject({ words: "The first half and the second", isSent: true });
  });

  it("go at once when the page is hidden, for it may be closed or sleep, and stand in the end as they are", async () => {
    const visibility = vi.spyOn(document, "visibilityState", "get");
    const hide = async () => {
      visibility.mockReturnValue("hidden");
      document.dispatchEvent(new Event("visibilitychange"));
      await now();
      visibility.mockReturnValue("visible");
    };
    show();
    await until(() => text().includes("Calls for help"));
    write("Typed a moment ago");
    await hide();
    expect(server.own.words).toBe("Typed a moment ago");
    expect(server.fetch.mock.lastCall?.[1]).toMatchObject({ method: "PUT", keepalive: true });
    const arrive = slowly();
    write("And more");
    await hide();
    expect(server.puts).toBe(2);
    // What is on its way is not sent twice; what is newer does not wait for it.
    await hide();
    expect(server.puts).toBe(2);
    write("And more still");
    await hide();
    expect(server.puts).toBe(3);
    arrive();
    await until(() => text().includes("Saved."));
    expect(server.own.words).toBe("And more still");
    visibility.mockRestore();
  });

  it("that are written in another place meanwhile are not undone by a late answer to a page that was left", async () => {
    show();
    await until(() => text().includes("Calls for help"));
    const arrive = slowly();
    write("Here");
    await until(() => server.puts === 1);
    render(null, document.body);
    server.status = null;
    show();
    write("There");
    arrive();
    await until(() => server.own.words === "Here");
    await now();
    expect(wordsOf("s1")).toMatchObject({ words: "There", isSent: false });
    server.status = 200;
    await until(() => text().includes("Saved."));
    expect(server.own.words).toBe("There");
  });

  it("are not said to be kept where the browser keeps nothing", async () => {
    const stored = localStorage;
    vi.stubGlobal("localStorage", undefined);
    show();
    await until(() => text().includes("Calls for help"));
    server.status = 503;
    write("Well");
    await until(() => text().includes("keeps nothing"));
    expect(text()).not.toContain("Kept on this device");
    expect(wordsKept()[0]?.words).toBe("Well");
    server.status = 200;
    await until(() => text().includes("Saved."));
    expect(server.own.words).toBe("Well");
    dropWords("s1");
    vi.stubGlobal("localStorage", stored);
  });

  it("say that they are kept when saving fails, and are sent by and by", async () => {
    show();
    await until(() => text().includes("Calls for help"));
    server.status = 503;
    write("Later");
    await until(() => text().includes("Kept on this device"));
    server.status = 200;
    await until(() => text().includes("Saved."));
    expect(server.own.words).toBe("Later");
  });

  it("of homework do not tell what the next try is about", async () => {
    const kept = beginWords({ ...SEAT, homework: { token: "h", actions: [] } }, "A session")!;
    render(<OwnWords kept={kept} />, document.body);
    await until(() => server.fetch.mock.calls.length > 0);
    await vi.advanceTimersByTimeAsync(500);
    expect(text()).not.toContain("Calls for help");
    expect(wordsOf("s1")!.isScored).toBe(false);
  });

  it("are over after their day, or with the seat", async () => {
    server.status = 410;
    show();
    await until(() => text().includes("The day for your own words is over"));
    expect(wordsKept()).toEqual([]);
    expect(wordsKept(Date.now() + 2 * DAY)).toEqual([]);
  });

  it("show what trainers wrote, once it is shared", async () => {
    server.shared = {
      annotations: [{ id: "a1", kind: "takeaway", text: "Call early" }],
      scores: { sheets: [{ by: { id: "t1", name: "Grace" }, items: {}, comment: "Calm", percent: 75, is_passed: true }], differences: [] },
    };
    show();
    await until(() => text().includes("Call early"));
    expect(text()).toContain("Grace: 75 %");
    expect(text()).toContain("Calm");
  });

  it("are found again on the page to join, until the next day", async () => {
    beginWords(SEAT, "Woman of 71");
    render(<Join code="" />, document.body);
    expect(text()).toContain("Your own words on “Woman of 71”");
    render(null, document.body);
    vi.setSystemTime(Date.now() + DAY + 1000);
    render(<Join code="" />, document.body);
    expect(text()).not.toContain("Your own words");
  });
});
