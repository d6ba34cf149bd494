import { isHigher } from "./alarms";
import type { Condition, Priority } from "./conditions";

/** What an alarm sounds like, and when it sounds again (docs/clinical.md, "IEC 60601-1-8 style"). */

export interface Pulse {
  /** Milliseconds from the beginning of the burst. */
  start: number;
  length: number;
  hz: number;
}

const C4 = 261.63;
const E4 = 329.63;
const G4 = 392;
const C5 = 523.25;

const MELODIES = {
  cardiac: [C4, E4, G4, G4, C5],
  general: [C4, C4, C4, C4, C4],
} as const;

interface Shape {
  length: number;
  /** Of silence behind each pulse but the last. */
  gaps: readonly number[];
  repeat_seconds: number;
}

/** Three pulses and two: the gap between them is two short ones and a pulse long. */
const FIVE = [90, 90, 2 * 90 + 150, 90] as const;

const SHAPES: Record<Priority, Shape> = {
  // Twice five, and the ear has to hear that it is twice: 350-1300 ms between them.
  high: { length: 150, gaps: [...FIVE, 600, ...FIVE], repeat_seconds: 7 },
  medium: { length: 200, gaps: [200, 200], repeat_seconds: 12 },
  low: { length: 200, gaps: [200], repeat_seconds: 25 },
};

/** A fundamental and its harmonics, all of them from 150 to 4000 Hz: a bare sine is neither heard nor found. */
export const HARMONICS = [1, 0.7, 0.5, 0.35, 0.25, 0.15] as const;

export function burst(priority: Priority, family: Condition["family"]): Pulse[] {
  const { length, gaps } = SHAPES[priority];
  const melody = MELODIES[family];
  let start = 0;
  return [0, ...gaps].map((gap, note) => {
    start += note === 0 ? 0 : length + gap;
    return { start, length, hz: melody[note % melody.length] ?? C4 };
  });
}

export interface Sounded {
  id: string;
  priority: Priority;
  at: number;
}

/** Whether a burst begins now: for what is new or worse at once, else when its time has come round. */
export function isDue(last: Sounded | null, alarm: { id: string; priority: Priority } | null, now: number): boolean {
  if (alarm === null) return false;
  if (last === null || isHigher(alarm.priority, last.priority)) return true;
  const elapsed = Math.abs(now - last.at) / 1000;
  if (alarm.priority === last.priority && alarm.id !== last.id) return elapsed >= 2.5;
  return elapsed >= SHAPES[alarm.priority].repeat_seconds;
}

/** No saturation is known: one pitch, which is that of none (C5). */
const UNKNOWN_PITCH = C5;

/** The pitch of a heart beat falls with the saturation (Gas Notes), as long as there is a valid one. */
export function beepPitch(spo2: number | null): number {
  return spo2 === null ? UNKNOWN_PITCH : 150 + 8 * spo2;
}

export const BEEP_MILLISECONDS = 80;
