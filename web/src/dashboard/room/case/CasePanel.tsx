import { computed, useComputed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { isEmptyPatch, patchOfStep } from "../../../patient/patches";
import type { TemplateStep } from "../../../wire/types";
import { counting } from "../../fmt";
import { Icon } from "../../icons";
import { keyed } from "../../keys/shortcuts";
import { dotted, patchParts } from "../../words";
import { useRoom } from "../room";
import { CaseClock } from "./CaseClock";
import { clockAt, type CaseTime } from "./caseTime";
import { SendStep } from "./SendStep";
import { nextOnItsWay, type PlayedStep } from "./steps";
import { Ways } from "./Ways";
import "./steps.css";

/** Never out of sight: the clock of the case, and its next step with the button that sends it. */
export function CasePanel(props: { sent: ReadonlySignal<(PlayedStep | null)[]>; time: ReadonlySignal<CaseTime> }) {
  const room = useRoom();
  const texts = t.value.dashboard.steps;
  const lacks = room.lacksRecord.value;
  const { sent } = props;
  const place = useComputed(() =>
    room.isOver.value
      ? null
      : nextOnItsWay(room.steps.value, sent.value, { progress: room.progress.value, ways: room.ways.value }),
  ).value;
  const isBegun = useComputed(() => props.time.value.startedAt !== null || sent.value.some((one) => one !== null)).value;
  // The next in the list says nothing of a case that goes its own ways.
  const hasWays = useComputed(() => room.ways.value.length > 0).value;
  const step = place === null ? undefined : room.steps.value[place];
  return (
    <section class="db-panel db-case" id="part-case" aria-labelledby="part-case-title" tabIndex={-1}>
      <div class="db-panel-head">
        <h2 id="part-case-title">{texts.title}</h2>
        {lacks ? null : <CaseClock time={props.time} hasBegun={isBegun} />}
      </div>
      {room.steps.value.length > 0 ? null : (
        <p class="db-hint">{lacks ? t.value.dashboard.room.lacking : texts.none_help}</p>
      )}
      <Ways />
      {hasWays || step === undefined || place === null ? null : (
        <Next step={step} place={place} isSent={sent.value[place] !== null} isBegun={isBegun} time={props.time} />
      )}
    </section>
  );
}

function Next(props: { step: TemplateStep; place: number; isSent: boolean; isBegun: boolean; time: ReadonlySignal<CaseTime> }) {
  const room = useRoom();
  const texts = t.value.dashboard.steps;
  const { step, place, isBegun } = props;
  const isDue = useMemo(
    () =>
      computed(() => step.at_seconds !== null && clockAt(props.time.value, room.time.second.value) >= step.at_seconds),
    [step, room, props.time],
  ).value;
  const patch = patchOfStep(step);
  return (
    <div class="db-next">
      <p class="db-next-title">
        <b class="db-badge">{texts.next}</b> {place + 1}. {step.title}
      </p>
      {room.canSteer.value ? (
        <SendStep
          step={step}
          place={place}
          isSent={props.isSent}
          isMain={isBegun}
          shortcut={isBegun ? keyed("next") : {}}
        />
      ) : null}
      <p class="db-next-change">
        {isDue ? (
          <span class="db-due">
            <Icon name="clock" /> {texts.due}
          </span>
        ) : step.at_seconds === null ? null : (
          <b>{fill(texts.at, { time: counting(step.at_seconds) })}</b>
        )}{" "}
        <span>{dotted(isEmptyPatch(patch) ? [texts.no_change] : patchParts(patch))}</span>
      </p>
    </div>
  );
}
