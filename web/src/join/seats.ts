/**
 * The seats that this device holds: kept in localStorage under the session's id, so that a browser that was
 * closed comes back to the same one. A tab keeps its own besides: two tabs may be two trainees of one session,
 * and each reload comes back to its own seat.
 */

export interface SeatMemory {
  session_id: string;
  code: string;
  /** What the session is called for trainees; empty if it has no such name. */
  public_title: string;
  trainee_name: string | null;
  name: string;
  /** Null until the server has given one. */
  token: string | null;
  expires_at: string;
  /** Of a try of homework: the link that it came by, and what may be done in it; else null. */
  homework: { token: string; actions: readonly string[] } | null;
}

const SEAT = "shiller.seat.";
const NAME = "shiller.name";
const SHOWN = "shiller.session";
const OWN = "shiller.seat";
const MOST_SEATS = 12;

export function rememberedName(): string {
  return read(localStorage, NAME) ?? "";
}

/** What this device last held in the session. */
export function seatIn(sessionId: string): SeatMemory | null {
  const seat = parse(read(localStorage, SEAT + sessionId));
  return seat?.session_id === sessionId ? seat : null;
}

/** The seat of this tab; the last one used, in a tab that is new. */
export function currentSeat(): SeatMemory | null {
  const own = parse(read(sessionStorage, OWN));
  if (own !== null) return own;
  const id = read(localStorage, SHOWN);
  return id === null ? null : seatIn(id);
}

export function remember(seat: SeatMemory): void {
  keep(seat);
  write(localStorage, NAME, seat.name);
  forgetOldest(seat.session_id);
}

/** Of the tab's own seat; nothing happens once it is forgotten. */
export function changeSeat(sessionId: string, change: Partial<SeatMemory>): void {
  const seat = currentSeat();
  if (seat?.session_id === sessionId) keep({ ...seat, ...change });
}

/** The session is over, or the seat was taken away. */
export function forget(sessionId: string): void {
  if (parse(read(sessionStorage, OWN))?.session_id === sessionId) remove(sessionStorage, OWN);
  if (read(localStorage, SHOWN) === sessionId) remove(localStorage, SHOWN);
  remove(localStorage, SEAT + sessionId);
}

function keep(seat: SeatMemory): void {
  const written = JSON.stringify(seat);
  write(sessionStorage, OWN, written);
  write(localStorage, SEAT + seat.session_id, written);
  write(localStorage, SHOWN, seat.session_id);
}

function parse(written: string | null): SeatMemory | null {
  if (written === null) return null;
  try {
    const seat = JSON.parse(written) as Partial<SeatMemory> | null;
    if (typeof seat?.session_id !== "string" || typeof seat.code !== "string" || typeof seat.name !== "string")
      return null;
    return {
      session_id: seat.session_id,
      code: seat.code,
      public_title: seat.public_title ?? "",
      trainee_name: seat.trainee_name ?? null,
      name: seat.name,
      token: seat.token ?? null,
      expires_at: seat.expires_at ?? "",
      homework: seat.homework ?? null,
    };
  } catch {
    return null;
  }
}

/** Sessions that nobody ended on this screen must not fill the device over the years. */
function forgetOldest(kept: string): void {
  const seats = keys(localStorage)
    .filter((key) => key.startsWith(SEAT) && key !== SEAT + kept)
    .map((key) => ({ key, expires_at: seatIn(key.slice(SEAT.length))?.expires_at ?? "" }))
    .sort((a, b) => b.expires_at.localeCompare(a.expires_at));
  for (const { key } of seats.slice(MOST_SEATS - 1)) remove(localStorage, key);
}

/** An earlier version kept a title that may be the name of the case: no trainee's device holds one any longer. */
export function forgetTitles(): void {
  for (const storage of [localStorage, sessionStorage])
    for (const key of keys(storage).filter((one) => one === OWN || one.startsWith(SEAT))) {
      const written = read(storage, key) ?? "";
      const seat = parse(written);
      if (seat !== null && "title" in (JSON.parse(written) as object)) write(storage, key, JSON.stringify(seat));
    }
}

// A private window may refuse all of it: then a seat lasts as long as its page.
const inMemory = new Map<string, string>();

function read(storage: Storage, key: string): string | null {
  try {
    return storage.getItem(key) ?? inMemory.get(key) ?? null;
  } catch {
    return inMemory.get(key) ?? null;
  }
}

function write(storage: Storage, key: string, value: string): void {
  try {
    storage.setItem(key, value);
  } catch {
    inMemory.set(key, value);
  }
}

function remove(storage: Storage, key: string): void {
  inMemory.delete(key);
  try {
    storage.removeItem(key);
  } catch {
    // Nothing was kept there.
  }
}

function keys(storage: Storage): string[] {
  try {
    return Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");
  } catch {
    return [];
  }
}
