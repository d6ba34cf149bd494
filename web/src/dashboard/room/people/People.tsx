import { useComputed, useSignal } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { announce } from "../../shell/announce";
import { Confirm, Dialog } from "../../Dialog";
import { minuteTime } from "../../fmt";
import { Icon, type IconName } from "../../icons";
import { Unread } from "../../Unread";
import { counted, reason } from "../../words";
import { useRoom, type Room } from "../room";
import { peopleOf, type Person, type PresenceState } from "./presence";
import "./people.css";

export function People() {
  const room = useRoom();
  const people = useComputed(() => peopleIn(room)).value;
  return (
    <section class="db-panel db-room-people" id="part-people" aria-labelledby="part-people-title" tabIndex={-1}>
      <div class="db-panel-head">
        <h2 id="part-people-title">{t.value.dashboard.people.title}</h2>
        <Counts people={people} />
      </div>
      <PeopleList people={people} />
    </section>
  );
}

/** The same list, from the head of the page. */
export function PeopleDialog(props: { onClose: () => void }) {
  const room = useRoom();
  const people = useComputed(() => peopleIn(room)).value;
  return (
    <Dialog title={t.value.dashboard.people.title} class="db-people-dialog" onClose={props.onClose}>
      <Counts people={people} />
      <PeopleList people={people} />
      <div class="db-dialog-actions">
        <button type="button" class="db-button db-button-main" autofocus onClick={props.onClose}>
          {t.value.common.close}
        </button>
      </div>
    </Dialog>
  );
}

function PeopleList(props: { people: readonly Person[] | null }) {
  const room = useRoom();
  const texts = t.value.dashboard.people;
  const { people } = props;
  const asked = useSignal<Person | null>(null);
  const failed = useSignal("");
  const remove = async (person: Person) => {
    failed.value = "";
    const refusal = await room.device.removeTrainee(room.id, person.seat_id);
    if (refusal === null) announce(fill(texts.remove_done, { name: person.name }));
    else failed.value = fill(texts.remove_failed, { reason: reason(refusal) });
  };
  return (
    <>
      {people === null ? (
        <Unread />
      ) : people.length === 0 ? (
        <p class="db-hint">{room.isOver.value ? `${texts.none_came}.` : `${texts.none}. ${texts.none_help}`}</p>
      ) : (
        <ul class="db-people">
          {people.map((one) => (
            <li key={one.seat_id} class="db-person" data-state={one.state}>
              <Icon name={ICONS[one.state]} />
              <span class="db-person-name">{one.name}</span>
              <span class="db-person-state">{presenceWords(one)}</span>
              {room.may("remove_trainee") && (one.state === "here" || one.state === "away") ? (
                <button
                  type="button"
                  class="db-button db-button-quiet"
                  aria-label={fill(texts.remove_label, { name: one.name })}
                  onClick={() => {
                    asked.value = one;
                  }}
                >
                  {texts.remove}
                </button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      <p class="db-failed" role="alert">
        {failed}
      </p>
      {asked.value === null ? null : <AskRemoval person={asked.value} onYes={remove} onClose={() => (asked.value = null)} />}
    </>
  );
}

const ICONS: Record<PresenceState, IconName> = {
  here: "check",
  away: "away",
  removed: "cross",
  over: "people",
  unknown: "clock",
};

/** Null: neither told nor read, and not that there is nobody. */
function peopleIn(room: Room): Person[] | null {
  const session = room.session.value;
  const trainees = room.trainees.value;
  const attendance = session?.attendance ?? null;
  const endedAt = room.isOver.value && session !== null ? Date.parse(session.closed_at ?? session.expires_at) : null;
  const people = peopleOf({ trainees, attendance, endedAt });
  // Of one that runs only what is told says that nobody is there by now.
  const isKnown = trainees !== null || (endedAt !== null && attendance !== null);
  return people.length === 0 && !isKnown ? null : people;
}

function Counts({ people }: { people: readonly Person[] | null }) {
  const texts = t.value.dashboard.people;
  if (people === null) return null;
  const count = (state: PresenceState) => people.filter((one) => one.state === state).length;
  const [over, unknown, away] = [count("over"), count("unknown"), count("away")];
  if (unknown > 0) return null;
  return (
    <p class="db-people-count">
      <span>{over > 0 ? counted(over, texts.came) : counted(count("here"), texts.here)}</span>
      {away > 0 ? <b class="db-away">{counted(away, texts.away)}</b> : null}
    </p>
  );
}

function stateWords(state: PresenceState, since: number | null): string {
  const texts = t.value.dashboard.people;
  const when = since === null ? "" : minuteTime(since);
  switch (state) {
    case "here":
      return when === "" ? texts.connected : fill(texts.connected_since, { when });
    case "away":
      return when === "" ? texts.dropped : fill(texts.dropped_since, { when });
    case "removed":
      return when === "" ? texts.removed : fill(texts.removed_at, { when });
    case "over":
    case "unknown":
      return "";
  }
}

/** "Connected since 14:03"; with more than one stay, or after it, all of them: "14:03–14:20, 14:31–14:50". */
function presenceWords({ state, since, spans }: Person): string {
  const texts = t.value.dashboard.people;
  const told = stateWords(state, since);
  const isSaid = state === "here" && spans.length < 2;
  const stays = spans.map(({ from, until }) => `${minuteTime(from)}–\u2060${until === null ? "" : minuteTime(until)}`).join(", ");
  if (told === "") return stays;
  const there = isSaid || stays === "" ? "" : fill(texts.there, { times: stays });
  return [told, there].filter((part) => part !== "").join(" · ");
}

function AskRemoval(props: { person: Person; onYes: (one: Person) => void; onClose: () => void }) {
  const texts = t.value.dashboard.people;
  return (
    <Confirm
      title={fill(texts.remove_title, { name: props.person.name })}
      yes={texts.remove}
      onYes={() => props.onYes(props.person)}
      onClose={props.onClose}
    >
      <p>{texts.remove_help}</p>
    </Confirm>
  );
}
