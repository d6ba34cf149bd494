import { useComputed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { trainerTexts as t } from "../../i18n/trainers";
import type { SignName } from "../../wire/types";
import { Icon } from "../icons";
import type { Marks } from "./record/record";

/**
 * A button that is pressed or not. `isNext` is what it will be after sending; the mark says whether
 * that is staged, on its way or what the trainees have.
 */
export function Toggle(props: {
  text: string;
  isNext: ReadonlySignal<boolean>;
  markKey: SignName | "rhythm" | `flag:${string}`;
  marks: Marks;
  /** For one of a group under one key: only the pressed one, and the one it leaves, wear the mark. */
  isMarked?: ReadonlySignal<boolean>;
  /** What the trainees have now, while something else is staged. */
  isLive?: ReadonlySignal<boolean>;
  /** The keys that press it. */
  shortcut?: object;
  onPress: () => void;
}) {
  const mark = useMemo(() => props.marks.of(props.markKey), [props.marks, props.markKey]);
  const pressed = useComputed(() => (props.isNext.value ? "true" : "false"));
  const word = useComputed(() => {
    if (props.isMarked !== undefined && !props.isMarked.value) return "";
    const is = mark.word.value;
    return is === "staged" || is === "sending" || is === "refused" ? is : "";
  });
  const live = useComputed(() => (props.isLive?.value === true && !props.isNext.value ? "yes" : "no"));
  return (
    <button
      type="button"
      class="db-toggle"
      aria-pressed={pressed}
      data-mark={word}
      data-live={live}
      {...props.shortcut}
      onClick={props.onPress}
    >
      <MarkIcon word={word} isNext={props.isNext} />
      <span>{props.text}</span>
      {props.isLive === undefined ? null : <LiveWord live={live} />}
    </button>
  );
}

function LiveWord(props: { live: ReadonlySignal<string> }) {
  return props.live.value === "yes" ? <small class="db-toggle-live">{t.value.dashboard.signs.now}</small> : null;
}

export function MarkIcon(props: { word: ReadonlySignal<string>; isNext: ReadonlySignal<boolean> }) {
  const texts = t.value.dashboard.signs;
  const word = props.word.value;
  if (word === "staged" || word === "sending" || word === "refused") {
    const icon = word === "staged" ? "pencil" : word === "sending" ? "up" : "alert";
    return (
      <span class="db-toggle-icon">
        <Icon name={icon} />
        <span class="visually-hidden">{texts[word]}: </span>
      </span>
    );
  }
  return <span class="db-toggle-icon">{props.isNext.value ? <Icon name="check" /> : null}</span>;
}
