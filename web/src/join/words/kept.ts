import { keptOnDevice } from "../../app/siteData";
import type { SeatMemory } from "../seats";

/**
 * What a trainee writes after the end of a session, kept on the device until it may no longer be changed: a page that
 * is closed, or a network that is gone, costs no word of it.
 */

export type GivenScore = 0 | 1 | 2 | "na";

export interface WrittenWords {
  words: string;
  scores: Record<string, GivenScore>;
  is_anonymous: boolean;
}

export interface KeptWords extends WrittenWords {
  session_id: string;
  /** The seat's: what lets the server take them. */
  token: string;
  name: string;
  title: string;
  /** Whether the checklist is shown to be scored: not of homework, which is tried again. */
  isScored: boolean;
  /** As the server says it in time, else a day from now: milliseconds. */
  until: number;
  /** Whether the server has it all as it stands here. */
  isSent: boolean;
}

const PREFIX = "shiller.words.";
export const DAY = 24 * 3600 * 1000;

/** Whether the browser has them; false: they last as long as the page. */
export function keepWords(kept: KeptWords): boolean {
  return keptOnDevice.write(PREFIX + kept.session_id, JSON.stringify(kept));
}

export function dropWords(sessionId: string): void {
  keptOnDevice.remove(PREFIX + sessionId);
}

/** Those that may still be changed, the newest first; others are let go. */
export function wordsKept(now = Date.now()): KeptWords[] {
  const keys = keptOnDevice.keys().filter((key) => key.startsWith(PREFIX));
  const found = keys.map((key) => parse(keptOnDevice.read(key)));
  for (const one of found) if (one !== null && one.until <= now) dropWords(one.session_id);
  return found.filter((one): one is KeptWords => one !== null && one.until > now).sort((a, b) => b.until - a.until);
}

export function wordsOf(sessionId: string): KeptWords | null {
  return wordsKept().find((one) => one.session_id === sessionId) ?? null;
}

function parse(written: string | null): KeptWords | null {
  try {
    const kept = JSON.parse(written ?? "") as Partial<KeptWords> | null;
    if (typeof kept?.session_id !== "string" || typeof kept.token !== "string" || typeof kept.until !== "number") return null;
    return {
      session_id: kept.session_id,
      token: kept.token,
      name: kept.name ?? "",
      title: kept.title ?? "",
      isScored: kept.isScored !== false,
      until: kept.until,
      words: kept.words ?? "",
      scores: kept.scores ?? {},
      is_anonymous: kept.is_anonymous === true,
      isSent: kept.isSent === true,
    };
  } catch {
    return null;
  }
}

/** What somebody may say of the session that has just ended for them; null: the server never gave them a seat. */
export function beginWords(
  seat: Pick<SeatMemory, "session_id" | "token" | "name" | "homework">,
  title: string,
): KeptWords | null {
  if (seat.token === null) return null;
  const before = wordsOf(seat.session_id);
  if (before !== null) return before;
  const fresh: KeptWords = {
    session_id: seat.session_id, token: seat.token, name: seat.name, title, until: Date.now() + DAY, words: "", scores: {},
    is_anonymous: false, isSent: true, isScored: seat.homework === null,
  }; // prettier-ignore
  keepWords(fresh);
  return fresh;
}
