import type { DraftTarget } from "./parts";

/** By their names, which are the same in every language. */
export const SOURCES = {
  get_with_the_guidelines: "Get With The Guidelines-Resuscitation",
  crisis_team: "BMJ Quality & Safety",
  surviving_sepsis: "Surviving Sepsis Campaign",
  erc: "ERC 2015",
  esc_aha: "ESC, AHA",
} as const;
export type FigureSource = keyof typeof SOURCES;
/** In which patient the figure holds. */
export type FigureFor = "shockable" | "not_shockable" | "arrest_of_a_child" | "opioid" | "sepsis" | "any" | "collapse" | "chest_pain";

export interface Figure extends DraftTarget {
  readonly source: FigureSource;
  readonly holds: FigureFor;
}

/**
 * How soon what should be done. From sources that were read: Get With The Guidelines-Resuscitation, recognition
 * measures; the crisis team study of BMJ Quality & Safety, table 2 (time frames for simulated teams); the hour-1 bundle
 * of the Surviving Sepsis Campaign; the European Resuscitation Council of 2015 (3 to 5 minutes from collapse to shock, the
 * later of them here). The ECG of a chest pain is as it is taught, and is called so on the screen: its text was not read.
 * They are what a target begins with, and the author's to change.
 */
export const FIGURES: readonly Figure[] = [
  { marker: "cpr_started", from: "arrest", seconds: 60, source: "get_with_the_guidelines", holds: "arrest_of_a_child" },
  {
    marker: "defibrillation",
    from: "arrest_recognised",
    seconds: 120,
    source: "get_with_the_guidelines",
    holds: "shockable",
  },
  {
    marker: "adrenaline",
    from: "arrest_recognised",
    seconds: 300,
    source: "get_with_the_guidelines",
    holds: "not_shockable",
  },
  { marker: "defibrillation", from: "arrest", seconds: 180, source: "crisis_team", holds: "shockable" },
  { marker: "defibrillation", from: "arrest", seconds: 300, source: "erc", holds: "collapse" },
  { marker: "ecg_12", from: "start", seconds: 600, source: "esc_aha", holds: "chest_pain" },
  { marker: "help", from: "start", seconds: 180, source: "crisis_team", holds: "any" },
  { marker: "ventilation", from: "start", seconds: 60, source: "crisis_team", holds: "opioid" },
  { marker: "naloxone", from: "start", seconds: 180, source: "crisis_team", holds: "opioid" },
  { marker: "blood_cultures", from: "start", seconds: 3600, source: "surviving_sepsis", holds: "sepsis" },
  { marker: "antibiotic", from: "start", seconds: 3600, source: "surviving_sepsis", holds: "sepsis" },
  { marker: "vasopressor", from: "start", seconds: 3600, source: "surviving_sepsis", holds: "sepsis" },
];

/** What a target of this marker begins with. */
export function figureOf(marker: string): Figure | null {
  return FIGURES.find((figure) => figure.marker === marker) ?? null;
}

/** Whether a target asks for the same time, but from the onset of the arrest and not only from its being recognised. */
export function isStricter(target: DraftTarget, figure: Figure): boolean {
  return target.seconds === figure.seconds && target.from === "arrest" && figure.from === "arrest_recognised";
}

/** Where the figures of a target come from, if it is one of these. */
export function sourceOf(target: DraftTarget): Figure | null {
  return (
    FIGURES.find(
      ({ marker, from, seconds }) => marker === target.marker && from === target.from && seconds === target.seconds,
    ) ?? null
  );
}
