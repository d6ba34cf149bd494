import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { clockTime } from "../../fmt";
import { Icon } from "../../icons";
import { useRoom } from "../room";
import { annotationLines } from "./annotationLines";

/** What is kept beside the record: an observer's notes, late ones, and what was added after the end. */
export function Annotations() {
  const room = useRoom();
  const lines = useComputed(() =>
    annotationLines(room.session.value?.annotations ?? [], room.entries.value, room.device.me.value)
      // What the debrief comes to has its own place.
      .filter(({ kind }) => kind === "note" || kind === "bookmark"),
  ).value;
  const texts = t.value.dashboard.annotations;
  if (lines.length === 0) return null;
  return (
    <section class="db-panel" aria-labelledby="part-annotations-title">
      <h2 id="part-annotations-title">{texts.title}</h2>
      <p class="db-hint">{texts.help}</p>
      <ol class="db-record" reversed tabIndex={0} aria-label={texts.title}>
        {lines.map((line) => (
          <li key={line.id} class="db-record-line" data-kind="note">
            <Icon name="note" />
            <time class="db-record-time" dateTime={new Date(line.at).toISOString()}>
              {clockTime(line.at)}
            </time>
            <span class="db-record-words">
              {line.text} <span class="db-record-who">{line.who}</span>
              {line.isWaiting ? <em class="db-record-waits"> {t.value.dashboard.notes.waits}</em> : null}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
