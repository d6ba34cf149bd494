import { signal, type ReadonlySignal } from "@preact/signals";
import type { ManagerOptions, SocketOptions } from "socket.io-client";
import { ActionQueue, type Action } from "./actionQueue";
import { ServerClock } from "./clock";
import { Connection } from "./connection";
import { realTimers } from "./timers";
import { BEFORE_JOINING, reduceTrainee, type TraineeHappening, type TraineeState } from "./traineeState";
import type { Moved, SessionEvent, SessionJoined, TraineeListeners, TraineeSenders } from "./types";

/** A trainee's live connection: it comes back by itself as long as the session lives. */
export interface TraineeConnection {
  readonly state: ReadonlySignal<TraineeState>;
  /** Actions that the server has not confirmed yet. */
  readonly waiting: ReadonlySignal<number>;
  readonly clock: ServerClock;
  /** When the server was last heard (this device's Date.now()); 0 before the first word. */
  heardAt(): number;
  /** False when too many wait already. */
  takeAction(action: string, details?: Record<string, unknown>): boolean;
  leave(): void;
}

export interface SeatRequest {
  code: string;
  name: string;
  /** The token of the seat, or null for a new one. */
  seat: string | null;
  onJoined(message: SessionJoined): void;
  /** Its session goes on elsewhere, and this line is over. `seat` is the token by which it is the same trainee there. */
  onMoved?(to: Moved, seat: string | null): void;
  /** For tests outside of a browser. */
  url?: string;
  io?: Partial<ManagerOptions & SocketOptions>;
  connectTimeoutMs?: number;
}

/** Half the time that a message is believed to have been under way at the most. */
const GUESS_MS = 60_000;
const ANSWER_WITHIN_MS = 8_000;

export function takeSeat(request: SeatRequest): TraineeConnection {
  const state = signal<TraineeState>(BEFORE_JOINING);
  const clock = new ServerClock();
  const queue = new ActionQueue(() => clock.now());
  let seat = request.seat;

  const isOver = () => state.peek().link === "over";
  const happen = (happening: TraineeHappening) => {
    state.value = reduceTrainee(state.peek(), happening);
    if (isOver()) leave();
  };

  const { url, connectTimeoutMs } = request;
  const connection = new Connection<TraineeListeners, keyof TraineeSenders & string>({
    namespace: "/trainee",
    ...(url === undefined ? {} : { url }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    clock,
    timers: realTimers,
    random: Math.random,
    ackTimeoutMs: ANSWER_WITHIN_MS,
    io: {
      auth: (give) => {
        const { seq } = state.peek();
        give({ code: request.code, name: request.name, ...(seat && { seat }), ...(seq > 0 && { after_seq: seq }) });
      },
      ...request.io,
    },
    handlers: {
      // The server's first message says that we have joined.
      opened() {},
      // Cut by the server, too: asked again, it says why.
      lost() {
        happen({ kind: "lost" });
        return !isOver();
      },
      refused({ code, moved_to }, pause) {
        // Nobody has been in a seat there yet: the code alone leads on.
        if (moved_to !== undefined) sendOn({ code: moved_to, name: request.name });
        happen({ kind: "lost" });
        happen({ kind: "refused", code, until: Date.now() + pause });
        return !isOver();
      },
      failed() {},
      silent: () => happen({ kind: "lost" }),
      heard: () => happen({ kind: "heard" }),
    },
  });

  const emit = (sent: Action) => connection.send<{ event: SessionEvent }>("action:take", sent);
  const sendWaiting = () => queue.send(emit, () => connection.isOpen && !isOver());

  connection.on("session:joined", (message) => {
    const now = Date.now();
    seat = message.seat.token;
    // How long this was on its way is not known: a guess that every reading of the clock is better than.
    clock.heard(message.server_time, now - GUESS_MS, now + GUESS_MS);
    request.onJoined(message);
    happen({ kind: "joined", message });
    void sendWaiting();
  });
  connection.on("vitals:pushed", (message) => happen({ kind: "pushed", message }));
  connection.on("session:updated", (session) => happen({ kind: "updated", session }));
  connection.on("session:closed", ({ reason }) => happen({ kind: "closed", reason }));

  connection.on("session:moved", sendOn);

  const goneOffline = () => connection.doubt();
  const backOnline = () => connection.wake();
  globalThis.addEventListener?.("offline", goneOffline);
  globalThis.addEventListener?.("online", backOnline);
  connection.connect();

  function sendOn(to: Moved): void {
    if (isOver()) return;
    happen({ kind: "moved", to });
    request.onMoved?.(to, seat);
  }

  function leave(): void {
    globalThis.removeEventListener?.("offline", goneOffline);
    globalThis.removeEventListener?.("online", backOnline);
    connection.close();
  }

  return {
    state,
    waiting: queue.waiting,
    clock,
    heardAt: () => connection.heardAt,
    takeAction(action, details = {}) {
      const isTaken = queue.add(action, details);
      void sendWaiting();
      return isTaken;
    },
    leave,
  };
}
