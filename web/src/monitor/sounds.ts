import { isHigher } from "./alarms";
import type { Condition, Priority } from "./conditions";

/** What an alarm sounds like, and when it sounds again (clinical facts, "IEC 60601-1-8 style"). */

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
  /** Pulses in a row, then a pause, and so on. */
  groups: readonly number[];
  length: number;
  gap: number;
  between_groups: number;
  repeat_seconds: number;
}

const SHAPES: Record<Priority, Shape> = {
  high: { groups: [3, 2, 3, 2], length: 150, gap: 90, between_groups: 300, repeat_seconds: 7 },
  medium: { groups: [3], length: 200, gap: 200, between_groups: 0, repeat_seconds: 12 },
  low: { groups: [2], length: 200, gap: 200, between_groups: 0, repeat_seconds: 25 },
};

/** A fundamental and its harmonics, all of them from 150 to 4000 Hz: a bare sine is neither heard nor found. */
export const HARMONICS = [1, 0.7, 0.5, 0.35, 0.25, 0.15] as const;

export function burst(priority: Priority, family: Condition["family"]): Pulse[] {
  const { groups, length, gap, between_groups } = SHAPES[priority];
  const melody = MELODIES[family];
  const pulses: Pulse[] = [];
  let start = 0;
  let note = 0;
  for (const group of groups) {
    for (let i = 0; i < group; i += 1) {
      pulses.push({ start, length, hz: melody[note % melody.length] ?? C4 });
      note += 1;
      start += length + gap;
    }
    start += between_groups;
  }
  return pulses;
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

/** The pitch of a heart beat falls with the saturation (Gas Notes). */
export function beepPitch(spo2: number): number {
  return 150 + 8 * spo2;
}

export const BEEP_MILLISECONDS = 80;
