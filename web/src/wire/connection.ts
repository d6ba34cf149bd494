import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import type { Result } from "./api";
import { Backoff } from "./backoff";
import type { ServerClock } from "./clock";
import { ClockReader } from "./clockReader";
import { reduceLink, UNLINKED, type LinkHappening, type LinkState } from "./linkState";
import { knownCode, type Refusal } from "./refusals";
import type { Timers } from "./timers";
import type { Ack } from "./types";

export interface ConnectionOptions {
  namespace: "/trainer" | "/trainee";
  /** Empty for the server that this page came from. */
  url?: string;
  clock: ServerClock;
  timers: Timers;
  random: () => number;
  handlers: ConnectionHandlers;
  /** What the socket is made with besides: who we are. */
  io: Partial<ManagerOptions & SocketOptions>;
  ackTimeoutMs?: number;
  connectTimeoutMs?: number;
}

/** What becomes of the connection. Messages of a namespace are heard with `on`. */
export interface ConnectionHandlers {
  opened(): void;
  /** It was open. `isCut`: by the server, which has its reasons. The answer: whether to come back by itself. */
  lost(isCut: boolean): boolean;
  /** The server did not let us in; the next try would be in `pause` ms. The answer: whether to make one. */
  refused(refusal: Refusal, pause: number): boolean;
  /** An attempt led nowhere; the next one comes by itself. */
  failed(): void;
  /** Nothing came for longer than the server may be quiet, though the link was not closed. */
  silent(): void;
  /** Anything came while it was open. */
  heard(): void;
}

/** Above the server's ping interval (10 s), so that a link that lives has been heard within it. */
const ACK_TIMEOUT_MS = 15_000;
/** From the first byte to being let in. */
const CONNECT_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;
/** The server pings every 10 s: when nothing came for longer, the link is dead though it was not closed. */
const SILENT_AFTER_MS = 13_000;
const LOOK_EVERY_MS = 1_000;
/** A page whose look-out was away for so long has slept, and may have heard nothing for that alone. */
const SLEPT_MS = 5 * LOOK_EVERY_MS;

/**
 * The one way into a namespace of the server. It comes back by itself, after pauses that grow, tries the other
 * transport first when one was swallowed on its way, notices silence, and keeps the clock. It does not know what
 * is said over it, nor what the server's refusals mean: its handlers decide whether to try again.
 */
export class Connection<Listeners, Message extends string> {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #clock: ClockReader;
  readonly #backoff: Backoff;
  #state: LinkState = UNLINKED;
  #heardAt = 0;
  #lookedAt = 0;
  /** Of the phase that it is in: each has one timer at most. */
  #callOff = () => {};

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ first: FIRST_PAUSE_MS, longest: LONGEST_PAUSE_MS, random: options.random });
    this.#clock = new ClockReader(options.clock, options.timers, async () => {
      const answer = await this.send<{ server_time: string }>("clock:read", {});
      return answer.ok ? answer.value.server_time : null;
    });
    this.#socket = io(`${options.url ?? ""}${options.namespace}`, {
      tryAllTransports: true,
      autoConnect: false,
      // Both are done here.
      reconnection: false,
      timeout: false as unknown as number,
      // A connection of its own: closing it must leave no other namespace behind.
      forceNew: true,
      ...options.io,
    });
    this.#listen();
  }

  get isOpen(): boolean {
    return this.#socket.connected;
  }

  /** When anything last came from the server, by this device's Date.now(); 0 before the first word. */
  get heardAt(): number {
    return this.#heardAt;
  }

  connect(): void {
    this.#happen({ kind: "wanted" });
  }

  /** If it waits for its next turn, that is now: a person looks. An attempt under way is let finish. */
  hurry(): void {
    this.#happen({ kind: "due" });
  }

  /** The link is dead although it was not closed, or the login is another one: take a new one. */
  renew(): void {
    this.#socket.disconnect();
    this.#happen({ kind: "unwanted" });
    this.#happen({ kind: "wanted" });
  }

  /** The device says that it has no network. It may be wrong: the next word from the server takes it back. */
  doubt(): void {
    this.#happen({ kind: "quiet" });
  }

  /** The network is back: what was begun without it leads nowhere. */
  wake(): void {
    if (this.isOpen) this.#clock.readAnew();
    else if (this.#state.phase !== "off") this.renew();
  }

  close(): void {
    this.#socket.removeAllListeners();
    this.#happen({ kind: "unwanted" });
  }

  on<Name extends keyof Listeners & string>(message: Name, heard: Listeners[Name]): void {
    this.#socket.on(message, heard as never);
  }

  async send<T extends object>(message: Message | "clock:read", data: object): Promise<Result<T>> {
    if (!this.isOpen) return { ok: false, refusal: NETWORK };
    try {
      const patience = this.#options.ackTimeoutMs ?? ACK_TIMEOUT_MS;
      const ack: Ack<T> = await this.#socket.timeout(patience).emitWithAck(message, data);
      if (!ack.ok) return { ok: false, refusal: { ...ack.error, code: knownCode(ack.error.code) } };
      const { ok: _, ...value } = ack;
      return { ok: true, value: value as unknown as T };
    } catch {
      return { ok: false, refusal: this.isOpen ? TIMEOUT : NETWORK };
    }
  }

  #listen(): void {
    const socket = this.#socket;
    socket.io.on("open", () => socket.io.engine.on("packet", () => this.#hear()));
    socket.on("connect", () => {
      this.#backoff.reset();
      this.#happen({ kind: "opened" });
    });
    socket.on("disconnect", (reason) => this.#lost(reason === "io server disconnect"));
    socket.on("connect_error", (error: Error & { data?: unknown }) => {
      // The library gives a socket up only when the server itself would not have it.
      if (socket.active) this.#failed("broken");
      else this.#refused(refusalFrom(error));
    });
  }

  #hear(): void {
    this.#heardAt = Date.now();
    if (!this.isOpen) return;
    this.#happen({ kind: "heard" });
    this.#options.handlers.heard();
  }

  #lost(isCut: boolean): void {
    if (this.#state.phase === "off") return;
    const comesBack = this.#options.handlers.lost(isCut);
    this.#happen({ kind: "refused", comesBack, pause: this.#backoff.next() });
  }

  #refused(refusal: Refusal): void {
    const pause = this.#backoff.next((refusal.retry_after ?? 0) * 1000);
    const comesBack = this.#options.handlers.refused(refusal, pause);
    this.#happen({ kind: "refused", comesBack, pause });
  }

  #failed(kind: "broken" | "unanswered"): void {
    this.#happen({ kind, pause: this.#backoff.next() });
    this.#options.handlers.failed();
  }

  #happen(happening: LinkHappening): void {
    const before = this.#state;
    this.#state = reduceLink(before, happening);
    if (this.#state.phase !== before.phase) this.#enter(before);
  }

  #enter(before: LinkState): void {
    const { phase, pause } = this.#state;
    this.#callOff();
    if (phase !== "open") this.#clock.stop();
    switch (phase) {
      case "off":
        this.#socket.disconnect();
        return;
      case "connecting":
        return this.#try();
      case "open":
        this.#clock.readAnew();
        if (before.phase !== "silent") this.#begin();
        return this.#lookLater();
      case "silent":
        this.#options.handlers.silent();
        return this.#lookLater();
      case "waiting":
        this.#callOff = this.#options.timers.after(pause, () => this.#happen({ kind: "due" }));
    }
  }

  #try(): void {
    this.#socket.io.opts.transports = [...this.#state.transports];
    this.#callOff = this.#options.timers.after(this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS, () => {
      this.#socket.disconnect();
      this.#failed("unanswered");
    });
    this.#socket.connect();
  }

  #begin(): void {
    this.#heardAt = this.#lookedAt = Date.now();
    this.#options.handlers.opened();
  }

  #lookLater(): void {
    this.#callOff();
    this.#callOff = this.#options.timers.after(LOOK_EVERY_MS, () => {
      const now = Date.now();
      // Or the clock was set, back or forth: what was heard before was heard at no time that counts.
      const hasSlept = now - this.#lookedAt > SLEPT_MS || now < this.#lookedAt;
      this.#lookedAt = now;
      this.#lookLater();
      if (hasSlept) {
        // First ask.
        this.#heardAt = Math.min(now, Math.max(this.#heardAt, now - SILENT_AFTER_MS / 2));
        this.#clock.readAnew();
      } else if (now - this.#heardAt > SILENT_AFTER_MS) this.#happen({ kind: "quiet" });
    });
  }
}

const NETWORK: Refusal = { code: "network", detail: "The connection is lost." };
const TIMEOUT: Refusal = { code: "timeout", detail: "The server took too long to answer." };

function refusalFrom(error: Error & { data?: unknown }): Refusal {
  const data = error.data as { code?: unknown; retry_after?: unknown; moved_to?: unknown } | undefined;
  const wait = Number(data?.retry_after);
  const moved = data?.moved_to;
  return {
    code: knownCode(data?.code),
    detail: error.message,
    ...(wait > 0 ? { retry_after: wait } : {}),
    ...(typeof moved === "string" && moved !== "" ? { moved_to: moved } : {}),
  };
}
