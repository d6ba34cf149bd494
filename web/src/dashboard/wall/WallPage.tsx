import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { pathTo } from "../../app/pages";
import { mayInSchool } from "../../device/permissions";
import type { Device } from "../../device/view/device";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { Icon } from "../icons";
import { announce } from "../shell/announce";
import { Link } from "../shell/Link";
import { ticking } from "../ticking";
import { WallBeat } from "./beat";
import { Card } from "./Card";
import { Commands } from "./Commands";
import { gridOf, placeAfter } from "./grid";
import { choice, listed, RoomsShown, type Hung } from "./roomsShown";
import { Sent } from "./sent";
import { SentLines } from "./SentLines";
import { WallRooms } from "./wallRoom";
import "./wall.css";

/** Numbers of rooms that nobody watches, and those opened while no word of the log came. */
const LOOK_EVERY = 5_000;
const HUNG: readonly Hung[] = ["all", "mine", "chosen"];
/** CSS pixels; the style sheet's own. */
const GAP = 8;

/** Several rooms at once: each as a small live monitor, and what is done to several of them together. */
export function WallPage() {
  const device = useDevice();
  const texts = t.value.wall;
  const rooms = useMemo(() => new WallRooms(device), [device]);
  const beat = useMemo(() => new WallBeat(() => device.serverNow()), [device]);
  const sent = useMemo(() => new Sent(device), [device]);
  const shown = useMemo(() => roomsShown(device), [device]);
  useEffect(() => beat.start(), [beat]);
  useEffect(() => shown.start(), [shown]);
  useLooking(device);
  const ids = listed(shown.ids.value);
  const chosen = ids.filter((id) => choice.ids.value.has(id) && !shown.isLeaving(id)).map((id) => rooms.of(id));
  const maySteer = device.me.value !== null && mayInSchool("open_session", device.me.value);
  return (
    <main class="db-wall" id="content" tabIndex={-1}>
      <div class="db-wall-head">
        <h1 class="visually-hidden">{texts.title}</h1>
        <Hanging />
        <ChooseAll ids={ids} />
        {maySteer ? <Commands chosen={chosen} sent={sent} /> : <p class="db-hint">{texts.observer}</p>}
        <p class="visually-hidden">{texts.keys}</p>
      </div>
      {device.isOnline.value ? null : (
        <p class="db-wall-offline" role="status">
          <Icon name="wifi_off" /> {texts.offline}
        </p>
      )}
      <SentLines sent={sent} />
      {ids.length === 0 ? <Nothing isAny={shown.openCount.value > 0} /> : <Rooms ids={ids} rooms={rooms} beat={beat} shown={shown} />}
    </main>
  );
}

function Rooms(props: { ids: readonly string[]; rooms: WallRooms; beat: WallBeat; shown: RoomsShown }) {
  const { ids, rooms, beat, shown } = props;
  const ref = useRef<HTMLUListElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const size = useSignal({ width: 1200, height: 600 });
  const stop = useSignal<string | null>(null);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => {
      const { clientWidth: width, clientHeight } = element;
      // Where the page itself scrolls, the frame is as high as its rooms.
      const height = getComputedStyle(element).overflowY === "auto" ? clientHeight : 0;
      if (width !== size.peek().width || height !== size.peek().height) size.value = { width, height };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const grid = gridOf(ids.length, size.value.width, size.value.height, GAP);
  const stopAt = stop.value !== null && ids.includes(stop.value) ? stop.value : ids[0];
  const heard = (event: KeyboardEvent) => {
    const link = event.target as HTMLElement;
    const place = ids.indexOf(link.closest<HTMLElement>("[data-room]")?.dataset["room"] ?? "");
    if (!link.matches(".db-wall-link") || place < 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === " ") choice.toggle(ids[place]!);
    else {
      const to = placeAfter(event.key, place, ids.length, grid.columns);
      if (to === null) return;
      linkOf(ref.current, ids[to]!)?.focus();
    }
    event.preventDefault();
  };
  useKeptFocus(ref, ids, stop);
  return (
    <div ref={frame} class="db-wall-frame">
      <ul
        ref={ref}
        class="db-wall-rooms"
        style={{ "--db-wall-columns": String(grid.columns), "--db-wall-row": `${grid.rowHeight}px` }}
        onKeyDown={heard}
        onFocusIn={(event) => {
          const id = (event.target as HTMLElement).closest<HTMLElement>("[data-room]")?.dataset["room"];
          if (id !== undefined) stop.value = id;
        }}
      >
        {ids.map((id) => (
          <RoomCard key={id} id={id} rooms={rooms} beat={beat} shown={shown} isStop={id === stopAt} />
        ))}
      </ul>
    </div>
  );
}

function RoomCard(props: { id: string; rooms: WallRooms; beat: WallBeat; shown: RoomsShown; isStop: boolean }) {
  const { id, shown } = props;
  const isLeaving = useComputed(() => shown.isLeaving(id));
  return <Card wallRoom={props.rooms.of(id)} beat={props.beat} isStop={props.isStop} isLeaving={isLeaving} />;
}

/** When the room in which the keyboard was goes, its neighbour has it. */
function useKeptFocus(list: { current: HTMLElement | null }, ids: readonly string[], stop: ReadonlySignal<string | null>): void {
  const before = useRef(ids);
  useLayoutEffect(() => {
    const [was, known] = [stop.peek(), before.current];
    before.current = ids;
    if (was === null || ids.includes(was) || !known.includes(was) || document.activeElement !== document.body) return;
    linkOf(list.current, ids[Math.min(known.indexOf(was), ids.length - 1)] ?? "")?.focus();
  });
}

function linkOf(list: HTMLElement | null, id: string): HTMLElement | null {
  return list?.querySelector<HTMLElement>(`[data-room="${id}"] .db-wall-link`) ?? null;
}

function Hanging() {
  const texts = t.value.wall;
  return (
    <fieldset class="db-windows">
      <legend class="visually-hidden">{texts.hung_label}</legend>
      {HUNG.map((one) => (
        <label key={one} class="db-ramp-option">
          <input type="radio" name="hung" value={one} checked={choice.hung.value === one} onChange={() => (choice.hung.value = one)} />
          <span>{texts.hung[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}

function ChooseAll(props: { ids: readonly string[] }) {
  const count = props.ids.filter((id) => choice.ids.value.has(id)).length;
  const areAll = count > 0 && count === props.ids.length;
  if (props.ids.length === 0) return null;
  return (
    <label class="db-wall-all">
      <input type="checkbox" checked={areAll} onChange={() => choice.chooseOnly(areAll ? [] : props.ids)} />
      <span>{t.value.wall.choose_all}</span>
    </label>
  );
}

function Nothing(props: { isAny: boolean }) {
  const texts = t.value.wall;
  const hung = choice.hung.value;
  if (props.isAny)
    return (
      <div class="db-empty">
        <h2>{hung === "chosen" ? texts.none_chosen : texts.none_mine}</h2>
        <p>{hung === "chosen" ? texts.none_chosen_help : texts.none_mine_help}</p>
        <button type="button" class="db-button" onClick={() => (choice.hung.value = "all")}>
          {texts.show_all}
        </button>
      </div>
    );
  return (
    <div class="db-empty">
      <h2>{t.value.dashboard.list.none_open}</h2>
      <p>{texts.none_open_help}</p>
      <Link to={pathTo("sessions")} class="db-button db-button-main">
        {texts.to_sessions}
      </Link>
    </div>
  );
}

function roomsShown(device: Device): RoomsShown {
  const named = (words: string, title: string) => announce(fill(words, { room: title || t.value.dashboard.room.untitled }));
  return new RoomsShown({
    sessions: device.sessions,
    me: device.me,
    now: ticking(() => device.serverNow(), 1000),
    choice,
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    came: ({ title }) => named(t.value.wall.came, title),
    left: ({ title }) => named(t.value.wall.left, title),
  });
}

function useLooking(device: Device): void {
  useEffect(() => {
    const look = () => {
      const isOfUse = document.visibilityState === "visible" && device.isOnline.peek() && !device.needsLogin.peek();
      if (isOfUse) void device.refresh();
    };
    void device.refresh();
    const timer = setInterval(look, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [device]);
}
