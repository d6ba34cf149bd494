import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useId, useMemo, useRef } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { counting, minuteTime } from "../fmt";
import { Icon } from "../icons";
import { clockAt } from "../room/case/caseTime";
import { Link } from "../shell/Link";
import { counted, eventWords, named } from "../words";
import type { WallBeat } from "./beat";
import { choice } from "./roomsShown";
import { SmallMonitor } from "./SmallMonitor";
import type { WallRoom } from "./wallRoom";

/** After it went out of sight a room is still followed for so long: whoever scrolls comes back. */
const LINGERS = 10_000;
const SOON_SECONDS = 10 * 60;

/** One room: the way into it, and what goes on there. Out of sight it is a name and nothing else. */
export function Card(props: { wallRoom: WallRoom; beat: WallBeat; isStop: boolean; isLeaving: ReadonlySignal<boolean> }) {
  const { wallRoom, beat } = props;
  const { room } = wallRoom;
  const id = useId();
  const ref = useRef<HTMLLIElement>(null);
  const isSeen = useSeenOnScreen(ref);
  const isChosen = useComputed(() => choice.ids.value.has(room.id)).value;
  const isLeaving = props.isLeaving.value;
  const texts = t.value.wall;
  useWatched(wallRoom, (isSeen || isChosen) && !isLeaving);
  return (
    <li ref={ref} class="db-wall-card" data-room={room.id} data-chosen={isChosen ? "yes" : "no"} data-leaving={isLeaving ? "yes" : "no"}>
      <div class="db-wall-card-head">
        <input
          type="checkbox"
          tabIndex={-1}
          checked={isChosen}
          aria-label={fill(texts.choose, { room: wallRoom.title.value })}
          onChange={() => choice.toggle(room.id)}
        />
        <h2>
          <Link
            to={pathTo("room", { session_id: room.id })}
            class="db-wall-link"
            tabIndex={props.isStop ? 0 : -1}
            describedBy={id}
          >
            {wallRoom.title}
          </Link>
        </h2>
        <Code wallRoom={wallRoom} />
      </div>
      {isSeen ? (
        <>
          {isLeaving ? <Ended wallRoom={wallRoom} /> : <Running wallRoom={wallRoom} beat={beat} />}
          <div class="db-wall-words" id={id}>
            <Case wallRoom={wallRoom} />
            <People wallRoom={wallRoom} />
            <LastAction wallRoom={wallRoom} />
          </div>
        </>
      ) : null}
    </li>
  );
}

function Running(props: { wallRoom: WallRoom; beat: WallBeat }) {
  const device = useDevice();
  return <SmallMonitor wallRoom={props.wallRoom} beat={props.beat} isStale={!device.isOnline.value} />;
}

function Ended(props: { wallRoom: WallRoom }) {
  const session = props.wallRoom.room.session.value;
  const texts = t.value.dashboard.list;
  const when = minuteTime(Date.parse(session?.closed_at ?? session?.expires_at ?? ""));
  return (
    <p class="db-wall-ended">
      <Icon name="flag" /> {fill(session?.close_reason === "closed" ? texts.ended_at : texts.expired_at, { when })}
    </p>
  );
}

function Code(props: { wallRoom: WallRoom }) {
  const session = props.wallRoom.room.session.value;
  if (session === null) return null;
  if (session.hall !== null) return <p class="db-wall-code">{session.hall.name}</p>;
  const { code } = session;
  return (
    <p class="db-wall-code">
      {code === null ? null : (
        <>
          <span class="visually-hidden">{t.value.dashboard.list.code} </span>
          {code.slice(0, 3)} {code.slice(3)}
        </>
      )}
    </p>
  );
}

/** Where the case stands, and its clock; near its end also how long the session still has. */
function Case(props: { wallRoom: WallRoom }) {
  const { room, step, time, steerable } = props.wallRoom;
  const texts = t.value.wall;
  const clock = useComputed(() => counting(clockAt(time.value, room.time.second.value)));
  const state = useComputed(() => {
    const { isPaused, isStarted, steps } = steerable.value;
    if (isPaused) return texts.paused;
    return isStarted || step.value !== null || steps.length === 0 ? "" : texts.not_started;
  });
  const left = useComputed(() => {
    const seconds = (Date.parse(room.session.value?.expires_at ?? "") - room.time.second.value) / 1000;
    return seconds < SOON_SECONDS && !room.isElsewhere.value ? fill(texts.ends_in, { time: counting(seconds) }) : "";
  });
  // Its key says nothing to a person, and its case comes in a moment.
  const title = room.steps.value.find(({ key }) => key === step.value)?.title ?? "";
  return (
    <p class="db-wall-case">
      <span class="db-wall-clock" data-paused={state.value === texts.paused ? "yes" : "no"}>
        <span class="visually-hidden">{t.value.dashboard.steps.clock} </span>
        {clock}
      </span>
      {state.value === "" ? null : <b>{state}</b>}
      {title === "" ? null : <span class="db-wall-step">{title}</span>}
      {left.value === "" ? null : (
        <b class="db-wall-soon">
          <Icon name="alert" /> {left}
        </b>
      )}
    </p>
  );
}

function People(props: { wallRoom: WallRoom }) {
  const { room } = props.wallRoom;
  const trainees = room.device.trainees(room.id).value;
  const texts = t.value.dashboard.people;
  const here = trainees.filter((one) => one.connected);
  const away = trainees.length - here.length;
  const count = trainees.length === 0 ? texts.none : counted(here.length, texts.here);
  // Who is connected in a hall is known there alone.
  if (room.isElsewhere.value) return null;
  return (
    <p class="db-wall-people">
      <Icon name="people" />
      <span>
        {here.length > 0 ? named(count, here.map(({ name }) => name).join(", ")) : count}
      </span>
      {away > 0 ? (
        <b>
          <Icon name="away" /> {counted(away, texts.away)}
        </b>
      ) : null}
    </p>
  );
}

function LastAction(props: { wallRoom: WallRoom }) {
  const { room, lastAction } = props.wallRoom;
  const event = lastAction.value;
  if (event === null) return null;
  const words = eventWords(event, room.steps.value);
  const said = event.by.role === "system" ? words : named(event.by.name, words);
  return (
    <p class="db-wall-action">
      <span class="visually-hidden">{t.value.wall.last_action} </span>
      {minuteTime(Date.parse(event.made_at))} {said}
    </p>
  );
}

/** Nearly in sight counts: whoever scrolls finds it drawn. */
function useSeenOnScreen(ref: { current: HTMLElement | null }): boolean {
  const isSeen = useSignal(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        isSeen.value = entries.at(-1)?.isIntersecting ?? isSeen.peek();
      },
      { rootMargin: "100px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return isSeen.value;
}

function useWatched(wallRoom: WallRoom, isWatched: boolean): void {
  const { device, id } = useMemo(() => wallRoom.room, [wallRoom]);
  useEffect(() => {
    if (!isWatched) return;
    const stop = device.watch(id);
    return () => void setTimeout(stop, LINGERS);
  }, [device, id, isWatched]);
}
