import { trainerTexts as t } from "../../../i18n/trainers";
import { SIGNS, SIGN_NAMES } from "../../../patient/signs";
import type { Limits, SignName } from "../../../wire/types";
import { counting } from "../../fmt";
import { number } from "../../words";
import type { Band, Course } from "./course";
import { curveOf, pathOf, percentOf, scaleOf, share, ticksOf, type LaneScale, type Point } from "./curves";

const COLOURS: Record<SignName, string> = {
  heart_rate: "--ecg",
  systolic: "--pressure",
  diastolic: "--pressure",
  spo2: "--pleth",
  respiratory_rate: "--resp",
  etco2: "--co2",
  temperature: "--temperature",
};

/** One lane a sign, all on one axis of time. `behind`: the course without what is tried, where it is another. */
export function CourseLanes(props: {
  course: Course;
  behind: Course | null;
  limits: Limits;
  marked: readonly Band[];
  until: number;
  label: string;
}) {
  const { course, behind, until } = props;
  return (
    <div class="db-course-lanes" role="img" aria-label={props.label}>
      {SIGN_NAMES.map((name) => (
        <SignLane
          key={name}
          name={name}
          curve={curveOf(course.states, name, course.until)}
          behind={behind === null ? null : curveOf(behind.states, name, behind.until)}
          limit={props.limits[name]}
          course={course}
          marked={props.marked}
          until={until}
        />
      ))}
      <div class="db-course-axis">
        {ticksOf(until).map((second) => (
          <span key={second} style={{ left: `${percentOf(second, until)}%` }}>
            {counting(second)}
          </span>
        ))}
      </div>
    </div>
  );
}

function SignLane(props: {
  name: SignName;
  curve: Point[];
  behind: Point[] | null;
  limit: Limits[SignName];
  course: Course;
  marked: readonly Band[];
  until: number;
}) {
  const { name, curve, behind, limit, until } = props;
  const scale = scaleOf(name, behind === null ? [curve] : [curve, behind], limit);
  const last = curve.at(-1)?.[1] ?? 0;
  const colour = { "--db-curve": `var(${COLOURS[name]})` };
  const column = ({ begin, end }: Band) => ({ x: percentOf(begin, until), width: percentOf(end, until) - percentOf(begin, until) });
  return (
    <div class="db-course-lane" style={colour}>
      <span class="db-course-sign">
        {t.value.dashboard.signs.short[name]} <small>{SIGNS[name].unit}</small>
      </span>
      <div class="db-course-plot">
        {props.course.pulseless.map(({ begin, end }) => (
          <div
            key={begin}
            class="db-course-pulseless"
            style={{ left: `${percentOf(begin, until)}%`, right: `${100 - percentOf(end, until)}%` }}
          />
        ))}
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
          <WithinLimits limit={limit} scale={scale} />
          {props.marked.map((band) => (
            <rect key={band.begin} class="db-course-marked" {...column(band)} height={100} />
          ))}
          {behind === null ? null : <path class="db-course-behind" d={pathOf(behind, until, scale)} />}
          <path class="db-course-curve" d={pathOf(curve, until, scale)} />
        </svg>
        <b class="db-course-last" style={{ bottom: `${share(last, scale)}%` }}>
          {number(name, last)}
        </b>
      </div>
    </div>
  );
}

/** A band where no alarm sounds, with its two edges. */
function WithinLimits(props: { limit: Limits[SignName]; scale: LaneScale }) {
  const { low, high } = props.limit;
  if (low === null && high === null) return null;
  const top = high === null ? 0 : 100 - share(high, props.scale);
  const bottom = low === null ? 100 : 100 - share(low, props.scale);
  const edge = (y: number) => <path class="db-course-limit" d={`M0 ${y}L100 ${y}`} />;
  return (
    <>
      <rect class="db-course-within" x={0} width={100} y={top} height={Math.max(0, bottom - top)} />
      {high === null ? null : edge(top)}
      {low === null ? null : edge(bottom)}
    </>
  );
}
