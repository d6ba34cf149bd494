import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { MOST_LISTED } from "../../device/sync/records";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { Icon } from "../icons";
import { Shortcuts } from "../keys/Shortcuts";
import { ticking } from "../ticking";
import { counted } from "../words";
import { find, type ListedSessions } from "./finding";
import { SessionRow } from "./SessionRow";
import { StartPanel } from "./StartPanel";
import "./sessions.css";

/** The server tells of sessions that are watched; one that somebody else opens is found by looking. */
const LOOK_EVERY = 5_000;
const CHOICES: readonly ListedSessions[] = ["open", "ended", "all"];

export function SessionsPage() {
  const device = useDevice();
  const texts = t.value.dashboard.list;
  const shown = useSignal<ListedSessions>("open");
  const search = useSignal("");
  const now = useMemo(() => ticking(() => device.serverNow(), 1000), [device]);
  // Only the ids decide about the list; a row follows its own session.
  const ids = useComputed(() =>
    find(device.sessions.value, shown.value, search.value, now.value)
      .map((session) => session.id)
      .join(" "),
  ).value;
  const found = ids === "" ? [] : ids.split(" ");
  const isCut = useComputed(
    () => shown.value !== "open" && device.sessions.value.filter((one) => one.closed_at !== null).length >= MOST_LISTED,
  ).value;
  useEffect(() => {
    void device.refresh();
    const timer = setInterval(() => {
      const isOfUse = document.visibilityState === "visible" && device.isOnline.peek() && !device.needsLogin.peek();
      if (isOfUse) void device.refresh();
    }, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [device]);
  return (
    <main class="db-page db-sessions-page" id="content" tabIndex={-1}>
      <div class="db-sessions-main">
        <div class="db-list-head">
          <h1>{texts.title}</h1>
          <fieldset class="db-windows">
            <legend class="visually-hidden">{texts.filter}</legend>
            {CHOICES.map((choice) => (
              <label key={choice} class="db-ramp-option">
                <input
                  type="radio"
                  name="shown"
                  value={choice}
                  checked={shown.value === choice}
                  onChange={() => {
                    shown.value = choice;
                  }}
                />
                <span>{texts[choice]}</span>
              </label>
            ))}
          </fieldset>
          <label class="db-search">
            <Icon name="search" />
            <span class="visually-hidden">{texts.search}</span>
            <input
              type="search"
              placeholder={texts.search_hint}
              value={search}
              onInput={(event) => {
                search.value = event.currentTarget.value;
              }}
            />
          </label>
          <Shortcuts />
        </div>
        <p class="visually-hidden" role="status">
          {counted(found.length, texts.found)}
        </p>
        {found.length === 0 ? (
          <Nothing shown={shown.value} search={search.value.trim()} clear={() => (search.value = "")} />
        ) : (
          <ul class="db-session-list">
            {found.map((id) => (
              <SessionRow key={id} id={id} now={now} />
            ))}
          </ul>
        )}
        {isCut ? <p class="db-hint">{texts.older}</p> : null}
      </div>
      <StartPanel />
    </main>
  );
}

function Nothing(props: { shown: ListedSessions; search: string; clear: () => void }) {
  const texts = t.value.dashboard.list;
  if (props.search !== "")
    return (
      <div class="db-empty">
        <h2>{fill(texts.none_found, { text: props.search })}</h2>
        <p>{texts.none_found_help}</p>
        <button type="button" class="db-button" onClick={props.clear}>
          {texts.clear}
        </button>
      </div>
    );
  const isEnded = props.shown === "ended";
  return (
    <div class="db-empty">
      <h2>{isEnded ? texts.none_ended : texts.none_open}</h2>
      <p>{isEnded ? texts.none_ended_help : texts.none_open_help}</p>
    </div>
  );
}
