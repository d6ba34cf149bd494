import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { dayTime, lasting } from "../fmt";

/** 14:02, 3 min ago: when a hall was heard of last. */
export function contactWords(at: string | null, now: number): string {
  const texts = t.value.halls;
  if (at === null) return texts.never;
  const moment = Date.parse(at);
  const seconds = Math.max(0, (now - moment) / 1000);
  // Nobody needs the seconds of what is hours old.
  const ago = lasting(seconds < 120 ? seconds : Math.floor(seconds / 60) * 60);
  return fill(texts.seen_at, { when: dayTime(moment, now), ago });
}

/** Beyond that a clock is said to be wrong: the moments of its records are. */
const RIGHT_MS = 2000;

/** `offset`: what has to be added to the hall's clock to have the server's. */
export function offsetWords(offset: number | null): string {
  const texts = t.value.halls;
  if (offset === null) return texts.clock_unknown;
  if (Math.abs(offset) <= RIGHT_MS) return texts.clock_right;
  return fill(offset > 0 ? texts.clock_slow : texts.clock_fast, { by: lasting(Math.abs(offset) / 1000) });
}
