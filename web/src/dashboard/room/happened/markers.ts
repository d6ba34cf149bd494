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

/** As many as stand below the signs of a desk in two rows. */
const FIT_A_DESK = 14;

/**
 * By their keys: what this case asks for comes first, whether or not the catalogue knows it. `compressions`: whoever
 * steers has one button for them, which starts what is off and stops what is on.
 */
export function markersFor(
  itsCase: Pick<Case, "targets" | "checklist" | "steps"> | null,
  given: { compressions: { areOn: boolean } | null; isDesk: boolean },
): { near: string[]; further: string[] } {
  // The checklist is in the order of the case; a target may be of an arrest that never comes.
  const asked = [
    ...(itsCase?.checklist ?? []).flatMap((item) => item.marker ?? []),
    ...(itsCase?.targets ?? []).map((target) => target.marker),
    // A step waits for it: without it the case would stay where it is.
    ...(itsCase?.steps ?? []).flatMap(({ transitions }) => transitions.flatMap(({ on }) => ("marker" in on ? on.marker : []))),
  ];
  const one = (key: string) => {
    if (given.compressions === null || (key !== "cpr_started" && key !== "cpr_stopped")) return key;
    return given.compressions.areOn ? "cpr_stopped" : "cpr_started";
  };
  const near = [...new Set<string>([...asked, ...USUAL].map(one))];
  const further = OTHERS.filter((key) => !near.includes(key));
  if (!given.isDesk) return { near, further };
  return { near: near.slice(0, FIT_A_DESK), further: [...near.slice(FIT_A_DESK), ...further] };
}
