import { useSignal } from "@preact/signals";
import { fill, t } from "../../../i18n";
import type { Trainee } from "../../../wire/types";
import { announce } from "../../shell/announce";
import { Confirm } from "../../Dialog";
import { minuteTime } from "../../fmt";
import { Icon } from "../../icons";
import { counted, reason } from "../../words";
import { useRoom } from "../room";
import "./people.css";

export function People() {
  const room = useRoom();
  const texts = t.value.dashboard.people;
  const trainees = room.device.trainees(room.id).value;
  const here = trainees.filter((one) => one.connected);
  const away = trainees.filter((one) => !one.connected);
  const asked = useSignal<Trainee | null>(null);
  const failed = useSignal("");
  const remove = async (trainee: Trainee) => {
    failed.value = "";
    const refusal = await room.device.removeTrainee(room.id, trainee.seat_id);
    if (refusal === null) announce(fill(texts.remove_done, { name: trainee.name }));
    else failed.value = fill(texts.remove_failed, { reason: reason(refusal) });
  };
  return (
    <section class="db-panel db-room-people" id="part-people" aria-labelledby="part-people-title" tabIndex={-1}>
      <div class="db-panel-head">
        <h2 id="part-people-title">{texts.title}</h2>
        <p class="db-people-count">
          <span>{counted(here.length, texts.here)}</span>
          {away.length > 0 ? <b class="db-away">{counted(away.length, texts.away)}</b> : null}
        </p>
      </div>
      {trainees.length === 0 ? (
        <p class="db-hint">
          {texts.none}. {texts.none_help}
        </p>
      ) : (
        <ul class="db-people">
          {[...here, ...away].map((one) => (
            <li key={one.seat_id} class="db-person" data-connected={one.connected ? "yes" : "no"}>
              <Icon name={one.connected ? "check" : "away"} />
              <span class="db-person-name">{one.name}</span>
              <span class="db-person-state">
                {one.connected ? texts.connected : texts.dropped},{" "}
                {fill(texts.since, { when: minuteTime(Date.parse(one.joined_at)) })}
              </span>
              {room.canSteer.value ? (
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
      {asked.value === null ? null : <AskRemoval trainee={asked.value} onYes={remove} onClose={() => (asked.value = null)} />}
    </section>
  );
}

function AskRemoval(props: { trainee: Trainee; onYes: (one: Trainee) => void; onClose: () => void }) {
  const texts = t.value.dashboard.people;
  return (
    <Confirm
      title={fill(texts.remove_title, { name: props.trainee.name })}
      yes={texts.remove}
      onYes={() => props.onYes(props.trainee)}
      onClose={props.onClose}
    >
      <p>{texts.remove_help}</p>
    </Confirm>
  );
}
