import type { SignName } from "../../../wire/types";

/** So far a curve may be from what was measured before a point is kept for it; each in the sign's own unit. */
export const TOLERANCES: Record<SignName, number> = {
  heart_rate: 3,
  systolic: 4,
  diastolic: 4,
  spo2: 1,
  respiratory_rate: 2,
  etco2: 2,
  temperature: 0.1,
};
