import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Lacks } from "../../app/Lacks";
import { mayInSchool } from "../../device/permissions";
import { trainerTexts as t } from "../../i18n/trainers";
import { Choice, LanguageChoice, ThemeChoice } from "../../join/Choices";
import { usePage } from "../../join/page";
import { change, settings } from "../../monitor/settings";
import { LiveRegions } from "./announce";
import { Banner } from "./Banner";
import { HallLine } from "./HallLine";
import { InvitationNotice } from "./InvitationNotice";
import { useDevice } from "../context";
import { Icon } from "../icons";
import { Link } from "./Link";
import { pathTo } from "../../app/pages";
import { path } from "../../app/route";
import { closePopover, followPopovers } from "./popovers";
import { StatusLink } from "./StatusLink";
import { UnkeptLine } from "./UnkeptLine";
import { counted } from "../words";
import "./popover.css";
import "./shell.css";

/** The bar above every page. */
const NAVIGATION = [
  { name: "sessions", icon: "list" },
  { name: "wall", icon: "grid" },
  { name: "templates", icon: "book" },
  { name: "homework", icon: "cap" },
  { name: "outbox", icon: "tray" },
] as const;

/** On a telephone only two have room beside the state of things; the others are in the menu, but for the page shown. */
function isWide(name: string, hasConflicts: boolean): boolean {
  return name !== "sessions" && (name !== "templates" || hasConflicts);
}

/** In the menu, by what somebody may; the school's people stand in the bar as well, for whoever looks after them. */
const PLACES = [
  { name: "me", may: null },
  { name: "school", may: null },
  { name: "audit", may: "read_audit" },
  { name: "devices", may: "see_devices" },
  { name: "halls", may: "manage_halls" },
] as const;

export type ShellPage = (typeof NAVIGATION)[number]["name"] | (typeof PLACES)[number]["name"] | "conflicts" | "room";

export function Shell(props: { page: ShellPage; children: ComponentChildren }) {
  const texts = t.value.dashboard.nav;
  const current = props.page === "room" ? "sessions" : props.page;
  const hasConflicts = useDevice().conflicts.value.length > 0;
  usePage(`${texts[current]} · Shiller`);
  useEffect(followPopovers, []);
  return (
    <div class="db-shell" data-page={props.page}>
      <a class="db-skip" href="#content">
        {texts.skip}
      </a>
      <header class="db-bar">
        <span class="db-brand" aria-hidden="true">
          Shiller
        </span>
        <nav class="db-nav" aria-label={texts.main}>
          <ConflictsLink isCurrent={current === "conflicts"} />
          {NAVIGATION.map((entry) => (
            <Link
              key={entry.name}
              to={pathTo(entry.name)}
              current={current === entry.name}
              class={isWide(entry.name, hasConflicts) ? "db-nav-wide" : ""}
            >
              <Icon name={entry.icon} />
              <span>{texts[entry.name]}</span>
            </Link>
          ))}
          <SchoolLink isCurrent={current === "school"} />
        </nav>
        <StatusLink />
        <Menu />
      </header>
      <Banner />
      <UnkeptLine />
      <HallLine />
      <InvitationNotice />
      {props.children}
      <LiveRegions />
    </div>
  );
}

/** In the bar only while there is something to choose, or on the page itself; first, where a telephone cuts nothing off. */
function ConflictsLink(props: { isCurrent: boolean }) {
  const count = useDevice().conflicts.value.length;
  if (count === 0 && !props.isCurrent) return null;
  const texts = t.value.dashboard.nav;
  return (
    <Link to={pathTo("conflicts")} current={props.isCurrent}>
      <Icon name="fork" />
      <span>{count === 0 ? texts.conflicts : counted(count, t.value.cases.conflicts.link)}</span>
    </Link>
  );
}

/** Not on a telephone, where the bar has no room for it: there it is in the menu. */
function SchoolLink(props: { isCurrent: boolean }) {
  const me = useDevice().me.value;
  if (me === null || !mayInSchool("manage_trainers", me)) return null;
  return (
    <Link to={pathTo("school")} current={props.isCurrent} class="db-nav-wide">
      <Icon name="people" />
      <span>{t.value.dashboard.nav.school}</span>
    </Link>
  );
}

/** Who is logged in, and how this device shows things. A popover: it closes on Escape and on a tap beside it. */
function Menu() {
  const device = useDevice();
  const id = useId();
  const me = device.me.value;
  const texts = t.value.dashboard.menu;
  const waiting = device.status.value.waiting;
  const menu = useRef<HTMLDivElement>(null);
  const shown = path.value;
  // A link in it leads to another page without loading one.
  useEffect(() => closePopover(menu.current), [shown]);
  return (
    <>
      <button type="button" class="db-button db-button-quiet db-menu-button" popovertarget={id}>
        <span class="visually-hidden">{t.value.dashboard.nav.menu}: </span>
        <span class="db-menu-name">{me?.name ?? ""}</span>
        <Icon name="menu" />
      </button>
      <div ref={menu} class="db-popover db-menu" id={id} popover="auto">
        {me === null ? null : (
          <p class="db-menu-me">
            <b>{me.name}</b>
            <span>{me.email}</span>
            <span>{texts.role[me.role]}</span>
          </p>
        )}
        <Places />
        <LanguageChoice showLabel />
        <ThemeChoice showLabel />
        <Units />
        <Lacks of={["opensOffline"]} class="db-hint" />
        <button type="button" class="db-button" onClick={() => void device.logout()}>
          {texts.logout}
        </button>
        {waiting > 0 ? <p class="db-hint">{counted(waiting, device.isKept ? texts.logout_waiting : t.value.device.unkept.logout)}</p> : null}
      </div>
    </>
  );
}

function Places() {
  const { me: login, conflicts } = useDevice();
  const me = login.value;
  const hasConflicts = conflicts.value.length > 0;
  if (me === null) return null;
  return (
    <p class="db-menu-places">
      {NAVIGATION.filter(({ name }) => isWide(name, hasConflicts)).map(({ name }) => (
        <Link key={name} to={pathTo(name)} class="db-button db-menu-narrow">
          {t.value.dashboard.nav[name]}
        </Link>
      ))}
      {PLACES.filter(({ may }) => may === null || mayInSchool(may, me)).map(({ name }) => (
        <Link key={name} to={pathTo(name)} class="db-button">
          {t.value.dashboard.nav[name]}
        </Link>
      ))}
    </p>
  );
}

/** The same choice as the monitor's on this device. */
function Units() {
  const texts = t.value.dashboard.menu;
  const { units } = settings.value;
  return (
    <>
      <Choice
        label={texts.pressure}
        name="pressure-unit"
        showLabel
        options={[
          { value: "mmHg", text: "mmHg" },
          { value: "kPa", text: "kPa" },
        ]}
        chosen={units.pressure}
        choose={(pressure) => change({ units: { ...units, pressure } })}
      />
      <Choice
        label={texts.temperature}
        name="temperature-unit"
        showLabel
        options={[
          { value: "°C", text: "°C" },
          { value: "°F", text: "°F" },
        ]}
        chosen={units.temperature}
        choose={(temperature) => change({ units: { ...units, temperature } })}
      />
      <p class="db-hint">{texts.units_hint}</p>
    </>
  );
}
