import type { enRoomPage } from "../../../i18n/en/room";
import type { Case } from "../../../wire/types";

type Known = keyof typeof enRoomPage.notes.markers;

/** What every case may need; the others are one tap further away. */
const USUAL: readonly Known[] = [
  "help",
  "arrest_recognised",
  "cpr_started",
  "cpr_stopped",
  "defibrillation",
  "adrenaline",
  "amiodarone",
  "rhythm_check",
  "rosc",
  "airway",
  "intubation",
  "oxygen",
  "access",
  "fluid",
];

const OTHERS: readonly Known[] = [
  "im_adrenaline",
  "vasopressor",
  "antibiotic",
  "blood_cultures",
  "ecg_12",
  "naloxone",
  "leader",
  "handover",
];

/** By their keys: what this case asks for comes first, whether or not the catalogue knows it. */
export function markersFor(itsCase: Pick<Case, "targets" | "checklist"> | null): { near: string[]; further: string[] } {
  const asked = [
    ...(itsCase?.targets ?? []).map((target) => target.marker),
    ...(itsCase?.checklist ?? []).flatMap((item) => item.marker ?? []),
  ];
  const near = [...new Set<string>([...asked, ...USUAL])];
  return { near, further: OTHERS.filter((key) => !near.includes(key)) };
}
