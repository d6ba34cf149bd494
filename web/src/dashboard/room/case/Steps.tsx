import { useComputed, type ReadonlySignal } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { isEmptyPatch, patchOfStep } from "../../../patient/patches";
import type { TemplateStep } from "../../../wire/types";
import { clockTime, counting } from "../../fmt";
import { Icon } from "../../icons";
import { counted, dotted, patchParts } from "../../words";
import { clockAt, type CaseTime } from "./caseTime";
import { SendStep } from "./SendStep";
import { nextOnItsWay, sentBefore, type PlayedStep } from "./steps";
import { useRoom } from "../room";
import "./steps.css";

/** The case as a list: what was sent is folded, and what is next has its cue open. */
export function Steps(props: { sent: ReadonlySignal<(PlayedStep | null)[]>; time: ReadonlySignal<CaseTime> }) {
  const room = useRoom();
  const texts = t.value.dashboard.steps;
  const steps = room.steps.value;
  const { sent } = props;
  const next = useComputed(() =>
    nextOnItsWay(room.steps.value, sent.value, { progress: room.progress.value, ways: room.ways.value }),
  );
  const isThrough = useComputed(() => sent.value.length > 0 && next.value === null).value;
  // What was sent is folded away, but for the last one: what is on the screens now.
  const folded = useComputed(() =>
    sentBefore(sent.value)
      .filter((place) => place !== next.value)
      .join(" "),
  ).value.split(" ").filter(Boolean).map(Number);
  if (steps.length === 0) return null;
  const line = (place: number) => {
    const step = steps[place];
    return step === undefined ? null : <Step key={step.key} {...{ step, place, sent, next }} time={props.time} />;
  };
  return (
    <section class="db-panel db-steps-panel" id="part-steps" aria-labelledby="part-steps-title" tabIndex={-1}>
      <h2 id="part-steps-title">{t.value.dashboard.about.steps}</h2>
      {folded.length === 0 ? null : (
        <details class="db-steps-sent">
          <summary>{counted(folded.length, t.value.dashboard.about.played)}</summary>
          <ol>{folded.map(line)}</ol>
        </details>
      )}
      <ol class="db-steps">{steps.map((_, place) => place).filter((place) => !folded.includes(place)).map(line)}</ol>
      {isThrough ? (
        <p class="db-hint" role="status">
          {texts.done}
        </p>
      ) : null}
    </section>
  );
}

function Step(props: {
  step: TemplateStep;
  place: number;
  sent: ReadonlySignal<(PlayedStep | null)[]>;
  next: ReadonlySignal<number | null>;
  time: ReadonlySignal<CaseTime>;
}) {
  const room = useRoom();
  const texts = t.value.dashboard.steps;
  const { step, place } = props;
  const done = useComputed(() => props.sent.value[place] ?? null).value;
  const isNext = useComputed(() => props.next.value === place && !room.isOver.value).value;
  const isDue = useComputed(
    () =>
      done === null &&
      step.at_seconds !== null &&
      clockAt(props.time.value, room.time.second.value) >= step.at_seconds &&
      !room.isOver.value,
  ).value;
  // What is done takes little room, so that the next one stays near the top.
  const isFolded = done !== null && !isNext;
  const patch = patchOfStep(step);
  const parts = isEmptyPatch(patch) ? [texts.no_change] : patchParts(patch);
  return (
    <li class="db-case-step" data-next={isNext ? "yes" : "no"} data-sent={done === null ? "no" : "yes"}>
      <div class="db-case-words">
        <p class="db-case-title">
          <span class="db-case-number">{place + 1}</span>
          <span>{step.title}</span>
        </p>
        <p class="db-case-when">
          {isNext ? <b class="db-badge">{texts.next}</b> : null}
          {step.at_seconds === null ? null : <span>{fill(texts.at, { time: counting(step.at_seconds) })}</span>}
          {isDue && isNext ? (
            <span class="db-due">
              <Icon name="clock" /> {texts.due}
            </span>
          ) : null}
          {done === null ? null : (
            <span class="db-mark" data-mark={done.isConfirmed ? "confirmed" : "sending"}>
              <Icon name={done.isConfirmed ? "check" : "up"} />
              <span>{done.isConfirmed ? fill(texts.sent, { when: clockTime(done.at) }) : texts.sending}</span>
            </span>
          )}
        </p>
      </div>
      {room.canSteer.value && !isNext ? <SendStep step={step} place={place} isSent={done !== null} /> : null}
      {isFolded ? null : <p class="db-case-change">{dotted(parts)}</p>}
      {step.note === null && !isFolded ? null : (
        <details class="db-cue" open={isNext}>
          <summary>{texts.cue}</summary>
          {isFolded ? <p>{dotted(parts)}</p> : null}
          <p>{step.note}</p>
        </details>
      )}
    </li>
  );
}
