import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { fill, t } from "../../i18n";
import { announce } from "../announce";
import { Confirm } from "../Dialog";
import { dayTime, lasting, counting } from "../fmt";
import { Icon } from "../icons";
import { Link } from "../Link";
import { joinUrl, SESSIONS_PATH } from "../paths";
import { Qr } from "./Qr";
import { counted } from "../words";
import { useRoom } from "./room";
import { ShowBig } from "./ShowBig";
import "./header.css";

const SOON_SECONDS = 10 * 60;

export function Header() {
  const room = useRoom();
  const texts = t.value.dashboard.room;
  const title = useComputed(() => room.session.value?.title || t.value.dashboard.room.untitled);
  const trainee = useComputed(() => room.session.value?.trainee_name ?? "");
  return (
    <header class="db-room-head">
      <Link to={SESSIONS_PATH} class="db-button db-button-quiet db-back" label={texts.back}>
        <Icon name="back" />
      </Link>
      <div class="db-room-title">
        <h1>{title}</h1>
        <p class="db-room-about">
          <span>{trainee}</span>
          <Presence />
        </p>
      </div>
      <Joining />
      <TimeLeft />
      <EndButton />
    </header>
  );
}

/** Who is there is a glance away also when the list itself is out of sight. */
function Presence() {
  const room = useRoom();
  const trainees = room.local.trainees(room.id);
  const here = useComputed(() => trainees.value.filter((one) => one.connected).length).value;
  const away = useComputed(() => trainees.value.length - here).value;
  const texts = t.value.dashboard.people;
  if (room.isOver.value) return null;
  return (
    <span class="db-presence" role="status">
      <span>
        <Icon name="people" /> {counted(here, texts.here)}
      </span>
      {away > 0 ? (
        <b class="db-away">
          <Icon name="away" /> {counted(away, texts.away)}
        </b>
      ) : null}
    </span>
  );
}

/** The code is read out loud and seen from the back of the room. */
function Joining() {
  const room = useRoom();
  const texts = t.value.dashboard.room;
  const code = useComputed(() => room.session.value?.code ?? null).value;
  const isBig = useSignal(false);
  if (room.isOver.value) return null;
  if (code === null) return <p class="db-code-later">{texts.code_later}</p>;
  return (
    <div class="db-joining">
      <p class="db-code">
        <span class="visually-hidden">
          {texts.code} {[...code].join(" ")}
        </span>
        <span aria-hidden="true">
          {code.slice(0, 3)}
          <span class="db-code-gap"> </span>
          {code.slice(3)}
        </span>
      </p>
      <button
        type="button"
        class="db-qr-button"
        aria-label={`${texts.show_big}: ${texts.show_big_label}`}
        title={texts.show_big_label}
        onClick={() => {
          isBig.value = true;
        }}
      >
        <Qr url={joinUrl(code)} />
        <span class="db-qr-words">
          <Icon name="expand" />
          <span>{texts.show_big}</span>
        </span>
      </button>
      <CopyLink url={joinUrl(code)} />
      {isBig.value ? <ShowBig code={code} onClose={() => (isBig.value = false)} /> : null}
    </div>
  );
}

function CopyLink(props: { url: string }) {
  const texts = t.value.dashboard.room;
  const isCopied = useSignal(false);
  const failed = useSignal(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.url);
      isCopied.value = true;
      announce(texts.copied);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => (isCopied.value = false), 2500);
    } catch {
      // Plain http on a LAN has no clipboard: the link is shown to be copied by hand.
      failed.value = true;
    }
  };
  if (failed.value)
    return <input class="db-link-text" readOnly aria-label={texts.copy} value={props.url} onFocus={(event) => event.currentTarget.select()} />;
  return (
    <button type="button" class="db-button" onClick={() => void copy()}>
      <Icon name={isCopied.value ? "check" : "copy"} />
      <span>{isCopied.value ? texts.copied : texts.copy}</span>
    </button>
  );
}

function TimeLeft() {
  const room = useRoom();
  const texts = t.value.dashboard.room;
  const left = useComputed(() => (Date.parse(room.session.value?.expires_at ?? "") - room.second.value) / 1000);
  const text = useComputed(() => (left.value > 3600 ? lasting(left.value) : counting(left.value)));
  const isSoon = useComputed(() => left.value < SOON_SECONDS).value;
  if (room.isOver.value || room.session.value === null) return null;
  const extend = (minutes: number) => {
    room.extend(minutes);
    const until = Date.parse(room.session.value?.expires_at ?? "");
    announce(fill(texts.extended, { when: dayTime(until, room.second.value) }));
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
      {room.canSteer.value
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
  if (!room.canSteer.value) return null;
  const waiting = room.entries.value.length;
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
          onYes={() => room.end()}
          onClose={() => (isAsked.value = false)}
        >
          <p>{texts.end_help}</p>
          {waiting > 0 ? <p>{fill(texts.end_waiting, { count: waiting })}</p> : null}
        </Confirm>
      ) : null}
    </>
  );
}
