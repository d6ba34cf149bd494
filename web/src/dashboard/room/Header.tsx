import { useComputed, useSignal } from "@preact/signals";
import { isShown } from "../../device/view/shown";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { announce } from "../shell/announce";
import { AttemptLine } from "../debrief/again/AttemptLine";
import { Confirm } from "../Dialog";
import { dayTime, lasting, counting } from "../fmt";
import { Icon } from "../icons";
import { Link } from "../shell/Link";
import { pathTo } from "../../app/pages";
import { keyed } from "../keys/shortcuts";
import { Shortcuts } from "../keys/Shortcuts";
import { Joining } from "./people/Joining";
import { PeopleDialog } from "./people/People";
import { Rename } from "./Rename";
import { counted } from "../words";
import { useRoom } from "./room";
import "./header.css";

const SOON_SECONDS = 10 * 60;

export function Header() {
  const room = useRoom();
  const texts = t.value.dashboard.room;
  const title = useComputed(() => room.session.value?.title || t.value.dashboard.room.untitled);
  const trainee = useComputed(() => room.session.value?.trainee_name ?? "");
  return (
    <header class="db-room-head">
      <Link to={pathTo("sessions")} class="db-button db-button-quiet db-back" label={texts.back}>
        <Icon name="back" />
      </Link>
      <div class="db-room-title">
        <div class="db-room-name">
          <h1>{title}</h1>
          <Rename />
        </div>
        <div class="db-room-about">
          <p>{trainee}</p>
          <Presence />
          <AttemptLine />
        </div>
      </div>
      {room.isElsewhere.value ? null : <Joining />}
      <TimeLeft />
      <SoFar />
      <Shortcuts />
      <EndButton />
    </header>
  );
}

/** What has happened until now, talked over while the session stands or goes on. */
function SoFar() {
  const room = useRoom();
  const label = t.value.debrief.open;
  return (
    <Link to={pathTo("debrief", { session_id: room.id })} class="db-button db-button-quiet" label={label} title={label}>
      <Icon name="list" />
    </Link>
  );
}

/** Who is there is a glance away also when the list itself is out of sight. */
function Presence() {
  const room = useRoom();
  const here = useComputed(() => room.trainees.value?.filter((one) => one.connected).length ?? null).value;
  const away = useComputed(() => (room.trainees.value?.length ?? 0) - (here ?? 0)).value;
  const texts = t.value.dashboard.people;
  const isListShown = useSignal(false);
  // Who is connected in a hall is known there alone.
  if (room.isOver.value || room.isElsewhere.value) return null;
  return (
    <>
      <button
        type="button"
        class="db-button db-button-quiet db-presence"
        {...keyed("people")}
        aria-haspopup="dialog"
        onClick={() => (isListShown.value = true)}
      >
        <span>
          <Icon name="people" /> {here === null ? texts.title : counted(here, texts.here)}
        </span>
        {away > 0 ? (
          <b class="db-away">
            <Icon name="away" /> {counted(away, texts.away)}
          </b>
        ) : null}
      </button>
      <span class="visually-hidden" role="status">
        {here === null ? "" : counted(here, texts.here)}
        {away > 0 ? `, ${counted(away, texts.away)}` : ""}
      </span>
      {isListShown.value ? <PeopleDialog onClose={() => (isListShown.value = false)} /> : null}
    </>
  );
}

function TimeLeft() {
  const room = useRoom();
  const texts = t.value.dashboard.room;
  const left = useComputed(() => (Date.parse(room.session.value?.expires_at ?? "") - room.time.second.value) / 1000);
  const text = useComputed(() => (left.value > 3600 ? lasting(left.value) : counting(left.value)));
  const isSoon = useComputed(() => left.value < SOON_SECONDS).value;
  if (room.isOver.value || room.isElsewhere.value || room.session.value === null) return null;
  const extend = (minutes: number) => {
    room.edits.extend(minutes);
    const until = Date.parse(room.session.value?.expires_at ?? "");
    announce(fill(texts.extended, { when: dayTime(until, room.time.second.value) }));
  };
  return (
    <div class="db-left" data-soon={isSoon ? "yes" : "no"}>
      <p>
        <span class="db-left-label">
          {isSoon ? <Icon name="alert" /> : <Icon name="clock" />} {texts.left}
          {isSoon ? `, ${texts.soon}` : ""}
        </span>
        <span class="db-left-time" role="timer">
          {text}
        </span>
      </p>
      {room.may("edit_session")
        ? [15, 30].map((minutes) => (
            <button
              key={minutes}
              type="button"
              class="db-button"
              aria-label={`+${minutes} min: ${fill(texts.extend, { minutes })}`}
              onClick={() => extend(minutes)}
            >
              +{minutes}
            </button>
          ))
        : null}
    </div>
  );
}

function EndButton() {
  const room = useRoom();
  const texts = t.value.dashboard.room;
  const isAsked = useSignal(false);
  if (!room.may("close_session")) return null;
  const edited = room.fieldEdits.value.filter(({ state }) => state === "waiting");
  const waiting = room.entries.value.filter(isShown).length + edited.length;
  return (
    <>
      <button
        type="button"
        class="db-button db-button-danger-quiet"
        onClick={() => {
          isAsked.value = true;
        }}
      >
        {texts.end}
      </button>
      {isAsked.value ? (
        <Confirm
          title={texts.end_title}
          yes={texts.end_yes}
          no={texts.keep_on}
          onYes={() => room.edits.end()}
          onClose={() => (isAsked.value = false)}
        >
          <p>{texts.end_help}</p>
          {waiting > 0 ? <p>{counted(waiting, texts.end_waiting)}</p> : null}
        </Confirm>
      ) : null}
    </>
  );
}
