import type { ManagerOptions, SocketOptions } from "socket.io-client";
import type { Result } from "./api";
import type { ServerClock } from "./clock";
import { Connection } from "./connection";
import { passesByItself, type Refusal } from "./refusals";
import type { Timers } from "./timers";
import type {
  Session,
  SessionEvent,
  Trainee,
  TrainerListeners,
  TrainerMessage,
  VitalsPushed,
  Watched,
} from "./types";

/** What the server tells, and what becomes of the connection. */
export interface TrainerHandlers {
  connected(): void;
  /** `isFinal`: the server cut it and it will not come back by itself (the login ended). */
  disconnected(isFinal: boolean): void;
  refused(refusal: Refusal): void;
  /** An attempt to connect led nowhere; the next one comes by itself. */
  failed(): void;
  watched(sessionId: string, answer: Watched): void;
  pushed(pushed: VitalsPushed): void;
  added(event: SessionEvent): void;
  trainees(sessionId: string, trainees: Trainee[]): void;
  /** Who watches it, while they are several. */
  trainers(sessionId: string, trainerIds: readonly string[]): void;
  session(session: Session): void;
  /** Something of the school was edited: this is the newest version in its log. */
  edited(version: number): void;
}

export interface TrainerConnection {
  readonly isConnected: boolean;
  connect(): void;
  /** Try now, without waiting for the next turn: the network came back, or a person looks. */
  hurry(): void;
  /** The link is dead although it was not closed: take a new one. */
  renew(): void;
  close(): void;
  /** Whether anything at all came from the server since `at` (Date.now()). */
  heardSince(at: number): boolean;
  watch(sessionId: string, afterSeq: () => number | Promise<number>): void;
  unwatch(sessionId: string): void;
  send<T extends object>(message: TrainerMessage, data: object): Promise<Result<T>>;
}

export interface TrainerConnectionOptions {
  url?: string;
  clock: ServerClock;
  timers: Timers;
  random: () => number;
  handlers: TrainerHandlers;
  /** What to show where the browser may keep no cookie. */
  token?: () => string | null;
  /** For tests outside of a browser: headers. */
  io?: Partial<ManagerOptions & SocketOptions>;
  ackTimeoutMs?: number;
  connectTimeoutMs?: number;
}

function authOf(token: string | null): object {
  return token === null ? {} : { token };
}

const WATCH_AGAIN_MS = 2_000;

/**
 * The namespace /trainer, entered with the login's cookie. Watches again by itself after every reconnect; stores
 * nothing, and does not come back when the login has ended: its owner finds out whose it is and calls `connect`.
 */
export function openTrainerConnection(options: TrainerConnectionOptions): TrainerConnection {
  const { handlers, timers, random, io, token, ...rest } = options;
  const watching = new Map<string, () => number | Promise<number>>();
  const connection = new Connection<TrainerListeners, TrainerMessage>({
    ...rest,
    namespace: "/trainer",
    timers,
    random,
    io: { withCredentials: true, ...(token && { auth: (give) => give(authOf(token())) }), ...io },
    handlers: {
      opened() {
        handlers.connected();
        for (const sessionId of watching.keys()) void watchNow(sessionId);
      },
      lost(isCut) {
        handlers.disconnected(isCut);
        return !isCut;
      },
      refused(refusal) {
        handlers.refused(refusal);
        return refusal.code !== "unauthenticated";
      },
      failed: () => handlers.failed(),
      silent() {},
      heard() {},
    },
  });

  connection.on("vitals:pushed", (pushed) => handlers.pushed(pushed));
  connection.on("event:added", (event) => handlers.added(event));
  connection.on("trainees:changed", (told) => handlers.trainees(told.session_id, told.trainees));
  connection.on("trainers:changed", (told) => handlers.trainers(told.session_id, told.trainer_ids));
  connection.on("session:updated", (session) => handlers.session(session));
  connection.on("sync:changed", (told) => handlers.edited(told.version));
  connection.on("session:closed", (told) => {
    const { reason: _, ...session } = told;
    handlers.session(session);
  });

  async function watchNow(sessionId: string): Promise<void> {
    const afterSeq = await watching.get(sessionId)?.();
    // It may have been left while that was read: a watch behind its unwatch would hold for as long as the connection.
    if (afterSeq === undefined || !watching.has(sessionId) || !connection.isOpen) return;
    const answer = await connection.send<Watched>("session:watch", { session_id: sessionId, after_seq: afterSeq });
    if (!watching.has(sessionId)) return;
    if (answer.ok) handlers.watched(sessionId, answer.value);
    // After a lost connection every reconnect watches again; what else is refused stays so.
    else if (answer.refusal.code === "timeout" || passesByItself(answer.refusal.code))
      timers.after(WATCH_AGAIN_MS * (1 + random()), () => void watchNow(sessionId));
  }

  return {
    get isConnected() {
      return connection.isOpen;
    },
    connect: () => connection.connect(),
    hurry: () => connection.hurry(),
    renew: () => connection.renew(),
    close() {
      watching.clear();
      connection.close();
    },
    heardSince: (at) => connection.heardAt >= at,
    watch(sessionId, afterSeq) {
      watching.set(sessionId, afterSeq);
      void watchNow(sessionId);
    },
    unwatch(sessionId) {
      if (watching.delete(sessionId) && connection.isOpen)
        void connection.send("session:unwatch", { session_id: sessionId });
    },
    send: (message, data) => connection.send(message, data),
  };
}
