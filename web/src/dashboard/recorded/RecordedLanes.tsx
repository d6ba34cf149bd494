import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { SIGNS } from "../../patient/signs";
import type { SignName } from "../../wire/types";
import { counting } from "../fmt";
import { STROKES, type DrawnSign } from "./course/drawn";

const INK: Record<SignName, string> = {
  heart_rate: "--ecg",
  systolic: "--pressure",
  diastolic: "--pressure",
  spo2: "--pleth",
  respiratory_rate: "--resp",
  etco2: "--co2",
  temperature: "--temperature",
};
const TICKS = 4;

/** Each sign in a lane of its own on one axis of time: what was recorded in grey, what the case shows over it. */
export function RecordedLanes(props: { drawn: readonly DrawnSign[]; seconds: number }) {
  const texts = t.value.recorded;
  return (
    <div class="db-recorded-lanes">
      <p class="db-recorded-legend" aria-hidden="true">
        <span data-line="before">{texts.before}</span>
        <span data-line="after">{texts.after}</span>
      </p>
      {props.drawn.map((drawn) => (
        <RecordedLane key={drawn.name} drawn={drawn} />
      ))}
      <div class="db-recorded-axis" aria-hidden="true">
        {Array.from({ length: TICKS + 1 }, (_, tick) => (
          <span key={tick}>{counting((props.seconds * tick) / TICKS)}</span>
        ))}
      </div>
    </div>
  );
}

function RecordedLane({ drawn: { name, before, after, low, high } }: { drawn: DrawnSign }) {
  return (
    <div class="db-recorded-lane" style={{ "--db-ink": `var(${INK[name]})` }}>
      <span class="db-recorded-lane-name">
        {t.value.dashboard.signs.short[name]} <small>{SIGNS[name].unit}</small>
        <small class="db-recorded-lane-range">
          {low}–{high}
        </small>
      </span>
      <svg
        viewBox={`0 0 ${STROKES} 100`}
        preserveAspectRatio="none"
        role="img"
        aria-label={fill(t.value.recorded.lane, { sign: t.value.common.signs[name] })}
        focusable="false"
      >
        <path class="db-recorded-before" d={before} />
        <path class="db-recorded-after" d={after} />
      </svg>
    </div>
  );
}
