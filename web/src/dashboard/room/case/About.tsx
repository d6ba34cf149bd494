import { useComputed } from "@preact/signals";
import { trainerTexts as t } from "../../../i18n/trainers";
import { useRoom } from "../room";

/** What the case is about. */
export function About(props: { isOpen: boolean }) {
  const room = useRoom();
  const text = useComputed(() => room.itsCase.value?.description ?? "").value;
  if (text === "") return null;
  return (
    <details class="db-panel db-about" id="part-about" open={props.isOpen}>
      <summary>{t.value.dashboard.about.title}</summary>
      <p>{text}</p>
    </details>
  );
}
