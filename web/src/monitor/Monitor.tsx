import { useComputed } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { pathTo } from "../app/pages";
import { go } from "../app/route";
import { fill, t } from "../i18n";
import { groupedCode } from "../join/code";
import { usePage } from "../join/page";
import { publicName } from "../join/publicName";
import { currentSeat, forget, type SeatMemory } from "../join/seats";
import { beginWords } from "../join/words/kept";
import { OwnWordsHere } from "../join/words/LaterWords";
import { theme } from "../theme/theme";
import type { TraineeConnection } from "../wire/traineeConnection";
import type { EndReason } from "../wire/traineeState";
import type { KnownCode } from "../wire/types";
import { createSpeaker, type Speaker } from "./audio";
import { EndScreen } from "./EndScreen";
import { HomeworkKeys } from "./HomeworkKeys";
import { LinkBanner } from "./LinkBanner";
import { MonitorScreen } from "./MonitorScreen";
import { createMonitorSound } from "./monitorSound";
import { MovedLine } from "./MovedLine";
import { settings } from "./settings";
import { SettingsDrawer } from "./SettingsDrawer";
import { keepLookingOut, sit, type Sitting } from "./sitting";
import { Tools } from "./Tools";
import { useWakeLock } from "./wakeLock";
import "./Monitor.css";

/** The trainee's page: the seat of this tab, its live line, and the screen. */
export function Monitor() {
  const [seat] = useState(currentSeat);
  useEffect(() => {
    if (seat === null) go(pathTo("home"), { replace: true });
  }, [seat]);
  return seat === null ? null : <Seated seat={seat} />;
}

function Seated(props: { seat: SeatMemory }) {
  const [sitting, setSitting] = useState<Sitting | null>(null);
  useEffect(() => {
    const sat = sit(props.seat);
    setSitting(sat);
    return () => sat.leave();
  }, [props.seat]);
  return sitting === null ? null : <Connected sitting={sitting} />;
}

function Connected(props: { sitting: Sitting }) {
  const { sitting } = props;
  const [seat, line] = [sitting.seat.value, sitting.line.value];
  const { session, last_values, at, link, ended, movedTo } = line.state.value;
  const title = publicName(session ?? { title: seat.public_title, trainee_name: seat.trainee_name });
  usePage(`${title} · Shiller`);
  // What a tap has unlocked stays so wherever the session goes on, after its end, too.
  const speaker = useMemo(createSpeaker, []);
  useEffect(() => () => speaker.close(), [speaker]);
  if (ended !== null) return <Ended sitting={sitting} reason={ended} title={title} />;
  if (session === null || last_values === null) return <Connecting seat={seat} line={line} />;
  const shown = { seat, line, speaker, title, session, lastValues: last_values, at };
  return <AtBedside {...shown} isLost={link !== "live"} isMoving={movedTo !== null} moves={sitting.moves.value} />;
}

function AtBedside(props: {
  seat: SeatMemory;
  line: TraineeConnection;
  speaker: Speaker;
  title: string;
  session: NonNullable<TraineeConnection["state"]["value"]["session"]>;
  lastValues: NonNullable<TraineeConnection["state"]["value"]["last_values"]>;
  at: number;
  isLost: boolean;
  /** The session goes on elsewhere, and what comes from there is not here yet. */
  isMoving: boolean;
  moves: number;
}) {
  const { seat, line, speaker, title, session, lastValues, at } = props;
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const sound = useMemo(() => createMonitorSound(speaker), [speaker]);
  const serverNow = useMemo(() => () => line.clock.now(), [line]);
  useWakeLock();
  const state = { session_id: session.id, last_values: lastValues, at, limits: session.limits };
  return (
    <main class={`mon-main${seat.homework === null ? "" : " mon-main-alone"}`}>
      <h1 class="visually-hidden">{title}</h1>
      <MonitorScreen
        state={{ ...state, title, expires_at: session.expires_at }}
        showsConditions={session.shows_conditions}
        serverNow={serverNow}
        theme={theme.value}
        units={settings.value.units}
        stale={props.isLost}
        sound={sound}
        onAction={line.takeAction}
        notice={props.isLost && !props.isMoving ? <LinkBanner line={line} /> : <MovedLine isMoving={props.isMoving} moves={props.moves} />}
        tools={<Tools speaker={speaker} openSettings={() => setIsDrawerOpen(true)} />}
      />
      {seat.homework === null ? null : (
        <HomeworkKeys actions={seat.homework.actions} take={(action) => line.takeAction(action)} />
      )}
      {isDrawerOpen && (
        <SettingsDrawer
          speaker={speaker}
          name={seat.name}
          code={session.code}
          close={() => setIsDrawerOpen(false)}
          leave={() => go(pathTo("home"))}
        />
      )}
    </main>
  );
}

/** What is said of a refusal while we keep trying; null: no more than that it takes long. */
const TOLD = {
  rate_limited: "rate_limited",
  storage_unavailable: "storage_unavailable",
  invalid_body: null,
  unauthenticated: null,
  forbidden: null,
  not_found: null,
  method_not_allowed: null,
  conflict: null,
  not_home: null,
  hall_revoked: null,
  resync_required: null,
  device_revoked: null,
  session_closed: null,
  session_expired: null,
  removed: null,
  full: null,
  version_mismatch: null,
  too_large: null,
  unsupported_media_type: null,
  invalid_fields: null,
  internal_error: null,
  network: null,
  timeout: null,
  strange_answer: null,
  device_full: null,
  device_storage: null,
} as const satisfies Record<KnownCode, "rate_limited" | "storage_unavailable" | null>;

const SLOW_AFTER = 4000;

function Connecting(props: { seat: SeatMemory; line: TraineeConnection }) {
  const [isSlow, setIsSlow] = useState(false);
  const refusal = useComputed(() => props.line.state.value.refusal).value;
  const texts = t.value.monitor.link;
  useEffect(() => {
    const timer = setTimeout(() => setIsSlow(true), SLOW_AFTER);
    return () => clearTimeout(timer);
  }, []);
  const seconds = refusal === null ? 0 : Math.max(1, Math.ceil((refusal.until - Date.now()) / 1000));
  const told = refusal === null ? null : TOLD[refusal.code];
  const why = told === null ? (isSlow ? texts.slow : "") : fill(texts[told], { seconds });
  return (
    <main class="mon-page">
      <p class="mon-page-lead">{fill(texts.connecting, { code: groupedCode(props.seat.code) })}</p>
      <p role="status">{why}</p>
      <button type="button" class="mon-page-key" onClick={() => go(pathTo("home"))}>
        {t.value.common.cancel}
      </button>
    </main>
  );
}

function Ended(props: { sitting: Sitting; reason: EndReason; title: string }) {
  const { sitting, reason } = props;
  const seat = sitting.seat.value;
  const isOver = reason === "session_closed" || reason === "session_expired";
  // Before the seat is forgotten: its token is what own words are written by.
  const words = useMemo(() => (isOver ? beginWords(currentSeat() ?? seat, props.title) : null), [seat, isOver]);
  // With the first picture of it: whoever reads that they were removed may load the page anew at once.
  useLayoutEffect(() => {
    // Whoever was removed may ask to come back, but then as somebody new.
    forget(seat.session_id);
    return isOver ? keepLookingOut(sitting) : undefined;
  }, [seat, isOver]);
  return (
    <EndScreen reason={reason} title={props.title} code={seat.code} homework={seat.homework?.token ?? null}>
      {words === null ? null : <OwnWordsHere kept={words} />}
    </EndScreen>
  );
}
