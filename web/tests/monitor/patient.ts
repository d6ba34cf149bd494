import type { LastValues } from "../../src/wire/types";

/** A patient who is well, changed as a test wants. */
export function patient(change: Partial<LastValues> = {}): LastValues {
  return {
    heart_rate: 75,
    systolic: 120,
    diastolic: 80,
    spo2: 98,
    respiratory_rate: 16,
    etco2: 38,
    temperature: 37,
    rhythm: "sinus",
    flags: {},
    ramps: {},
    nibp: null,
    ...change,
  };
}

export const NOW = Date.parse("2026-11-21T09:30:00.000Z");
export const seconds = (count: number): number => NOW + count * 1000;
