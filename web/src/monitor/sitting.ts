import { signal, type ReadonlySignal } from "@preact/signals";
import { hold } from "../join/held";
import { changeSeat, forget, remember, type SeatMemory } from "../join/seats";
import { realTimers } from "../wire/timers";
import { takeSeat, type SeatRequest, type TraineeConnection } from "../wire/traineeConnection";
import type { Moved, SessionJoined } from "../wire/types";

/**
 * A trainee in a seat, also where the session goes on in another one: the page stays as it is, with its sound and its
 * wake lock, until the new line has something to show.
 */
export interface Sitting {
  /** The line that is shown. */
  readonly line: ReadonlySignal<TraineeConnection>;
  readonly seat: ReadonlySignal<SeatMemory>;
  /** How often the trainee was sent on and has arrived. */
  readonly moves: ReadonlySignal<number>;
  /** After the end of the session: whether it goes on elsewhere after all. Nothing happens while it does not. */
  lookOut(): void;
  leave(): void;
}

/** For tests outside of a browser. */
type Ways = Pick<SeatRequest, "url" | "io" | "connectTimeoutMs">;

export function sit(first: SeatMemory, ways: Ways = {}): Sitting {
  const seat = signal(first);
  const moves = signal(0);
  let letGo = hold(first.session_id);
  let token = first.token;
  let lines: TraineeConnection[] = [];

  const take = (code: string, name: string): TraineeConnection => {
    const onMoved = (to: Moved) => show(take(to.code, to.name));
    const next = takeSeat({ ...ways, code, name, seat: token, onJoined: arrive, onMoved });
    lines = [...lines.filter((each) => each.state.peek().link !== "over"), next];
    return next;
  };

  const line = signal(take(first.code, first.name));

  function arrive({ session, seat: given }: SessionJoined): void {
    const { title: public_title, trainee_name, expires_at } = session;
    const told = { public_title, trainee_name, expires_at, token: given.token, name: given.name };
    token = given.token;
    const before = seat.peek();
    if (session.id === before.session_id) return changeSeat(session.id, told);
    letGo();
    forget(before.session_id);
    seat.value = { ...before, ...told, session_id: session.id, code: session.code };
    remember(seat.value);
    letGo = hold(session.id);
    moves.value += 1;
  }

  /** The last picture stays until the next line has one, or has ended. */
  function show(next: TraineeConnection, showsItsEnd = true): void {
    const stop = next.state.subscribe(({ session, link, ended }) => {
      if (session === null && link !== "over") return;
      queueMicrotask(() => stop());
      if (session !== null || (showsItsEnd && ended !== null)) line.value = next;
    });
  }

  let lookingOut: TraineeConnection | null = null;
  return {
    line,
    seat,
    moves,
    lookOut() {
      if (lookingOut !== null && lookingOut.state.peek().link !== "over") return;
      lookingOut = take(seat.peek().code, seat.peek().name);
      show(lookingOut, false);
    },
    leave() {
      letGo();
      for (const each of lines) each.leave();
    },
  };
}

const LOOKS_EVERY_MS = 15_000;
const LOOKS_FOR_MS = 2 * 3600_000;

/**
 * After the end a trainer may go on from a moment of the record, with the same team: look for that now and then, as
 * long as somebody may be looking at this screen, and not while anybody is typing on it.
 */
export function keepLookingOut(sitting: Pick<Sitting, "lookOut">): () => void {
  const until = Date.now() + LOOKS_FOR_MS;
  let callOff = () => {};
  const look = (): void => {
    if (document.visibilityState === "visible" && !isTyping()) sitting.lookOut();
  };
  const later = (): void => {
    callOff = realTimers.after(LOOKS_EVERY_MS, () => {
      look();
      if (Date.now() < until) later();
    });
  };
  later();
  document.addEventListener("visibilitychange", look);
  return () => {
    callOff();
    document.removeEventListener("visibilitychange", look);
  };
}

function isTyping(): boolean {
  return document.activeElement?.matches("input, textarea, [contenteditable]") === true;
}
