import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Lazy } from "../../app/lazy";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { isFirstRead } from "../firstRead";
import { Unread } from "../Unread";
import { Link } from "../shell/Link";
import { pathTo } from "../../app/pages";
import { Preview } from "./Preview";
import { Flags } from "./signs/Flags";
import { Header } from "./Header";
import { usePrintedSheet } from "../debrief/paper/printing";
import { Annotations } from "./beside/Annotations";
import { Notice } from "./controls/Notice";
import { PauseNotice } from "./controls/PauseNotice";
import { RecordNotice } from "./controls/RecordNotice";
import { RefusedNotice } from "./controls/RefusedNotice";
import { Notes } from "./record/Notes";
import { People } from "./people/People";
import { Trainers } from "./people/Trainers";
import { linesOf, Marks, playedSteps } from "./record/record";
import { Rhythms } from "./rhythm/Rhythms";
import { Room, RoomContext } from "./room";
import { SendBar } from "./sending/SendBar";
import { SignRows } from "./signs/SignRows";
import { caseTimeOf } from "./case/caseTime";
import { About } from "./case/About";
import { CasePanel } from "./case/CasePanel";
import { Checklist } from "./case/Checklist";
import { Steps } from "./case/Steps";
import { lastPlayed } from "./case/steps";
import { Markers } from "./happened/Markers";
import { NoteForm } from "./happened/NoteForm";
import { Presets } from "./rhythm/Presets";
import { RecordTimeline } from "./record/RecordTimeline";
import { isDesk, isWide } from "./wide";
import "./room.css";

const loadDebrief = () => import("../debrief/DebriefPage").then((module) => module.DebriefPage);

/** The control room of one session; the debrief, once it is over or where somebody asks for what has happened so far. */
export function RoomPage(props: { sessionId: string; isDebrief?: boolean }) {
  const device = useDevice();
  const room = useMemo(() => new Room(device, props.sessionId), [device, props.sessionId]);
  useEffect(() => room.start(), [room]);
  const isHere = useComputed(() => room.session.value !== null).value;
  return (
    <RoomContext.Provider value={room}>
      {isHere ? <RoomOrDebrief room={room} isDebrief={props.isDebrief === true} /> : <Missing />}
    </RoomContext.Provider>
  );
}

function RoomOrDebrief(props: { room: Room; isDebrief: boolean }) {
  const isOver = props.room.isOver.value;
  // Whoever was in the room when it ended is with the team now; whoever comes later wants to look something up. What was
  // stored as open may have ended elsewhere, days ago.
  const hasSeenItRun = useRef(!isOver);
  const hasJustEnded = useComputed(() => {
    const session = props.room.session.value;
    return session !== null && props.room.isOver.value && props.room.isSinceOpened(session.closed_at ?? session.expires_at);
  }).value;
  if (!isOver && !props.isDebrief) return <Inside room={props.room} />;
  const failed = (
    <main class="db-page" id="content" tabIndex={-1}>
      <p role="alert">{t.value.common.reload}</p>
    </main>
  );
  return <Lazy load={loadDebrief} with={{ hasJustEnded: hasJustEnded && hasSeenItRun.current }} failed={failed} />;
}

function Inside(props: { room: Room }) {
  const { room } = props;
  const lines = useMemo(() => linesOf(room), [room]);
  const marks = useMemo(() => new Marks(room, lines), [room, lines]);
  const time = useComputed(() => caseTimeOf(lines.value, Date.parse(room.session.value?.created_at ?? "")));
  usePrintedSheet(lines, time);
  const sent = useComputed(() => lastPlayed(room.steps.value, playedSteps(lines.value)));
  const isStarted = useComputed(() => time.value.startedAt !== null || room.isOver.value).value;
  const canSteer = room.canSteer.value;
  const sendByKey = (event: KeyboardEvent) => {
    if (!room.canSteer.peek() || event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    event.preventDefault();
    room.changes.send();
  };
  return (
    <main class="db-room" id="content" tabIndex={-1} onKeyDown={sendByKey} data-steer={canSteer ? "yes" : "no"}>
      <Header />
      <div class="db-notices">
        <Notice />
        <PauseNotice />
        <RecordNotice />
        <RefusedNotice />
      </div>
      <Jump canSteer={canSteer} />
      <div class="db-room-steer">
        {canSteer ? <Presets marks={marks} /> : null}
        <div class="db-room-scroll">
          {canSteer ? (
            <>
              <SignRows marks={marks} />
              <Rhythms marks={marks} />
              <Flags marks={marks} />
            </>
          ) : null}
          {isWide.value ? <RecordTimeline lines={lines} time={time} /> : null}
        </div>
        {canSteer ? <SendBar /> : null}
        {isDesk.value ? <Markers /> : null}
      </div>
      <Preview />
      <div class="db-room-side">
        <div class="db-room-pinned">
          <CasePanel sent={sent} time={time} />
          {isWide.value ? <NoteForm /> : null}
          {isWide.value && !isDesk.value ? <Markers /> : null}
        </div>
        <div class="db-room-more">
          {/* It is read before the case is started; then the steps are looked at. */}
          {isStarted ? null : <About isOpen />}
          <Steps sent={sent} time={time} />
          <Checklist lines={lines} time={time} />
          {isStarted ? <About isOpen={false} /> : null}
          <Notes lines={lines} time={time} />
          <Annotations />
          <People />
          <Trainers />
          {/* In one column what is used more often comes first. */}
          {isWide.value ? null : <RecordTimeline lines={lines} time={time} />}
        </div>
      </div>
    </main>
  );
}

/** One column is long: ways to its parts, and back. */
function Jump(props: { canSteer: boolean }) {
  const texts = t.value.dashboard.room;
  const parts = Object.entries(texts.parts).filter(([part]) => props.canSteer || (part !== "signs" && part !== "rhythm"));
  return (
    <nav class="db-jump" aria-label={texts.jump}>
      {parts.map(([part, name]) => (
        <button
          key={part}
          type="button"
          onClick={() => {
            const target = document.getElementById(`part-${part}`);
            target?.scrollIntoView({ block: "start" });
            target?.focus({ preventScroll: true });
          }}
        >
          {name}
        </button>
      ))}
    </nav>
  );
}

function Missing() {
  const device = useDevice();
  const texts = t.value.dashboard.room;
  if (!device.isReady.value) return <main class="db-page" id="content" tabIndex={-1} aria-busy="true" />;
  if (isFirstRead(device))
    return (
      <main class="db-page" id="content" tabIndex={-1}>
        <Unread />
      </main>
    );
  return (
    <main class="db-page" id="content" tabIndex={-1}>
      <div class="db-empty">
        <h1>{texts.missing}</h1>
        <p>{texts.missing_help}</p>
        <p class="db-empty-actions">
          <button type="button" class="db-button" onClick={() => void device.refresh()}>
            {texts.retry}
          </button>
          <Link to={pathTo("sessions")} class="db-button db-button-main">
            {texts.back}
          </Link>
        </p>
      </div>
    </main>
  );
}
