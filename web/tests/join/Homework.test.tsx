// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pathTo } from "../../src/app/pages";
import { go, path } from "../../src/app/route";
import { chooseLanguage } from "../../src/i18n";
import { Homework } from "../../src/join/Homework";
import { currentSeat } from "../../src/join/seats";
import { EndScreen } from "../../src/monitor/EndScreen";
import { HomeworkKeys } from "../../src/monitor/HomeworkKeys";
import { until } from "../until";

const OFFER = {
  title: "A woman of 34",
  until: "2026-12-05T18:00:00.000Z",
  duration_minutes: 20,
  language: "en",
  actions: ["help", "im_adrenaline"],
};
const SESSION = { id: "s1", title: "A woman of 34", trainee_name: "Léa", expires_at: "2026-11-28T19:00:00.000Z" };
const text = () => document.body.textContent ?? "";
const button = (name: string) =>
  [...document.querySelectorAll("button")].find((one) => (one.getAttribute("aria-label") ?? one.textContent) === name)!;

/** What each call is answered, in the order of calling: a status and a body. */
function answers(...all: [number, object, Record<string, string>?][]) {
  const fetched = vi.fn();
  for (const [status, body, headers] of all)
    fetched.mockResolvedValueOnce(new Response(JSON.stringify(body), { status, headers: headers ?? {} }));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

const asked = (fetched: ReturnType<typeof answers>, call: number): Record<string, unknown> =>
  JSON.parse(String(fetched.mock.calls[call]?.[1]?.body)) as Record<string, unknown>;
const says = (words: string) => until(() => expect(text()).toContain(words));
const press = (name: string) => act(() => button(name).click());

async function open(): Promise<void> {
  await act(() => render(<Homework token="t0ken" />, document.body));
  await until(() => expect(document.querySelector("main")?.getAttribute("aria-busy")).toBe("false"));
}

async function begin(name: string): Promise<void> {
  const field = document.querySelector<HTMLInputElement>("#join-name")!;
  await act(() => {
    field.value = name;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await act(() => {
    document.querySelector("form")!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  });
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  chooseLanguage("en");
});

afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
});

describe("the link of a homework", () => {
  it("says what it is, until when, and what is recorded", async () => {
    const fetched = answers([200, OFFER]);
    await open();
    expect(fetched.mock.calls[0]?.[0]).toBe("/api/v1/assignments/t0ken/open");
    for (const said of ["A woman of 34", "5 December", "At most 20 minutes", "Recorded under the name below"])
      expect(text()).toContain(said);
  });

  it("begins a try under a name, and leads to its monitor", async () => {
    const fetched = answers([200, OFFER], [201, { code: "K7M2QX" }], [200, { session: SESSION }], [200, OFFER]);
    await open();
    await begin("  Léa ");
    await until(() => expect(path.value).toBe(pathTo("monitor")));
    expect(asked(fetched, 1)).toEqual({ id: expect.any(String), name: "Léa" });
    expect(currentSeat()).toMatchObject({
      session_id: "s1",
      code: "K7M2QX",
      name: "Léa",
      token: null,
      homework: { token: "t0ken", actions: ["help", "im_adrenaline"] },
    });
  });

  it("leads nobody away who has left the page meanwhile, and keeps the try for them", async () => {
    go(pathTo("home"));
    answers([200, OFFER], [201, { code: "K7M2QX" }]);
    await open();
    let give = () => {};
    const late = new Promise<Response>((resolve) => (give = () => resolve(new Response(JSON.stringify({ session: SESSION })))));
    const fetched = vi.mocked(fetch);
    fetched.mockReturnValueOnce(late).mockResolvedValueOnce(new Response(JSON.stringify(OFFER)));
    await begin("Léa");
    await until(() => expect(fetched).toHaveBeenCalledTimes(4));
    await act(() => render(null, document.body));
    await act(async () => (give(), new Promise((done) => setTimeout(done, 0))));
    expect([path.value, currentSeat()]).toEqual([pathTo("home"), null]);
    const first = asked(fetched, 1).id;
    const again = answers([200, OFFER], [201, { code: "K7M2QX" }], [200, { session: SESSION }], [200, OFFER]);
    await open();
    await begin("Léa");
    await until(() => expect(path.value).toBe(pathTo("monitor")));
    expect(asked(again, 1).id).toBe(first);
  });

  it("asks for the same try until it is reached, also on the page loaded anew, and then for another", async () => {
    const lost = answers([200, OFFER], [502, {}], [201, { code: "K7M2QX" }], [503, {}], [200, OFFER]);
    await open();
    await begin("Léa");
    await says("does not answer");
    await begin("Léa");
    await until(() => expect(lost).toHaveBeenCalledTimes(5));
    await until(() => expect(button("Begin").getAttribute("aria-disabled")).toBe("false"));
    await act(() => render(null, document.body));
    const found = answers([200, OFFER], [200, { code: "K7M2QX" }], [200, { session: SESSION }], [200, OFFER]);
    await open();
    await begin("Léa");
    await until(() => expect(currentSeat()?.code).toBe("K7M2QX"));
    const [first, second, third] = [asked(lost, 1), asked(lost, 2), asked(found, 1)];
    expect([second.id, third.id]).toEqual([first.id, first.id]);
    const next = answers([200, OFFER], [429, { code: "rate_limited" }]);
    await act(() => render(null, document.body));
    await open();
    await begin("Léa");
    await says("You can try again");
    expect(asked(next, 1).id).not.toBe(first.id);
  });

  it("begins another one where the one that was never reached is over", async () => {
    const over: [number, object][] = [[200, { code: "K7M2QX" }], [410, { code: "session_expired" }], [200, OFFER]];
    const fetched = answers([200, OFFER], ...over, [201, { code: "K7M2QY" }], [200, { session: SESSION }], [200, OFFER]);
    await open();
    await begin("Léa");
    await until(() => expect(currentSeat()?.code).toBe("K7M2QY"));
    expect(asked(fetched, 4).id).not.toBe(asked(fetched, 1).id);
  });

  it("asks for a name first", async () => {
    const fetched = answers([200, OFFER]);
    await open();
    await begin(" ");
    await says("Type your name");
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it.each([
    [404, "not_found", "No homework has this link"],
    [410, "session_expired", "its date has passed"],
    [410, "session_closed", "taken this homework back"],
  ])("that is shut says so: %i %s", async (status, code, said) => {
    answers([status, { code }]);
    await open();
    expect(text()).toContain(said);
    expect(document.querySelector("form")).toBeNull();
  });

  it("that cannot be read just now is asked again", async () => {
    answers([503, { code: "storage_unavailable" }], [200, OFFER]);
    await open();
    await press("Try again");
    await says("A woman of 34");
  });

  it("lets wait whoever comes with too many others", async () => {
    answers([200, OFFER], [429, { code: "rate_limited" }, { "Retry-After": "12" }]);
    await open();
    await begin("Léa");
    await says("You can try again in 12 s.");
    await says("Wait 12 s");
  });
});

describe("whoever plays alone", () => {
  it("has a key for each action, by its name, with what was done", async () => {
    const taken: string[] = [];
    const take = (action: string) => taken.push(action) < 3;
    await act(() => render(<HomeworkKeys actions={["im_adrenaline", "chest_drain"]} take={take} />, document.body));
    await press("Adrenaline IM");
    await press("Adrenaline IM, done");
    await press("Chest drain");
    expect(taken).toEqual(["im_adrenaline", "im_adrenaline", "chest_drain"]);
    expect(button("Adrenaline IM, done 2 times")).toBeDefined();
    // It was not taken.
    expect(button("Chest drain")).toBeDefined();
    expect(text()).toContain("Not taken");
  });

  it("is led to the next try when one is over", async () => {
    await act(() => render(<EndScreen reason="session_closed" title="A woman of 34" code="K7M2QX" homework="t0ken" />, document.body));
    expect(text()).toContain("The case is over");
    await press("Begin again");
    expect(path.value).toBe(pathTo("assignment", { token: "t0ken" }));
  });
});
