import { trainerTexts as t } from "../../i18n/trainers";
import { RHYTHM_GROUPS } from "../room/rhythm/Rhythms";
import { markerName } from "../words";

type RhythmGroup = keyof typeof RHYTHM_GROUPS;

/** In the groups in which a clinician looks for them. */
export function RhythmOptions() {
  const { groups } = t.value.dashboard.rhythm;
  return (
    <>
      {(Object.keys(RHYTHM_GROUPS) as RhythmGroup[]).map((group) => (
        <optgroup key={group} label={groups[group]}>
          {RHYTHM_GROUPS[group].map((rhythm) => (
            <option key={rhythm} value={rhythm}>
              {t.value.common.rhythms[rhythm]}
            </option>
          ))}
        </optgroup>
      ))}
    </>
  );
}

/** All that one tap can record, by name; one that only another program knows is offered where it stands already. */
export function MarkerOptions(props: { also?: string | null }) {
  const known = Object.keys(t.value.dashboard.notes.markers);
  const all = props.also && !known.includes(props.also) && !isZero(props.also) ? [...known, props.also] : known;
  const named = all
    .map((key) => [key, markerName(key)] as const)
    .sort(([, one], [, other]) => one.localeCompare(other));
  return (
    <>
      {named.map(([key, name]) => (
        <option key={key} value={key}>
          {name}
        </option>
      ))}
    </>
  );
}

/** From what a time is counted: the beginnings that a case has of itself, and every marker. */
export function ZeroOptions(props: { also?: string | null }) {
  const texts = t.value.editor.times;
  return (
    <>
      <option value="start">{texts.start}</option>
      <option value="arrest">{texts.arrest}</option>
      <MarkerOptions also={props.also ?? null} />
    </>
  );
}

export function zeroName(key: string): string {
  const texts = t.value.editor.times;
  return isZero(key) ? texts[key] : markerName(key);
}

function isZero(key: string): key is "start" | "arrest" {
  return key === "start" || key === "arrest";
}
