import type { AlarmId, Condition, Priority } from "./conditions";

/** Alarms in the style of IEC 60601-1-8 (a training aid, not conformant): delays, priorities, latching, silence. */

export interface Alarm extends Condition {
  raised_at: number;
  /** When its cause went; null while it lasts. What has ended is still to be read, and makes no sound. */
  ended_at: number | null;
}

export interface AlarmBook {
  /** Since when each condition holds without a break. */
  held: ReadonlyMap<AlarmId, number>;
  /** Those that last: highest first, among them what does the most harm. Behind them, likewise, what has ended. */
  active: readonly Alarm[];
  /** Those that somebody has silenced; anything else still sounds. */
  silenced: ReadonlySet<AlarmId>;
  /** 0: nothing is silenced. */
  silenced_until: number;
}

export const NO_ALARMS: AlarmBook = { held: new Map(), active: [], silenced: new Set(), silenced_until: 0 };

/** 90-120 s, with a visible countdown (docs/clinical.md). */
export const SILENCE_SECONDS = 120;
/** Whoever looked away for a moment has to see it (Philips: 5 s). */
const SHOWN_AT_LEAST = 5_000;

const RANK: Record<Priority, number> = { high: 3, medium: 2, low: 1 };

/**
 * Of one priority, what a team has to see first where there is room for one: by the harm that it does while nobody sees
 * it, however old it is. Of those that are not named the newest comes first.
 */
const BY_HARM: readonly AlarmId[] = [
  "asystole", "ventricular_fibrillation", "ventricular_tachycardia", "pulse_lost", "apnoea", "extreme_bradycardia",
  "desaturation", "extreme_tachycardia",
  "systolic_low", "mean_low", "diastolic_low", "spo2_low", "respiratory_rate_low", "ventricular_rhythm", "heart_rate_low",
  "heart_rate_high", "etco2_low", "etco2_high", "respiratory_rate_high",
]; // prettier-ignore

function harm(id: AlarmId): number {
  const place = BY_HARM.indexOf(id);
  return place < 0 ? BY_HARM.length : place;
}

function byUrgency(a: Alarm, b: Alarm): number {
  return (
    Number(a.ended_at !== null) - Number(b.ended_at !== null) ||
    RANK[b.priority] - RANK[a.priority] ||
    harm(a.id) - harm(b.id) ||
    b.raised_at - a.raised_at
  );
}

export function isHigher(one: Priority, other: Priority): boolean {
  return RANK[one] > RANK[other];
}

/** The worse takes the place of the lesser: one line says what is wrong. */
const INCLUDES: Partial<Record<AlarmId, readonly AlarmId[]>> = {
  asystole: ["heart_rate_low", "extreme_bradycardia", "ventricular_rhythm"],
  ventricular_tachycardia: ["heart_rate_high", "extreme_tachycardia", "ventricular_rhythm"],
  extreme_bradycardia: ["heart_rate_low", "ventricular_rhythm"],
  extreme_tachycardia: ["heart_rate_high"],
  desaturation: ["spo2_low"],
  apnoea: ["respiratory_rate_low", "etco2_low"],
};

/** One step: `conditions` are what holds at `now` (milliseconds of the server's clock). */
export function judge(book: AlarmBook, conditions: readonly Condition[], now: number): AlarmBook {
  const held = new Map<AlarmId, number>();
  const raised: Alarm[] = [];
  for (const condition of conditions) {
    // A clock that was put back must not make a delay longer than it is.
    const since = Math.min(book.held.get(condition.id) ?? now, now);
    held.set(condition.id, since);
    const raised_at = since + condition.delay_seconds * 1000;
    if (now >= raised_at) raised.push({ ...condition, raised_at, ended_at: null });
  }
  const included = new Set(raised.flatMap((alarm) => INCLUDES[alarm.id] ?? []));
  const lasting = raised.filter((alarm) => !included.has(alarm.id));
  const known = new Set<AlarmId>([...raised.map((alarm) => alarm.id), ...included]);
  const gone = book.active.filter((alarm) => !known.has(alarm.id)).flatMap((alarm) => leftOf(alarm, now));
  const active = [...lasting, ...gone].sort(byUrgency);
  const isOver = now >= book.silenced_until;
  const silenced = isOver ? [] : [...book.silenced].filter((id) => held.has(id));
  // Nor a silence.
  const silenced_until = isOver ? 0 : Math.min(book.silenced_until, now + SILENCE_SECONDS * 1000);
  return { held, active, silenced: new Set(silenced), silenced_until };
}

/** A high one stays until somebody has taken note, a medium one leaves its message, a low one nothing (Draeger). */
function leftOf(alarm: Alarm, now: number): Alarm[] {
  if (alarm.ended_at !== null) return [alarm];
  if (now - alarm.raised_at < SHOWN_AT_LEAST && now >= alarm.raised_at) return [alarm];
  return alarm.priority === "low" ? [] : [{ ...alarm, ended_at: now }];
}

/** Without memory, for a screen at which nobody can take note of anything: what has ended is gone. */
export function withoutEnded(book: AlarmBook): AlarmBook {
  const active = book.active.filter((alarm) => alarm.ended_at === null);
  return active.length === book.active.length ? book : { ...book, active };
}

export function hasEnded(book: AlarmBook): boolean {
  return book.active.some((alarm) => alarm.ended_at !== null);
}

/**
 * Quiet for what is known now, and for its lesser forms: getting better must not sound like something new. What has
 * ended has been seen, and goes.
 */
export function silence(book: AlarmBook, now: number): AlarmBook {
  const { active } = withoutEnded(book);
  const silenced = new Set(active.flatMap(({ id }) => [id, ...(INCLUDES[id] ?? [])]));
  return { ...book, active, silenced, silenced_until: now + SILENCE_SECONDS * 1000 };
}

export function unsilence(book: AlarmBook): AlarmBook {
  return { ...book, silenced: new Set(), silenced_until: 0 };
}

/** The one alarm that may be heard now: the highest that lasts and is not silenced. */
export function sounding(book: AlarmBook): Alarm | null {
  return book.active.find((alarm) => alarm.ended_at === null && !book.silenced.has(alarm.id)) ?? null;
}

/** Whole seconds of silence left; 0 when nothing is silenced, and while a new alarm sounds in spite of it. */
export function silenceLeft(book: AlarmBook, now: number): number {
  if (sounding(book) !== null) return 0;
  return Math.max(0, Math.ceil((book.silenced_until - now) / 1000));
}
