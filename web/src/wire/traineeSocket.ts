import { signal, type ReadonlySignal } from "@preact/signals";
import { io, type Socket } from "socket.io-client";
import type { Ack, CloseReason, LastValues, PublicSession, SessionEvent, SessionJoined, VitalsPushed } from "./types";
import { ServerClock } from "./clock";

/** A trainee's live line: it comes back by itself as long as the session lives. */

export type Link = "connecting" | "live" | "lost" | "over";
export type EndReason = "session_closed" | "session_expired" | "removed" | "not_found" | "refused";

export interface TraineeState {
  link: Link;
  session: PublicSession | null;
  last_values: LastValues | null;
  /** When they became so, milliseconds of the server's clock. */
  at: number;
  /** Of the newest state that is stored; a provisional one never moves it. */
  seq: number;
  ended: EndReason | null;
  /** Why the server does not let us in just now, while we keep trying. */
  refusal: { code: string; until: number } | null;
}

export type Happening =
  | { kind: "joined"; message: SessionJoined }
  | { kind: "pushed"; message: VitalsPushed }
  | { kind: "updated"; session: PublicSession }
  | { kind: "closed"; reason: CloseReason }
  | { kind: "lost" }
  | { kind: "heard" }
  | { kind: "refused"; code: string; until: number };

export const START: TraineeState = {
  link: "connecting",
  session: null,
  last_values: null,
  at: 0,
  seq: 0,
  ended: null,
  refusal: null,
};

const FINAL: Record<string, EndReason> = {
  session_closed: "session_closed",
  session_expired: "session_expired",
  removed: "removed",
  not_found: "not_found",
  invalid_fields: "refused",
  invalid_body: "refused",
};

export function reduce(state: TraineeState, happening: Happening): TraineeState {
  if (state.link === "over") return state;
  switch (happening.kind) {
    case "joined": {
      const { session, server_time } = happening.message;
      const live = { ...state, link: "live", refusal: null } as const;
      // Pushed between our entering and the server's reading: what we have is newer.
      if (state.session?.id === session.id && session.last_seq < state.seq) return live;
      const { last_values, last_seq: seq } = session;
      // What did not change while we were away did not change now.
      const at = seq === state.seq && state.at > 0 ? state.at : Date.parse(server_time);
      return { ...live, session, last_values, at, seq };
    }
    case "pushed": {
      const { session_id, seq, last_values } = happening.message;
      if (state.session !== null && state.session.id !== session_id) return state;
      const at = Date.parse(happening.message.at);
      if (seq === null) return { ...state, last_values, at };
      return seq > state.seq ? { ...state, last_values, at, seq } : state;
    }
    case "updated":
      if (state.session?.id !== happening.session.id) return state;
      return { ...state, session: happening.session };
    case "closed":
      return over(state, happening.reason === "expired" ? "session_expired" : "session_closed");
    case "lost":
      return state.link === "live" ? { ...state, link: "lost" } : state;
    case "heard":
      return state.link === "lost" && state.refusal === null ? { ...state, link: "live" } : state;
    case "refused": {
      const reason = FINAL[happening.code];
      if (reason !== undefined) return over(state, reason);
      return { ...state, refusal: { code: happening.code, until: happening.until } };
    }
  }
}

function over(state: TraineeState, reason: EndReason): TraineeState {
  return { ...state, link: "over", ended: reason, refusal: null };
}

export interface TraineeSocket {
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

export interface Seating {
  code: string;
  name: string;
  /** The token of the seat, or null for a new one. */
  seat: string | null;
  onJoined(message: SessionJoined): void;
}

const CLOCK_EVERY = 30_000;
/** A device's clock drifts: after so many readings the best of them is too old to be believed. */
const READINGS_BELIEVED = 20;
const GUESS = 60_000;
const ANSWER_WITHIN = 8_000;
/** The server pings every 10 s: when nothing came for longer, the line is dead though nobody said so. */
const SILENT_AFTER = 13_000;
const LOOK_EVERY = 1_000;

export function sitDown(seating: Seating): TraineeSocket {
  const state = signal<TraineeState>(START);
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

  const happen = (happening: Happening) => {
    state.value = reduce(state.peek(), happening);
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
    void readClock();
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
    if (readings % READINGS_BELIEVED === 0) clock.forget();
    void readClock();
  }, CLOCK_EVERY);
  const looking = setInterval(() => {
    const now = Date.now();
    // A tab that slept has heard nothing because it slept: first ask.
    const hasSlept = now - looked > 5 * LOOK_EVERY;
    looked = now;
    if (hasSlept) {
      heard = Math.max(heard, now - SILENT_AFTER / 2);
      clock.forget();
      void readClock();
    } else if (socket.connected && now - heard > SILENT_AFTER) happen({ kind: "lost" });
  }, LOOK_EVERY);
  const goneOffline = () => happen({ kind: "lost" });
  const backOnline = () => {
    if (state.peek().link === "over") return;
    if (socket.connected) void readClock();
    else socket.connect();
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

/** What a trainee did and the server has not confirmed: in memory, in order, bounded. */

export interface Action {
  id: string;
  action: string;
  details: Record<string, unknown>;
}

/** A hundred markers wait at most; then the button says no, rather than losing the first ones. */
export const MOST_WAITING = 100;

const TRY_AGAIN: ReadonlySet<string> = new Set(["storage_unavailable", "rate_limited", "internal_error"]);

export class ActionQueue {
  readonly waiting = signal(0);
  readonly #actions: Action[] = [];
  readonly #pause: number;
  #isSending = false;

  /** `pause`: milliseconds before a refusal that passes is tried again. */
  constructor(pause = 2_000) {
    this.#pause = pause;
  }

  add(action: string, details: Record<string, unknown>): boolean {
    if (this.#actions.length >= MOST_WAITING) return false;
    this.#actions.push({ id: newId(), action, details });
    this.waiting.value = this.#actions.length;
    return true;
  }

  /** One after the other, each under its own id until it is answered: a repeat has no second effect. */
  async send(emit: (action: Action) => Promise<Ack<{ event: SessionEvent }>>, mayGoOn: () => boolean): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      let first = this.#actions[0];
      while (first !== undefined && mayGoOn()) {
        const ack = await emit(first).catch(() => null);
        if (ack === null && !mayGoOn()) return;
        if (ack !== null && (ack.ok || !TRY_AGAIN.has(ack.error.code))) {
          this.#actions.shift();
          this.waiting.value = this.#actions.length;
        } else await new Promise((resolve) => setTimeout(resolve, this.#pause));
        first = this.#actions[0];
      }
    } finally {
      this.#isSending = false;
    }
  }
}

/** A random UUID. On a plain-http local network `crypto.randomUUID` does not exist. */
export function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
