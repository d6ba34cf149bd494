import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import type { Result } from "./api";
import type { ServerClock } from "./clock";
import type { Ack, Refusal, Session, SessionEvent, Trainee, VitalsPushed } from "./types";

export interface Watched {
  session: Session;
  events: SessionEvent[];
  trainees: Trainee[];
  server_time: string;
}

/** What the server tells, and what becomes of the connection. */
export interface TrainerHandlers {
  connected(): void;
  /** `isFinal`: the server cut it and it will not come back by itself (the login ended). */
  disconnected(isFinal: boolean): void;
  refused(refusal: Refusal): void;
  watched(sessionId: string, answer: Watched): void;
  pushed(pushed: VitalsPushed): void;
  added(event: SessionEvent): void;
  trainees(sessionId: string, trainees: Trainee[]): void;
  session(session: Session): void;
}

export interface TrainerConnection {
  readonly isConnected: boolean;
  connect(): void;
  /** Try now, without waiting for the next turn: the network came back, or somebody looks. */
  hurry(): void;
  /** The link is dead although nobody said so: take a new one. */
  renew(): void;
  close(): void;
  /** Whether anything at all came from the server since `at` (Date.now()). */
  heardSince(at: number): boolean;
  watch(sessionId: string, afterSeq: () => number | Promise<number>): void;
  unwatch(sessionId: string): void;
  send<T extends object>(message: string, data: object): Promise<Result<T>>;
}

export interface TrainerConnectionOptions {
  url?: string;
  clock: ServerClock;
  handlers: TrainerHandlers;
  /** For tests outside of a browser: headers, a transport. */
  io?: Partial<ManagerOptions & SocketOptions>;
  ackTimeoutMs?: number;
}

/** Above the server's ping interval (10 s), so that a link that lives has been heard within it. */
const ACK_TIMEOUT_MS = 15_000;
const REFUSED_PAUSE_MS = 2_000;
const CLOCK_READINGS = 4;
/** A device's own clock drifts by some ms in that time. */
const CLOCK_EVERY_MS = 120_000;
/** What asking again cannot change. */
const NOT_WATCHED = new Set(["network", "not_found", "forbidden", "invalid_fields"]);

/** The namespace /trainer, entered with the login's cookie. Watches again by itself after every reconnect. */
export function openTrainerConnection(options: TrainerConnectionOptions): TrainerConnection {
  const { clock, handlers } = options;
  const watching = new Map<string, () => number | Promise<number>>();
  let heardAt = 0;
  let clockTimer: ReturnType<typeof setInterval> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  const socket: Socket = io(`${options.url ?? ""}/trainer`, {
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    withCredentials: true,
    autoConnect: false,
    // A connection of its own: closing it must leave nobody else's namespace behind.
    forceNew: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 8_000,
    randomizationFactor: 0.5,
    ...options.io,
  });

  const hear = () => {
    heardAt = Date.now();
  };
  socket.io.on("open", () => {
    socket.io.engine.on("packet", hear);
  });

  socket.on("connect", () => {
    hear();
    void readClock();
    clearInterval(clockTimer);
    clockTimer = setInterval(() => void readClock(), CLOCK_EVERY_MS);
    handlers.connected();
    for (const sessionId of watching.keys()) void watchNow(sessionId);
  });
  socket.on("disconnect", (reason) => {
    clearInterval(clockTimer);
    handlers.disconnected(reason === "io server disconnect");
  });
  socket.on("connect_error", (error) => {
    const refusal = refusalFrom(error);
    // The library comes back by itself after a broken line, not after a refusal.
    if (!socket.active && refusal.code !== "unauthenticated") {
      clearTimeout(retryTimer);
      retryTimer = setTimeout(() => socket.connect(), REFUSED_PAUSE_MS * (1 + Math.random()));
    }
    handlers.refused(refusal);
  });

  socket.on("vitals:pushed", (pushed: VitalsPushed) => handlers.pushed(pushed));
  socket.on("event:added", (event: SessionEvent) => handlers.added(event));
  socket.on("trainees:changed", (told: { session_id: string; trainees: Trainee[] }) =>
    handlers.trainees(told.session_id, told.trainees),
  );
  socket.on("session:updated", (session: Session) => handlers.session(session));
  socket.on("session:closed", (told: Session & { reason: string }) => {
    const { reason: _, ...session } = told;
    handlers.session(session);
  });

  async function send<T extends object>(message: string, data: object): Promise<Result<T>> {
    if (!socket.connected) return { ok: false, refusal: NETWORK };
    try {
      const ack: Ack<T> = await socket.timeout(options.ackTimeoutMs ?? ACK_TIMEOUT_MS).emitWithAck(message, data);
      if (!ack.ok) return { ok: false, refusal: ack.error };
      const { ok: _, ...value } = ack;
      return { ok: true, value: value as unknown as T };
    } catch {
      return { ok: false, refusal: socket.connected ? TIMEOUT : NETWORK };
    }
  }

  async function watchNow(sessionId: string): Promise<void> {
    const afterSeq = await watching.get(sessionId)?.();
    if (afterSeq === undefined || !socket.connected) return;
    const answer = await send<Watched>("session:watch", { session_id: sessionId, after_seq: afterSeq });
    if (!watching.has(sessionId)) return;
    if (answer.ok) handlers.watched(sessionId, answer.value);
    else if (!NOT_WATCHED.has(answer.refusal.code))
      setTimeout(() => void watchNow(sessionId), REFUSED_PAUSE_MS * (1 + Math.random()));
  }

  async function readClock(): Promise<void> {
    clock.forget();
    for (let reading = 0; reading < CLOCK_READINGS && socket.connected; reading++) {
      const sent = Date.now();
      const answer = await send<{ server_time: string }>("clock:read", {});
      if (answer.ok) clock.heard(answer.value.server_time, sent);
    }
  }

  return {
    get isConnected() {
      return socket.connected;
    },
    connect() {
      socket.connect();
    },
    hurry() {
      // Only one that waits for its next turn: an attempt under way is let finish.
      if (socket.active && socket.io._readyState === "closed") socket.disconnect().connect();
    },
    renew() {
      socket.disconnect().connect();
    },
    close() {
      clearTimeout(retryTimer);
      clearInterval(clockTimer);
      watching.clear();
      socket.removeAllListeners();
      socket.disconnect();
    },
    heardSince: (at) => heardAt >= at,
    watch(sessionId, afterSeq) {
      watching.set(sessionId, afterSeq);
      void watchNow(sessionId);
    },
    unwatch(sessionId) {
      if (watching.delete(sessionId) && socket.connected)
        void send("session:unwatch", { session_id: sessionId });
    },
    send,
  };
}

const NETWORK: Refusal = { code: "network", detail: "The connection is lost." };
const TIMEOUT: Refusal = { code: "timeout", detail: "The server took too long to answer." };

function refusalFrom(error: Error & { data?: unknown }): Refusal {
  const data = error.data as { code?: unknown; retry_after?: unknown } | undefined;
  if (typeof data?.code !== "string") return { code: "network", detail: error.message };
  const wait = Number(data.retry_after);
  return { code: data.code, detail: error.message, ...(wait > 0 ? { retry_after: wait } : {}) };
}
