import { keptInTab, keptOnDevice } from "../app/siteData";

/**
 * The seats that this device holds: kept by the browser under the session's id, so that a browser that was
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
  return keptOnDevice.read(NAME) ?? "";
}

/** What this device last held in the session. */
export function seatIn(sessionId: string): SeatMemory | null {
  const seat = parse(keptOnDevice.read(SEAT + sessionId));
  return seat?.session_id === sessionId ? seat : null;
}

export function seatByCode(code: string): SeatMemory | null {
  const ids = keptOnDevice.keys().filter((key) => key.startsWith(SEAT)).map((key) => key.slice(SEAT.length));
  return ids.map(seatIn).find((seat) => seat?.code === code) ?? null;
}

/** The seat of this tab; the last one used, in a tab that is new. */
export function currentSeat(): SeatMemory | null {
  const own = parse(keptInTab.read(OWN));
  if (own !== null) return own;
  const id = keptOnDevice.read(SHOWN);
  return id === null ? null : seatIn(id);
}

export function remember(seat: SeatMemory): void {
  keep(seat);
  keptOnDevice.write(NAME, seat.name);
  forgetOldest(seat.session_id);
}

/** Of the tab's own seat; nothing happens once it is forgotten. */
export function changeSeat(sessionId: string, change: Partial<SeatMemory>): void {
  const seat = currentSeat();
  if (seat?.session_id === sessionId) keep({ ...seat, ...change });
}

/** The session is over, or the seat was taken away. */
export function forget(sessionId: string): void {
  if (parse(keptInTab.read(OWN))?.session_id === sessionId) keptInTab.remove(OWN);
  if (keptOnDevice.read(SHOWN) === sessionId) keptOnDevice.remove(SHOWN);
  keptOnDevice.remove(SEAT + sessionId);
}

function keep(seat: SeatMemory): void {
  const written = JSON.stringify(seat);
  keptInTab.write(OWN, written);
  keptOnDevice.write(SEAT + seat.session_id, written);
  keptOnDevice.write(SHOWN, seat.session_id);
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
  const seats = keptOnDevice
    .keys()
    .filter((key) => key.startsWith(SEAT) && key !== SEAT + kept)
    .map((key) => ({ key, expires_at: seatIn(key.slice(SEAT.length))?.expires_at ?? "" }))
    .sort((a, b) => b.expires_at.localeCompare(a.expires_at));
  for (const { key } of seats.slice(MOST_SEATS - 1)) keptOnDevice.remove(key);
}

/** An earlier version kept a title that may be the name of the case: no trainee's device holds one any longer. */
export function forgetTitles(): void {
  for (const kept of [keptOnDevice, keptInTab])
    for (const key of kept.keys().filter((one) => one === OWN || one.startsWith(SEAT))) {
      const written = kept.read(key) ?? "";
      const seat = parse(written);
      if (seat !== null && "title" in (JSON.parse(written) as object)) kept.write(key, JSON.stringify(seat));
    }
}
