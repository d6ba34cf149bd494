import { useComputed, type ReadonlySignal } from "@preact/signals";
import { t } from "../../../i18n";
import { useRoom } from "../room";
import type { CaseTime } from "./caseTime";

/** What the case is about: open until it is started, a tap away afterwards. */
export function About(props: { time: ReadonlySignal<CaseTime> }) {
  const room = useRoom();
  const text = useComputed(() => room.itsCase.value?.description ?? "").value;
  const isOpen = useComputed(() => props.time.value.startedAt === null && !room.isOver.value).value;
  if (text === "") return null;
  return (
    <details class="db-panel db-about" id="part-about" open={isOpen}>
      <summary>{t.value.dashboard.about.title}</summary>
      <p>{text}</p>
    </details>
  );
}
