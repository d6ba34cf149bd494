import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { lookUp } from "../../src/join/lookUp";

function answer(status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  vi.stubGlobal("fetch", vi.fn().mockResolvedValue(new Response(text, { status, headers })));
}

afterEach(() => vi.unstubAllGlobals());

describe("a code whose session went on in another one", () => {
  const went = (code: string) => new Response(JSON.stringify({ code: "session_closed", moved_to: code }), { status: 410 });
  const found = () => new Response(JSON.stringify({ session: { id: "s2", code: "NEW234" } }));

  it("finds that one, also if it has gone on again meanwhile", async () => {
    const fetched = vi.fn().mockResolvedValueOnce(went("MID234")).mockResolvedValueOnce(went("NEW234")).mockResolvedValueOnce(found());
    vi.stubGlobal("fetch", fetched);
    expect(await lookUp("OLD234")).toMatchObject({ kind: "found", session: { code: "NEW234" } });
    expect(fetched.mock.calls.map(([, { body }]) => JSON.parse(body).code)).toEqual(["OLD234", "MID234", "NEW234"]);
  });

  it("is over where that goes round", async () => {
    const fetched = vi.fn(() => Promise.resolve(went("OLD234")));
    vi.stubGlobal("fetch", fetched);
    expect(await lookUp("OLD234")).toEqual({ kind: "session_closed" });
    expect(fetched).toHaveBeenCalledTimes(4);
  });
});

describe("looking a code up", () => {
  it("finds the session", async () => {
    answer(200, { session: { id: "s1" } });
    expect(await lookUp("ABC234")).toEqual({ kind: "found", session: { id: "s1" }, kept: null });
    const [url, request] = vi.mocked(fetch).mock.calls[0] ?? [];
    expect(url).toBe("/api/v1/join");
    expect(request?.body).toBe('{"code":"ABC234"}');
  });

  it.each([
    [404, "not_found"],
    [410, "session_closed"],
    [410, "session_expired"],
    [503, "storage_unavailable"],
  ])("knows %i %s", async (status, code) => {
    answer(status, { code });
    expect(await lookUp("ABC234")).toEqual({ kind: code });
  });

  it("says in which hall it runs", async () => {
    answer(409, { code: "not_home", hall: "North" });
    expect(await lookUp("ABC234")).toEqual({ kind: "not_home", hall: "North" });
  });

  it("says how long to wait", async () => {
    answer(429, { code: "rate_limited" }, { "Retry-After": "12" });
    expect(await lookUp("ABC234")).toEqual({ kind: "rate_limited", seconds: 12 });
  });

  it("takes no answer, a proxy's answer and a login page for no server", async () => {
    vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("Failed to fetch")));
    expect(await lookUp("ABC234")).toEqual({ kind: "unreachable" });
    answer(502, "<html>Bad gateway</html>");
    expect(await lookUp("ABC234")).toEqual({ kind: "unreachable" });
    answer(200, "<html>Welcome to the hotel</html>");
    expect(await lookUp("ABC234")).toEqual({ kind: "unreachable" });
  });

  it("knows a refusal that it does not know", async () => {
    for (const code of ["invalid_fields", "of_a_newer_server"]) {
      answer(422, { code });
      expect(await lookUp("ABC234")).toEqual({ kind: "refused" });
    }
    answer(500, { code: "of_a_newer_server" });
    expect(await lookUp("ABC234")).toEqual({ kind: "unreachable" });
  });
});

describe("where something on the way takes the question and answers nothing", () => {
  const open: Socket[] = [];
  let filter: Server | undefined;

  afterEach(async () => {
    for (const socket of open.splice(0)) socket.destroy();
    await new Promise((resolve) => filter?.close(resolve));
  });

  it.each([
    ["not a word", ""],
    ["a head without its body", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"],
  ])("%s is no server, soon", async (_, said) => {
    filter = createServer((socket) => {
      open.push(socket);
      socket.on("error", () => socket.destroy());
      socket.once("data", () => socket.write(said));
    });
    await new Promise<void>((resolve) => filter?.listen(0, "127.0.0.1", resolve));
    const { port } = filter.address() as AddressInfo;
    const realFetch = fetch;
    vi.stubGlobal("fetch", (path: string, request: RequestInit) => realFetch(`http://127.0.0.1:${port}${path}`, request));
    expect(await lookUp("ABC234", 300)).toEqual({ kind: "unreachable" });
  });
});

describe("an old browser, which has no AbortSignal.timeout", () => {
  it("finds the session all the same", async () => {
    const { timeout } = AbortSignal;
    Object.assign(AbortSignal, { timeout: undefined });
    try {
      answer(200, { session: { id: "s1" } });
      expect(await lookUp("ABC234")).toEqual({ kind: "found", session: { id: "s1" }, kept: null });
    } finally {
      Object.assign(AbortSignal, { timeout });
    }
  });
});
