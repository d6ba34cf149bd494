import { useComputed } from "@preact/signals";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { clockTime } from "../fmt";
import { Icon, type IconName } from "../icons";
import type { Mark, MarkWord } from "./record/record";

const ICONS: Record<MarkWord, IconName | null> = {
  staged: "pencil",
  sending: "up",
  refused: "alert",
  confirmed: "check",
  unchanged: null,
};

/** Staged, sent, confirmed or refused: an icon and a word, always in the same place. */
export function MarkChip(props: { mark: Mark; id?: string }) {
  const words = useComputed(() => {
    const texts = t.value.dashboard.signs;
    const word = props.mark.word.value;
    if (word === "confirmed") return fill(texts.confirmed, { when: clockTime(props.mark.at.value ?? 0) });
    return texts[word];
  });
  const word = props.mark.word.value;
  const icon = ICONS[word];
  return (
    <span class="db-mark" data-mark={word} id={props.id}>
      {icon === null ? null : <Icon name={icon} />}
      <span>{words}</span>
    </span>
  );
}
