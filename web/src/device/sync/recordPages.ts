import { LARGEST_PAGE, type Api, type Result } from "../../wire/api";
import type { SessionEvent } from "../../wire/types";

/** A browser has six lines to a server; whoever works live finds some of them free. */
const PAGES_AT_ONCE = 4;

/**
 * The events behind `after`, as many as a few pages bring. A record has no gaps, so the place of each page is known
 * before the one in front of it has come: they are asked for together. Empty: the server has none.
 */
export async function nextEvents(api: Api, sessionId: string, after: number, lastSeq: number): Promise<Result<SessionEvent[]>> {
  const missing = Math.ceil((lastSeq - after) / LARGEST_PAGE);
  const places = Array.from({ length: Math.min(PAGES_AT_ONCE, Math.max(1, missing)) }, (_, place) => after + place * LARGEST_PAGE);
  const pages = await Promise.all(places.map((place) => api.events(sessionId, place)));
  const events: SessionEvent[] = [];
  for (const page of pages) {
    // What came in front of it counts; the rest is asked for again.
    if (!page.ok) return events.length > 0 ? { ok: true, value: events } : page;
    events.push(...page.value.items);
  }
  return { ok: true, value: events };
}

/**
 * The same to the end, page by page in order: as long as somebody takes them, so many are under way all the time. A page
 * that is refused is the last one, and so is one that is not full.
 */
export async function* recordPages(api: Api, sessionId: string, after: number, lastSeq: number): AsyncGenerator<Result<SessionEvent[]>, void> {
  const underWay = [api.events(sessionId, after)];
  let next = after + LARGEST_PAGE;
  for (;;) {
    for (; underWay.length < PAGES_AT_ONCE && next < lastSeq; next += LARGEST_PAGE) underWay.push(api.events(sessionId, next));
    const page = await underWay.shift();
    if (page === undefined) return;
    yield page.ok ? { ok: true, value: page.value.items } : page;
    if (!page.ok || page.value.items.length < LARGEST_PAGE) return;
  }
}
