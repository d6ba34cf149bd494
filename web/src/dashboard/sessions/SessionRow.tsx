import { useComputed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { useDevice } from "../context";
import { contactWords } from "../halls/contact";
import { counting, dayTime, lasting } from "../fmt";
import { Icon } from "../icons";
import { Link } from "../shell/Link";
import { pathTo } from "../../app/pages";
import { counted, dotted, rhythmName, signWords } from "../words";
import { isOver } from "./finding";

/** One session in the list; the whole row leads into its control room. */
export function SessionRow(props: { id: string; now: ReadonlySignal<number> }) {
  const device = useDevice();
  const session = useMemo(() => device.session(props.id), [device, props.id]);
  const texts = t.value.dashboard.list;
  const is = session.value;
  const over = useComputed(() => session.value !== null && isOver(session.value, props.now.value)).value;
  const left = useComputed(() => {
    const seconds = (Date.parse(session.value?.expires_at ?? "") - props.now.value) / 1000;
    return seconds > 3600 ? lasting(seconds) : counting(seconds);
  });
  if (is === null) return null;
  const now = props.now.peek();
  const { heart_rate, systolic, diastolic, spo2, rhythm } = is.shown_values;
  return (
    <li class="db-session" data-over={over ? "yes" : "no"}>
      <div class="db-session-words">
        <h2>
          <Link to={pathTo("room", { session_id: is.id })} class="db-session-link">
            {is.title || t.value.dashboard.room.untitled}
          </Link>
        </h2>
        <p class="db-session-about">
          {is.trainee_name === null || is.trainee_name === "" ? null : <span>{is.trainee_name}</span>}
          {is.co_trainer_ids.includes(device.me.value?.id ?? "") ? <span>{t.value.dashboard.trainers.steered}</span> : null}
          <span>{fill(texts.opened, { when: dayTime(Date.parse(is.created_at), now) })}</span>
          {is.trainee_count === null ? null : <span>{counted(is.trainee_count, texts.trainees)}</span>}
          <span>{counted(is.event_count, texts.events)}</span>
          {over && !is.has_record ? (
            <span class="db-session-lacks">
              <Icon name="wifi_off" /> {texts.no_record}
            </span>
          ) : null}
        </p>
        {is.hall === null || over ? null : (
          <p class="db-session-about">
            <span>{fill(t.value.halls.row, { hall: is.hall.name, contact: contactWords(is.hall.heard_at, now) })}</span>
          </p>
        )}
        {over ? null : (
          <p class="db-session-about">
            <span>{dotted([rhythmName(rhythm), ...signWords({ heart_rate, systolic, diastolic, spo2 })])}</span>
          </p>
        )}
      </div>
      {over || is.hall !== null ? null : (
        <p class="db-session-code">
          {is.code === null ? (
            <small>{texts.no_code}</small>
          ) : (
            <>
              <span class="visually-hidden">{texts.code} </span>
              {is.code.slice(0, 3)} {is.code.slice(3)}
            </>
          )}
        </p>
      )}
      <p class="db-session-left">
        {over ? (
          <span class="db-session-state">
            <Icon name="flag" />
            {fill(is.close_reason === "closed" ? texts.ended_at : texts.expired_at, {
              when: dayTime(Date.parse(is.closed_at ?? is.expires_at), now),
            })}
          </span>
        ) : is.hall !== null ? null : (
          <span class="db-session-state">
            <Icon name="clock" />
            <span class="visually-hidden">{t.value.dashboard.room.left} </span>
            <span>{left}</span>
          </span>
        )}
      </p>
    </li>
  );
}
