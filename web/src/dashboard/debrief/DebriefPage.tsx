import { useComputed } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { lasting, minuteTime, wholeTime } from "../fmt";
import { Icon } from "../icons";
import { Shortcuts } from "../keys/Shortcuts";
import { Notice } from "../room/controls/Notice";
import { RecordNotice } from "../room/controls/RecordNotice";
import { RefusedNotice } from "../room/controls/RefusedNotice";
import { useRoom } from "../room/room";
import { Link } from "../shell/Link";
import { reason } from "../words";
import { usePrints } from "./keeping/prints";
import { AttemptLine } from "./again/AttemptLine";
import { followKeys } from "./keys";
import { usePrintedSheet } from "./paper/printing";
import { DebriefModel } from "./model";
import { Analysis } from "./phases/Analysis";
import { Description } from "./phases/Description";
import { PhaseTabs } from "./phases/PhaseTabs";
import { phasesOf, type Phases } from "./phases/phases";
import { Reactions } from "./phases/Reactions";
import { Summary } from "./phases/Summary";
import "./debrief.css";

/** A session is talked over: of one that has ended everything, of one that runs what has happened until now. */
export function DebriefPage(props: { hasJustEnded: boolean }) {
  const room = useRoom();
  const model = useMemo(() => new DebriefModel(room), [room]);
  const phases = useMemo(() => phasesOf(room.id, props.hasJustEnded ? "reactions" : "analysis"), [room]);
  useEffect(() => model.start(), [model]);
  // With the first picture: whoever sees the page may press a key.
  useLayoutEffect(() => followKeys(model, phases), [model, phases]);
  usePrints(room.id, room.isOver.value);
  usePrintedSheet(model.lines, model.time);
  const phase = phases.shown.value;
  return (
    <main class="db-debrief" id="content" tabIndex={-1} data-phase={phase}>
      <Head model={model} phases={phases} />
      <div class="db-debrief-notices">
        <SoFar model={model} />
        {room.isOver.value ? <Notice /> : null}
        <RecordNotice />
        <RefusedNotice />
        <Unreachable model={model} />
      </div>
      <div class="db-debrief-phase" id="debrief-phase" role="tabpanel" aria-labelledby={`phase-${phase}`}>
        {phase === "reactions" ? <Reactions model={model} /> : null}
        {phase === "description" ? <Description model={model} phases={phases} /> : null}
        {phase === "analysis" ? <Analysis model={model} /> : null}
        {phase === "summary" ? <Summary /> : null}
      </div>
    </main>
  );
}

function Head({ model, phases }: { model: DebriefModel; phases: Phases }) {
  const { room } = model;
  const texts = t.value.debrief;
  const title = useComputed(() => room.session.value?.title || t.value.dashboard.room.untitled).value;
  const when = useComputed(() => {
    const { from, until } = model.span.value;
    return `${wholeTime(from)} · ${lasting((until - from) / 1000)}`;
  }).value;
  const isOver = room.isOver.value;
  const back = isOver ? pathTo("sessions") : pathTo("room", { session_id: room.id });
  return (
    <header class="db-debrief-head">
      <Link to={back} class="db-button db-button-quiet db-back" label={isOver ? texts.all_sessions : texts.back_to_room}>
        <Icon name="back" />
      </Link>
      <div class="db-debrief-name">
        <h1>
          <span class="visually-hidden">{texts.title}: </span>
          {title}
        </h1>
        <p>{when}</p>
        <AttemptLine />
      </div>
      <PhaseTabs phases={phases} />
      <Shortcuts />
    </header>
  );
}

/** A session that runs goes on while it is talked over. */
function SoFar({ model }: { model: DebriefModel }) {
  const { room } = model;
  const texts = t.value.debrief;
  if (room.isOver.value) return null;
  return (
    <div class="db-notice">
      <Icon name="clock" />
      <p>{fill(texts.so_far, { when: minuteTime(model.span.value.until) })}</p>
      <button type="button" class="db-button" onClick={() => model.takeAgain()}>
        {texts.take_again}
      </button>
    </div>
  );
}

/** What is missing, and why: in one line, beside what this device can show by itself. */
function Unreachable({ model }: { model: DebriefModel }) {
  const refusal = model.refusal.value;
  if (refusal === null || model.answer.value !== null) return null;
  const texts = t.value.debrief;
  const isAway = refusal.code === "network" || refusal.code === "timeout";
  return (
    <div class="db-notice">
      <Icon name="wifi_off" />
      <p role="status">{isAway ? texts.unreachable : fill(texts.failed, { reason: reason(refusal) })}</p>
    </div>
  );
}
