// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pathTo } from "../../src/app/pages";
import { go, path } from "../../src/app/route";
import { chooseLanguage } from "../../src/i18n";
import { Join } from "../../src/join/Join";
import { remember, seatIn } from "../../src/join/seats";
import { until } from "../until";

const place = <T extends HTMLElement>(selector: string) => document.querySelector(selector) as unknown as T;
const codeField = () => place<HTMLInputElement>("#join-code");
const nameField = () => place<HTMLInputElement>("#join-name");
const error = () => place("#join-error");

const says = (words: string) => until(() => expect(error().textContent).toContain(words));
const reads = (words: string) => until(() => expect(document.body.textContent).toContain(words));

async function type(field: HTMLInputElement, text: string): Promise<void> {
  await act(() => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

async function submit(): Promise<void> {
  await act(() => {
    place("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  });
}

async function show(code = ""): Promise<void> {
  await act(() => render(<Join code={code} />, document.body));
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  chooseLanguage("en");
  vi.stubGlobal("BroadcastChannel", undefined);
});

afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
});

const session = { id: "s1", code: "ABC234", title: "Sepsis", expires_at: "2026-11-21T13:30:00.000Z" };
const answer = (status: number, body: object, headers: Record<string, string> = {}) =>
  vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status, headers }))));

describe("the join page", () => {
  it("says so to whoever has come to no address", async () => {
    await show();
    expect(document.body.textContent).not.toContain("nothing at this address");
    await act(() => render(<Join code="" isLost />, document.body));
    expect(document.body.textContent).toContain("nothing at this address");
  });

  it("begins at the code, and at the name after a join link", async () => {
    await show();
    expect(document.activeElement).toBe(codeField());
    render(null, document.body);
    await show("abc-234");
    expect(codeField().value).toBe("ABC 234");
    expect(document.activeElement).toBe(nameField());
  });

  it("groups what is typed", async () => {
    await show();
    await type(codeField(), "ab c2");
    expect(codeField().value).toBe("ABC 2");
  });

  it.each([
    ["", "Jo", "Type the 6 characters", "#join-code"],
    ["AB2", "Jo", "3\u00a0still missing", "#join-code"],
    ["ABO234", "Jo", "“O” is in no code", "#join-code"],
    ["ABC234", " ", "Type your name", "#join-name"],
  ])("says what is wrong with %j and %j, and goes there", async (code, name, words, field) => {
    vi.stubGlobal("fetch", vi.fn());
    await show();
    await type(codeField(), code);
    await type(nameField(), name);
    await submit();
    await says(words);
    expect(error().getAttribute("role")).toBe("alert");
    expect(document.activeElement).toBe(place(field));
    expect(place(field).getAttribute("aria-invalid")).toBe("true");
    expect(place(field).getAttribute("aria-describedby")).toContain("join-error");
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each([
    [404, "not_found", "No session has this code"],
    [410, "session_closed", "the trainer has ended it"],
    [410, "session_expired", "its time was up"],
    [503, "storage_unavailable", "Try again in a moment"],
  ])("has words for %i %s", async (status, code, words) => {
    answer(status, { code });
    await show("ABC234");
    await type(nameField(), "Jo");
    await submit();
    await says(words);
    expect(place<HTMLButtonElement>(".join-submit").getAttribute("aria-disabled")).toBe("false");
  });

  it("sends whoever is in the wrong network to the hall", async () => {
    answer(409, { code: "not_home", hall: "North" });
    await show("ABC234");
    await type(nameField(), "Jo");
    await submit();
    await says("runs in the hall “North”");
  });

  it("waits as long as the server wants, and says so", async () => {
    answer(429, { code: "rate_limited" }, { "Retry-After": "9" });
    await show("ABC234");
    await type(nameField(), "Jo");
    await submit();
    await says("9 s");
    expect(place(".join-submit").textContent).toBe("Wait 9 s");
    await submit();
    // By the link, for how long its school keeps what is done; and by the button.
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("remembers the seat and goes to the monitor", async () => {
    answer(200, { session });
    await show("ABC234");
    await type(nameField(), "  Jo ");
    await submit();
    await until(() => expect(location.pathname).toBe("/monitor"));
    expect(seatIn("s1")).toMatchObject({ code: "ABC234", name: "Jo", token: null, public_title: "Sepsis" });
  });

  /** Until it is answered. */
  const awaited = (body: object, status = 200) => {
    let give = () => {};
    const due = new Promise<void>((resolve) => (give = resolve));
    vi.stubGlobal("fetch", vi.fn(() => due.then(() => new Response(JSON.stringify(body), { status }))));
    return () => act(async () => (give(), new Promise((done) => setTimeout(done, 0))));
  };

  it("leads nobody away who has left the page before the answer", async () => {
    go(pathTo("home"));
    const give = awaited({ session });
    await show();
    await type(codeField(), "ABC 234");
    await type(nameField(), "Jo");
    await submit();
    await act(() => render(null, document.body));
    await give();
    expect(path.value).toBe(pathTo("home"));
    expect(seatIn("s1")).toBeNull();
  });

  it("takes the focus from nobody who has gone on to another field before the answer", async () => {
    const give = awaited({ code: "not_found" }, 404);
    await show();
    await type(codeField(), "ABC 234");
    await type(nameField(), "Jo");
    await act(() => place(".join-submit").focus());
    await submit();
    await act(() => nameField().focus());
    await give();
    await says("No session has this code");
    expect(document.activeElement).toBe(nameField());
    await act(() => place(".join-submit").focus());
    await submit();
    await until(() => expect(document.activeElement).toBe(codeField()));
  });

  it("leads whoever types an old code to the session in which that one goes on, into the seat that they had", async () => {
    remember({ session_id: "s0", code: "XYZ234", public_title: "", trainee_name: null, name: "Jo", token: "t0", expires_at: "", homework: null });
    const calls = [new Response(JSON.stringify({ code: "session_closed", moved_to: "ABC234" }), { status: 410 }), new Response(JSON.stringify({ session }))];
    vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(calls.shift()!)));
    await show();
    await type(codeField(), "XYZ 234");
    await type(nameField(), "Jo");
    await submit();
    await until(() => expect(seatIn("s1")).toMatchObject({ session_id: "s1", code: "ABC234", name: "Jo", token: "t0" }));
  });

  it("says what is recorded, for how long, and that the name need not be a real one", async () => {
    await show();
    await reads("The school decides how long it is kept");
    await reads("The name need not be your real one.");
    render(null, document.body);
    answer(200, { session, kept: { names_months: 6, records_months: 24 } });
    await show("ABC234");
    await reads("Your name is taken out 6 months after the session.");
    await reads("The record itself is deleted after 24 months.");
    render(null, document.body);
    answer(200, { session, kept: { names_months: 1, records_months: null } });
    await show("ABC234");
    await reads("one month after the session. The record without names may be kept longer.");
  });

  it("speaks French", async () => {
    chooseLanguage("fr");
    await show();
    expect(document.documentElement.lang).toBe("fr");
    expect(place("h1").textContent).toBe("Rejoindre une séance");
  });
});
