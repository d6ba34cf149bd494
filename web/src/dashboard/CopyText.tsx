import { useSignal } from "@preact/signals";
import { trainerTexts as t } from "../i18n/trainers";
import { announce } from "./shell/announce";
import { Icon } from "./icons";

/** Puts a text on the clipboard; where the page may not (plain http on a network), it is shown to be copied by hand. */
export function CopyText(props: { text: string; label?: string }) {
  const texts = t.value.dashboard.outbox;
  const isCopied = useSignal(false);
  const isByHand = useSignal(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
      isCopied.value = true;
      announce(texts.copied);
    } catch {
      isByHand.value = true;
    }
  };
  if (isByHand.value)
    return (
      <textarea
        class="db-copy-text"
        readOnly
        rows={2}
        aria-label={props.label ?? texts.copy}
        value={props.text}
        onFocus={(event) => event.currentTarget.select()}
      />
    );
  return (
    <button type="button" class="db-button" aria-label={props.label} onClick={() => void copy()}>
      <Icon name={isCopied.value ? "check" : "copy"} />
      <span>{isCopied.value ? texts.copied : texts.copy}</span>
    </button>
  );
}
