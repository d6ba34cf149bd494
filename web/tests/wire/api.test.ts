import { describe, expect, it } from "vitest";
import { Api } from "../../src/wire/api";

function answering(answer: () => Response | Promise<Response>, timeoutMs = 60_000) {
  const calls: [string, RequestInit][] = [];
  const api = new Api({
    timeoutMs,
    fetch: (async (url: string, init: RequestInit) => {
      calls.push([url, init]);
      return answer();
    }) as typeof fetch,
  });
  return { api, calls };
}

const problem = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/problem+json", ...headers } });

describe("the API", () => {
  it("answers with a value", async () => {
    const { api, calls } = answering(() => Response.json({ id: "t" }));
    expect(await api.me()).toEqual({ ok: true, value: { id: "t" } });
    expect(calls[0]?.[0]).toBe("/api/v1/me");
    expect(calls[0]?.[1]).toMatchObject({ method: "GET", credentials: "same-origin", redirect: "error" });
  });

  it("holds the token of a login where the browser may keep no cookie, until the logout", async () => {
    const calls: RequestInit[] = [];
    const answers = [{ token: "secret", trainer: { id: "t" } }, { id: "t" }, {}, {}];
    const answered = async (_: unknown, init: RequestInit) => (calls.push(init), Response.json(answers[calls.length - 1]));
    const api = new Api({ fetch: answered as typeof fetch, holdsToken: true });
    await api.login("a@example.org", "pw");
    expect(api.token).toBe("secret");
    await api.me();
    await api.logout();
    await api.me();
    expect(calls.map(({ headers }) => (headers as Record<string, string>)["Authorization"])).toEqual([
      undefined, "Bearer secret", "Bearer secret", undefined,
    ]); // prettier-ignore
    const usual = answering(() => Response.json({ token: "secret", trainer: { id: "t" } })).api;
    await usual.login("a@example.org", "pw");
    expect(usual.token).toBeNull();
  });

  it("fetches a file of the server's with the token, and says how far it is", async () => {
    const calls: RequestInit[] = [];
    const named = { "content-disposition": 'attachment; filename="a.csv"', "content-type": "text/csv" };
    const parts = new ReadableStream({
      start(stream) {
        for (const part of ["time,", "é\n"]) stream.enqueue(new TextEncoder().encode(part));
        stream.close();
      },
    });
    const answers = [Response.json({ token: "secret", trainer: {} }), new Response(parts, { headers: named })];
    const answered = async (_: unknown, init: RequestInit) => (calls.push(init), answers[calls.length - 1]!);
    const api = new Api({ fetch: answered as typeof fetch, holdsToken: true });
    await api.login("a@example.org", "pw");
    const told: number[] = [];
    const file = await api.download("/api/v1/x", (bytes) => told.push(bytes), new AbortController().signal);
    expect(file.ok && [file.value.name, await file.value.content.text()]).toEqual(["a.csv", "time,é\n"]);
    expect(told).toEqual([5, 8]);
    expect((calls[1]!.headers as Record<string, string>)["Authorization"]).toBe("Bearer secret");
  });

  it("says why there is no file: a refusal, a page of something else, a line that breaks, nothing for too long", async () => {
    const broken = new ReadableStream({ pull: (stream) => stream.error(new Error("gone")) });
    const stuck = new ReadableStream({});
    const named = { "content-disposition": 'attachment; filename="a.csv"' };
    const stop = new AbortController();
    const code = async (answer: Response, timeoutMs?: number) => {
      const { api } = answering(() => answer, timeoutMs);
      const file = await api.download("/x", () => {}, stop.signal);
      return file.ok ? null : file.refusal.code;
    };
    expect(await code(problem(403, { code: "forbidden", detail: "No." }))).toBe("forbidden");
    expect(await code(new Response("<p>Welcome to the hotel", { headers: { "content-type": "text/html" } }))).toBe("network");
    expect(await code(new Response(broken, { headers: named }))).toBe("network");
    expect(await code(new Response(stuck, { headers: named }), 30)).toBe("timeout");
  });

  it("sends JSON", async () => {
    const { api, calls } = answering(() => Response.json({}));
    await api.openSession({ title: "A" });
    expect(calls[0]?.[1]).toMatchObject({ method: "POST", body: '{"title":"A"}', headers: { "Content-Type": "application/json" } });
  });

  it("answers with the server's refusal: code, words, fields, and when to come again", async () => {
    const errors = [{ field: "vitals.spo2", message: "must be from 0 to 100 (%)" }];
    const body = { type: "x", title: "t", status: 422, code: "invalid_fields", detail: "Cannot be accepted.", errors };
    expect(await answering(() => problem(422, body)).api.me()).toEqual({
      ok: false,
      refusal: { code: "invalid_fields", detail: "Cannot be accepted.", errors },
    });
    const late = { code: "rate_limited", detail: "Wait." };
    expect(await answering(() => problem(429, late, { "retry-after": "12" })).api.me()).toEqual({
      ok: false,
      refusal: { ...late, retry_after: 12 },
    });
    const date = new Date(Date.now() + 3_000_000).toUTCString();
    const dated = await answering(() => problem(503, late, { "retry-after": date })).api.me();
    expect(dated.ok ? 0 : dated.refusal.retry_after).toBeGreaterThan(2_500);
  });

  it("never takes silence, a gateway or a hotspot for the server's answer", async () => {
    const code = async (answer: () => Response | Promise<Response>) => {
      const { api } = answering(answer);
      const result = await api.record("s", {});
      return result.ok ? "ok" : result.refusal.code;
    };
    const html = { headers: { "content-type": "text/html" } };
    expect(await code(() => Promise.reject(new TypeError("failed to fetch")))).toBe("network");
    expect(await code(() => new Response("<html>", html))).toBe("network");
    expect(await code(() => new Response("", { status: 502 }))).toBe("network");
    expect(await code(() => new Response("<html>", { status: 511, ...html }))).toBe("network");
    expect(await code(() => new Response("{", { headers: { "content-type": "application/json" } }))).toBe("network");
    expect(await code(() => new Response("<html>", { status: 404, ...html }))).toBe("strange_answer");
    expect(await code(() => new Response("oops", { status: 500 }))).toBe("strange_answer");
  });

  it("does not wait for ever", async () => {
    const api = new Api({
      timeoutMs: 20,
      fetch: ((_: string, init: RequestInit) =>
        new Promise((__, reject) => {
          init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
        })) as typeof fetch,
    });
    expect(await api.me()).toMatchObject({ ok: false, refusal: { code: "timeout" } });
  });
});
