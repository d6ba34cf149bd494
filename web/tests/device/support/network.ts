import type { Result } from "../../../src/wire/api";
import type { TrainerHandlers, TrainerConnection } from "../../../src/wire/trainerConnection";
import type { Trainee, Trainer } from "../../../src/wire/types";
import { Refused, type ServerDouble, type Watcher } from "./server";
import { turns } from "./turns";

/**
 * What lies between one device and the server, its cookie included.
 * - `isUp`: off, nothing passes and sockets are cut.
 * - `loseAnswer`: whether the answer to this request is lost after it had its effect.
 * - `readLate`: answers that come meanwhile have come whole, but are read only then.
 */
export class NetworkDouble {
  readonly server: ServerDouble;
  cookie: Trainer | null = null;
  hasSockets = true;
  /** Its cookie does not count on sockets: a page of an origin that is not allowed. */
  refusesSockets = false;
  calls = 0;
  loseAnswer: (what: string) => boolean = () => false;
  readLate: Promise<void> | null = null;
  /** The answer to a watch, which was read on the server before, comes only then. */
  watchedLate: Promise<void> | null = null;
  /** A hotspot's page, a proxy's error: answered in the server's tab. */
  inBetween: ((path: string) => Response | null) | null = null;
  readonly sockets = new Set<SocketDouble>();
  #isUp = true;

  constructor(server: ServerDouble) {
    this.server = server;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  set isUp(isUp: boolean) {
    this.#isUp = isUp;
    for (const socket of this.sockets) if (isUp) socket.connect();
    else socket.cut();
  }

  /** Only HTTP gets through from now on. */
  withoutSockets(): void {
    this.hasSockets = false;
    for (const socket of this.sockets) socket.cut();
  }

  /** The login has run out, or somebody ended it: the server cuts its sockets. */
  endLogin(): void {
    this.cookie = null;
    for (const socket of this.sockets) socket.renew();
  }

  readonly fetch = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input), "http://double");
    const path = url.pathname.replace("/api/v1", "");
    this.calls += 1;
    await turns(2);
    if (!this.#isUp) throw new TypeError("fetch failed");
    const strange = this.inBetween?.(path);
    if (strange) return strange;
    const body = typeof init?.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : {};
    const answer = this.#answer(init?.method ?? "GET", path, url.searchParams, body, new Headers(init?.headers));
    await turns(2);
    if (!this.#isUp || this.loseAnswer(path)) throw new TypeError("fetch failed");
    await this.readLate;
    return answer;
  };

  readonly openConnection = (_clock: unknown, handlers: TrainerHandlers): TrainerConnection => {
    const socket = new SocketDouble(this, handlers);
    this.sockets.add(socket);
    return socket;
  };

  #answer(method: string, path: string, query: URLSearchParams, body: Record<string, unknown>, headers: Headers): Response {
    try {
      const value = this.#route(method, path, query, body, headers);
      return value === null ? new Response(null, { status: 204 }) : Response.json(value);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { retry_after, ...problem } = error.refusal;
      return new Response(JSON.stringify({ ...problem, status: error.status }), {
        status: error.status,
        headers: {
          "content-type": "application/problem+json",
          ...(retry_after === undefined ? {} : { "retry-after": String(retry_after) }),
        },
      });
    }
  }

  #route(method: string, path: string, query: URLSearchParams, body: Record<string, unknown>, headers: Headers): unknown {
    const { server } = this;
    if (path === "/auth/login") {
      const found = server.trainers.find((one) => one.email === body["email"]);
      if (found === undefined || body["password"] !== "right") throw unauthenticated();
      this.cookie = found;
      return { token: "secret", expires_at: new Date().toISOString(), trainer: found };
    }
    if (this.cookie === null) throw unauthenticated();
    const by = this.cookie;
    if (path === "/auth/logout") {
      this.cookie = null;
      return null;
    }
    if (path === "/me") return server.me(by);
    if (path === "/api/sync/down") return server.school.down(body as never);
    if (path === "/api/sync/up") return server.school.up(body as never);
    if (path.startsWith("/api/sync/conflicts/")) return server.school.resolve(path.split("/")[4]!, body as never);
    if (path === "/sessions" && method === "POST") return server.open(by, body);
    if (path === "/sessions") {
      const isOpen = query.get("status") === "open";
      const items = [...server.sessions.values()].filter((one) => (one.closed_at === null) === isOpen);
      return { items: items.map((one) => ({ ...one, event_count: one.last_seq, trainee_count: 0 })), next_cursor: null };
    }
    const [, , id = "", part] = path.split("/");
    if (part === "close") return server.close(by, id);
    if (part === "case") return server.caseOf(by, id);
    if (part === "events" && body["kind"] === "case") return server.control(by, id, body);
    if (part === "events" && method === "POST") return server.record(by, id, body);
    if (part === "events") {
      const items = server.eventsOf(id, Number(query.get("after"))).slice(0, Number(query.get("limit") ?? 50));
      return { items, last_seq: server.session(id).last_seq };
    }
    if (part === "debrief") return { duration_seconds: 60, attendance: [] };
    if (part === "annotations") return { items: [], next_cursor: null };
    if (part === "scores") return method === "PUT" ? server.score(by, id, body) : server.scoresOf(id);
    const version = headers.get("if-match");
    if (method === "PATCH") return server.change(by, id, body, version === null ? null : Number(version.replaceAll('"', "")));
    return server.session(id);
  }
}

function unauthenticated(): Refused {
  return new Refused(401, { code: "unauthenticated", detail: "log in" });
}

export class SocketDouble implements TrainerConnection {
  isConnected = false;
  readonly #network: NetworkDouble;
  readonly #handlers: TrainerHandlers;
  readonly #watching = new Map<string, () => number | Promise<number>>();
  readonly #watchers = new Map<string, Watcher>();
  #by: Trainer | null = null;
  #isWanted = false;

  constructor(network: NetworkDouble, handlers: TrainerHandlers) {
    this.#network = network;
    this.#handlers = handlers;
  }

  connect(): void {
    this.#isWanted ||= this.#network.isUp;
    if (!this.#isWanted || !this.#network.hasSockets) return;
    setImmediate(() => {
      const { cookie, isUp } = this.#network;
      if (!isUp || this.isConnected || !this.#isWanted) return;
      if (cookie === null || this.#network.refusesSockets) return this.#handlers.refused({ code: "unauthenticated", detail: "log in" });
      this.isConnected = true;
      this.#by = cookie;
      this.#handlers.connected();
      for (const id of this.#watching.keys()) void this.#watch(id);
    });
  }

  tellEdited(version: number): void {
    this.#handlers.edited(version);
  }

  tellTrainees(sessionId: string, trainees: Trainee[]): void {
    this.#handlers.trainees(sessionId, trainees);
  }

  tellTrainers(sessionId: string, trainerIds: string[]): void {
    this.#handlers.trainers(sessionId, trainerIds);
  }

  /** One more attempt led nowhere. */
  fail(): void {
    this.#handlers.failed();
  }

  hurry(): void {
    this.connect();
  }

  renew(): void {
    this.cut();
    this.connect();
  }

  cut(): void {
    for (const watcher of this.#watchers.values()) this.#network.server.watchers.delete(watcher);
    this.#watchers.clear();
    if (!this.isConnected) return;
    this.isConnected = false;
    this.#handlers.disconnected(false);
  }

  close(): void {
    this.#isWanted = false;
    this.isConnected = false;
    for (const watcher of this.#watchers.values()) this.#network.server.watchers.delete(watcher);
    this.#network.sockets.delete(this);
  }

  heardSince(): boolean {
    return true;
  }

  watch(sessionId: string, afterSeq: () => number | Promise<number>): void {
    this.#watching.set(sessionId, afterSeq);
    void this.#watch(sessionId);
  }

  unwatch(sessionId: string): void {
    this.#watching.delete(sessionId);
    const watcher = this.#watchers.get(sessionId);
    if (watcher !== undefined) this.#network.server.watchers.delete(watcher);
    this.#watchers.delete(sessionId);
  }

  async send<T extends object>(message: string, data: object): Promise<Result<T>> {
    const network = { ok: false, refusal: { code: "network", detail: "cut" } } as const;
    if (!this.isConnected || this.#by === null) return network;
    await turns(2);
    if (!this.isConnected) return network;
    let answer: Result<T>;
    try {
      answer = { ok: true, value: this.#handle(message, data as Record<string, unknown>, this.#by) as T };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer = { ok: false, refusal: error.refusal };
    }
    await turns(2);
    if (!this.isConnected || this.#network.loseAnswer(message)) return network;
    return answer;
  }

  #handle(message: string, data: Record<string, unknown>, by: Trainer): object {
    const { server } = this.#network;
    const id = String(data["session_id"]);
    if (message === "vitals:push") return { event: server.record(by, id, { ...data, kind: "vitals" }) };
    if (message === "note:add") return { event: server.record(by, id, { ...data, kind: "note" }) };
    if (message === "case:control") return { event: server.control(by, id, data) };
    if (message === "session:close") return { session: server.close(by, id) };
    return {};
  }

  async #watch(sessionId: string): Promise<void> {
    const after = await this.#watching.get(sessionId)?.();
    const { server } = this.#network;
    const session = server.sessions.get(sessionId);
    if (!this.isConnected || after === undefined || session === undefined) return;
    if (!this.#watchers.has(sessionId)) {
      const watcher: Watcher = {
        sessionId,
        pushed: (pushed) => this.#handlers.pushed(pushed),
        added: (event) => this.#handlers.added(event),
        session: (told) => this.#handlers.session(told),
      };
      this.#watchers.set(sessionId, watcher);
      server.watchers.add(watcher);
    }
    const server_time = new Date().toISOString();
    const events = server.eventsOf(sessionId, after);
    await this.#network.watchedLate;
    this.#handlers.watched(sessionId, { session, events, trainees: [], server_time });
  }
}
