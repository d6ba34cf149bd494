import { trainerTexts as t } from "../../../i18n/trainers";
import type { TemplateStep } from "../../../wire/types";
import { useRoom } from "../room";

export function SendStep(props: { step: TemplateStep; place: number; isSent: boolean; isMain?: boolean; shortcut?: object }) {
  const room = useRoom();
  const texts = t.value.dashboard.steps;
  const word = props.isSent ? texts.send_again : texts.send;
  return (
    <button
      type="button"
      class={`db-button ${props.isMain === true ? "db-button-main" : ""}`}
      aria-label={`${word}: ${props.place + 1}. ${props.step.title}`}
      {...props.shortcut}
      onClick={(event) => room.playStep(props.step, event.timeStamp)}
    >
      {word}
    </button>
  );
}
