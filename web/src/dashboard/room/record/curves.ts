import type { SignName } from "../../../wire/types";

/** What is drawn, with a dash of its own: no curve is told by its colour alone. */
export interface Curve {
  name: SignName;
  color: string;
  dash: number[];
  width: number;
}

export const CURVES: readonly Curve[] = [
  { name: "heart_rate", color: "--ecg", dash: [], width: 2 },
  { name: "spo2", color: "--pleth", dash: [8, 3], width: 2 },
  { name: "systolic", color: "--pressure", dash: [], width: 1.25 },
  { name: "diastolic", color: "--pressure", dash: [5, 3], width: 1.25 },
  { name: "respiratory_rate", color: "--resp", dash: [2, 3], width: 2 },
  { name: "etco2", color: "--co2", dash: [10, 3, 2, 3], width: 2 },
];

/** Something that happened, as a line across the chart with a shape at its top. */
export interface Marker {
  at: number;
  kind: "note" | "action" | "case" | "lifecycle" | "push";
  text: string;
}
