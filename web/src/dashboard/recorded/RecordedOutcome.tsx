import { BOUNDS } from "../../generated/catalogue";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { SIGN_NAMES } from "../../patient/signs";
import type { SignName } from "../../wire/types";
import { lasting, wholeNumber } from "../fmt";
import { Icon } from "../icons";
import { counted, withUnit } from "../words";
import type { DrawnSign } from "./course/drawn";
import { SENSORS } from "./course/jumps";
import type { Made } from "./course/made";
import type { ReadCourse } from "./course/series";
import { RecordedLanes } from "./RecordedLanes";
import type { Mapping } from "./mapping/mapping";

/** What the case keeps of the recording, and what it does not. */
export function RecordedOutcome(props: { made: Made; drawn: readonly DrawnSign[]; read: ReadCourse; mapping: Mapping }) {
  const { made, read, mapping } = props;
  const texts = t.value.recorded;
  return (
    <>
      <p class="db-recorded-kept" role="status">
        {keptWords(made)}
      </p>
      {made.itsCase.isCut ? (
        <p class="db-recorded-cut-words">
          <Icon name="alert" /> {fill(texts.cut, { most: BOUNDS.steps })}
        </p>
      ) : null}
      <div class="db-recorded-outcome">
        <RecordedLanes drawn={props.drawn} seconds={made.seconds} />
        <Deviations made={made} />
      </div>
      <ul class="db-recorded-notes">
        {leftOutWords(made, read).map((words) => (
          <li key={words}>{words}</li>
        ))}
        {lackingWords(made, mapping).map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
    </>
  );
}

export function keptWords(made: Made): string {
  const steps = counted(made.itsCase.steps.length, t.value.cases.steps);
  const [kept, points] = [wholeNumber(made.kept), wholeNumber(made.points)];
  return fill(t.value.recorded.kept, { kept, points, steps, time: lasting(made.seconds) });
}

function Deviations({ made }: { made: Made }) {
  const texts = t.value.recorded;
  return (
    <table class="db-table">
      <thead>
        <tr>
          <th scope="col">{texts.sign}</th>
          <th scope="col">{texts.points}</th>
          <th scope="col">{texts.deviation}</th>
        </tr>
      </thead>
      <tbody>
        {made.signs.map(({ name, kept, points, deviation }) => (
          <tr key={name}>
            <th scope="row">{t.value.common.signs[name]}</th>
            <td>{fill(texts.points_of, { kept: wholeNumber(kept), points: wholeNumber(points) })}</td>
            <td>{withUnit(name, deviation)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function leftOutWords({ leftOut }: Made, { rowsLeftOut }: ReadCourse): string[] {
  const { out_of_range, jumps, crossed, rows } = t.value.recorded.left_out;
  const counts = [
    [leftOut.outOfRange, out_of_range],
    [leftOut.jumps, jumps],
    [leftOut.crossed, crossed],
    [rowsLeftOut, rows],
  ] as const;
  return counts.filter(([count]) => count > 0).map(([count, words]) => counted(count, words));
}

/** A sign that was not recorded has its sensor off; where nothing hides it, it stands still. */
function lackingWords({ signs }: Made, mapping: Mapping): string[] {
  const texts = t.value.recorded;
  const lacking = SIGN_NAMES.filter((name) => !signs.some((sign) => sign.name === name));
  const hasPressure = lacking.includes("systolic") !== lacking.includes("diastolic");
  const isHidden = (name: SignName) => {
    if (name === "systolic" || name === "diastolic") return !hasPressure;
    return SENSORS[name] !== undefined;
  };
  const named = (names: readonly SignName[]) => names.map((name) => t.value.common.signs[name]).join(", ");
  const [off, unknown] = [lacking.filter(isHidden), lacking.filter((name) => !isHidden(name))];
  const pressures = signs.some(({ name }) => name === "systolic" || name === "diastolic");
  return [
    ...(off.length === 0 ? [] : [fill(texts.off, { signs: named(off) })]),
    ...(unknown.length === 0 ? [] : [fill(texts.unknown, { signs: named(unknown) })]),
    ...(pressures && mapping.isCuff ? [texts.cuff_hint] : []),
  ];
}
