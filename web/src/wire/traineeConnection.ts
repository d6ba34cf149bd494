import { signal, type ReadonlySignal } from "@preact/signals";
import { io, type Socket } from "socket.io-client";
import { ActionQueue, type Action } from "./actionQueue";
import { ServerClock } from "./clock";
import { BEFORE_JOINING, reduceTrainee, type TraineeHappening, type TraineeState } from "./traineeState";
import type { Ack, CloseReason, PublicSession, SessionEvent, SessionJoined, VitalsPushed } from "./types";

/** A trainee's live line: it comes back by itself as long as the session lives. */

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
}

const CLOCK_EVERY = 30_000;
/** A device's clock drifts: after so many readings the best of them is too old to be believed. */
const READINGS_BELIEVED = 20;
/** One reading may have been held up on its way: of several, the quickest is right to a few milliseconds. */
const READINGS_ANEW = 5;
const BETWEEN_READINGS = 200;
const GUESS = 60_000;
const ANSWER_WITHIN = 8_000;
/** The server pings every 10 s: when nothing came for longer, the line is dead though nobody said so. */
const SILENT_AFTER = 13_000;
const LOOK_EVERY = 1_000;

export function takeSeat(seating: SeatRequest): TraineeConnection {
  const state = signal<TraineeState>(BEFORE_JOINING);
  const clock = new ServerClock();
  const queue = new ActionQueue();
  let seat = seating.seat;
  let heard = 0;
  let looked = Date.now();
  let retry: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;

  const socket: Socket = io("/trainee", {
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
    randomizationFactor: 0.5,
    timeout: 10_000,
    forceNew: true,
    auth: (give) => {
      const { seq } = state.peek();
      give({ code: seating.code, name: seating.name, ...(seat && { seat }), ...(seq > 0 && { after_seq: seq }) });
    },
  });

  const happen = (happening: TraineeHappening) => {
    state.value = reduceTrainee(state.peek(), happening);
    if (state.peek().link === "over") leave();
  };
  const hear = () => {
    heard = Date.now();
    if (socket.connected) happen({ kind: "heard" });
  };
  const readClock = async () => {
    if (!socket.connected) return;
    const sent = Date.now();
    try {
      const ack: Ack<{ server_time: string }> = await socket.timeout(ANSWER_WITHIN).emitWithAck("clock:read", {});
      hear();
      if (ack.ok) clock.heard(ack.server_time, sent);
    } catch {
      // The line is slow or gone; the look-out below says so.
    }
  };
  const readClockAnew = async () => {
    for (let reading = 0; reading < READINGS_ANEW && socket.connected; reading += 1) {
      if (reading > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN_READINGS));
      await readClock();
    }
  };
  const emit = (sent: Action): Promise<Ack<{ event: SessionEvent }>> =>
    socket.timeout(ANSWER_WITHIN).emitWithAck("action:take", sent);
  const sendWaiting = () => queue.send(emit, () => socket.connected && state.peek().link !== "over");
  const connectLater = (pause: number) => {
    clearTimeout(retry);
    retry = setTimeout(() => socket.connect(), pause * (0.75 + Math.random() / 2));
  };

  socket.on("session:joined", (message: SessionJoined) => {
    const now = Date.now();
    tries = 0;
    heard = now;
    seat = message.seat.token;
    clock.forget();
    // How long this was on its way nobody knows: a guess that every reading of the clock is better than.
    clock.heard(message.server_time, now - GUESS, now + GUESS);
    seating.onJoined(message);
    happen({ kind: "joined", message });
    void readClockAnew();
    void sendWaiting();
  });
  socket.on("vitals:pushed", (message: VitalsPushed) => happen({ kind: "pushed", message }));
  socket.on("session:updated", (session: PublicSession) => happen({ kind: "updated", session }));
  socket.on("session:closed", (session: PublicSession & { reason: CloseReason }) =>
    happen({ kind: "closed", reason: session.reason }),
  );
  socket.on("disconnect", (reason) => {
    happen({ kind: "lost" });
    // The library comes back by itself, except when the server has put us out: ask it why.
    if (reason === "io server disconnect" && state.peek().link !== "over") connectLater(300);
  });
  socket.on("connect_error", (error: Error & { data?: { code?: string; retry_after?: string } }) => {
    happen({ kind: "lost" });
    if (socket.active) return;
    const after = Number(error.data?.retry_after ?? 0) * 1000;
    tries += 1;
    const pause = Math.max(after, Math.min(10_000, 500 * 2 ** tries));
    happen({ kind: "refused", code: error.data?.code ?? "unknown", until: Date.now() + pause });
    if (state.peek().link !== "over") connectLater(pause);
  });
  socket.io.on("ping", hear);
  socket.onAny(hear);

  let readings = 0;
  const reading = setInterval(() => {
    readings += 1;
    if (readings % READINGS_BELIEVED === 0) {
      clock.forget();
      void readClockAnew();
    } else void readClock();
  }, CLOCK_EVERY);
  const looking = setInterval(() => {
    const now = Date.now();
    // A tab that slept has heard nothing because it slept: first ask.
    const hasSlept = now - looked > 5 * LOOK_EVERY;
    looked = now;
    if (hasSlept) {
      heard = Math.max(heard, now - SILENT_AFTER / 2);
      clock.forget();
      void readClockAnew();
    } else if (socket.connected && now - heard > SILENT_AFTER) happen({ kind: "lost" });
  }, LOOK_EVERY);
  const goneOffline = () => happen({ kind: "lost" });
  const backOnline = () => {
    if (state.peek().link === "over") return;
    if (socket.connected) void readClock();
    // Not the library's next turn, which may be seconds away: what it began without a network leads nowhere.
    else socket.disconnect().connect();
  };
  addEventListener("offline", goneOffline);
  addEventListener("online", backOnline);

  function leave(): void {
    clearInterval(reading);
    clearInterval(looking);
    clearTimeout(retry);
    removeEventListener("offline", goneOffline);
    removeEventListener("online", backOnline);
    socket.disconnect();
  }

  return {
    state,
    waiting: queue.waiting,
    clock,
    heardAt: () => heard,
    takeAction(action, details = {}) {
      const isTaken = queue.add(action, { ...details, taken_at: new Date(clock.now()).toISOString() });
      void sendWaiting();
      return isTaken;
    },
    leave,
  };
}
