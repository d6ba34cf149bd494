import { useComputed, useSignal } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Confirm, Dialog } from "../../Dialog";
import { Icon } from "../../icons";
import { announce } from "../../shell/announce";
import { useRoom } from "../room";
import { invitable, trainersOf, type PersonAtWork } from "./trainers";
import "./people.css";

/** Who steers this session and who looks at it; whoever steers it asks colleagues in, and lets them off again. */
export function Trainers() {
  const room = useRoom();
  const texts = t.value.dashboard.trainers;
  const people = useComputed(() => {
    const [session, me] = [room.session.value, room.device.me.value];
    if (session === null || me === null) return [];
    const watching = room.isOver.value ? [] : room.device.trainersAt(room.id).value;
    return trainersOf({ session, colleagues: room.device.colleagues.value, watching, me });
  }).value;
  const isInviting = useSignal(false);
  const asked = useSignal<PersonAtWork | null>(null);
  const mayInvite = room.may("edit_session");
  const letOff = (one: PersonAtWork) => {
    room.letOff(one.id);
    announce(one.isMe ? texts.handed_back : fill(texts.removed, { name: nameOf(one) }));
  };
  return (
    <section class="db-panel" id="part-trainers" aria-labelledby="part-trainers-title" tabIndex={-1}>
      <div class="db-panel-head">
        <h2 id="part-trainers-title">{texts.title}</h2>
        {mayInvite ? (
          <button type="button" class="db-button db-button-quiet" onClick={() => (isInviting.value = true)}>
            <Icon name="plus" /> {texts.invite}
          </button>
        ) : null}
      </div>
      <ul class="db-people">
        {people.map((one) => (
          <li key={one.id} class="db-person" data-state={one.isHere ? "here" : "away"}>
            <Icon name={one.isHere ? "check" : "people"} />
            <span class="db-person-name">
              {nameOf(one)}
              {one.isMe ? ` (${texts.you})` : ""}
            </span>
            <span class="db-person-state">{partWords(one, room.isOver.value)}</span>
            {mayInvite && one.part === "co_trainer" ? (
              <button
                type="button"
                class="db-button db-button-quiet"
                aria-label={one.isMe ? texts.hand_back : fill(texts.remove_label, { name: nameOf(one) })}
                onClick={() => (asked.value = one)}
              >
                {one.isMe ? texts.hand_back : t.value.dashboard.people.remove}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {isInviting.value ? <Invite onClose={() => (isInviting.value = false)} /> : null}
      {asked.value === null ? null : <AskLettingOff one={asked.value} onYes={letOff} onClose={() => (asked.value = null)} />}
    </section>
  );
}

function AskLettingOff(props: { one: PersonAtWork; onYes: (one: PersonAtWork) => void; onClose: () => void }) {
  const { one } = props;
  const texts = t.value.dashboard.trainers;
  return (
    <Confirm
      title={one.isMe ? texts.hand_back_title : fill(texts.remove_title, { name: nameOf(one) })}
      yes={one.isMe ? texts.hand_back : t.value.dashboard.people.remove}
      onYes={() => props.onYes(one)}
      onClose={props.onClose}
    >
      <p>{one.isMe ? texts.hand_back_help : texts.remove_help}</p>
    </Confirm>
  );
}

function Invite(props: { onClose: () => void }) {
  const room = useRoom();
  const texts = t.value.dashboard.trainers;
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const session = room.session.value;
  const offered = session === null ? [] : invitable(session, room.device.colleagues.value);
  const toggle = (id: string) => {
    const ids = new Set(chosen.peek());
    if (!ids.delete(id)) ids.add(id);
    chosen.value = ids;
  };
  const invite = (event: Event) => {
    event.preventDefault();
    const those = offered.filter(({ id }) => chosen.value.has(id));
    if (those.length === 0) return;
    room.invite(those.map(({ id }) => id));
    announce(fill(texts.invited, { names: those.map(({ name }) => name).join(", ") }));
    props.onClose();
  };
  return (
    <Dialog title={texts.invite_title} onClose={props.onClose}>
      <form onSubmit={invite}>
        <p class="db-hint">{offered.length === 0 ? texts.nobody : texts.invite_help}</p>
        <ul class="db-colleagues">
          {offered.map(({ id, name, role }) => (
            <li key={id}>
              <label>
                <input type="checkbox" checked={chosen.value.has(id)} onChange={() => toggle(id)} />
                <span>
                  {name} {role === "admin" ? <small>{t.value.dashboard.menu.role.admin}</small> : null}
                </span>
              </label>
            </li>
          ))}
        </ul>
        <div class="db-dialog-actions">
          <button type="button" class="db-button" onClick={props.onClose}>
            {t.value.common.cancel}
          </button>
          {offered.length === 0 ? null : (
            <button type="submit" class="db-button db-button-main" aria-disabled={chosen.value.size === 0}>
              {texts.invite}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

function nameOf({ name }: PersonAtWork): string {
  return name ?? t.value.dashboard.trainers.unknown;
}

function partWords({ part, isHere, isMe }: PersonAtWork, isOver: boolean): string {
  const texts = t.value.dashboard.trainers;
  if (isMe) return texts.own_parts[part];
  const words = texts.parts[part];
  return part === "watching" || isOver ? words : `${words} · ${isHere ? texts.here : texts.not_here}`;
}
