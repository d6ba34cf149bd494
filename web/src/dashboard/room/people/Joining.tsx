import { useComputed, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { announce } from "../../shell/announce";
import { Icon } from "../../icons";
import { keyed } from "../../keys/shortcuts";
import { joinUrl } from "../../shell/paths";
import { Qr } from "../../Qr";
import { useRoom } from "../room";
import { ShowBig } from "./ShowBig";

/** The code is read out loud and seen from the back of the room. */
export function Joining() {
  const room = useRoom();
  const texts = t.value.dashboard.room;
  const code = useComputed(() => room.session.value?.code ?? null).value;
  const isBig = useSignal(false);
  if (room.isOver.value) return null;
  if (code === null) return <p class="db-code-later">{texts.code_later}</p>;
  const url = joinUrl(code, room.device.addresses.value);
  return (
    <div class="db-joining">
      <p class="db-code">
        <span class="visually-hidden">
          {texts.code} {[...code].join(" ")}
        </span>
        <span aria-hidden="true">
          {code.slice(0, 3)}
          <span class="db-code-gap"> </span>
          {code.slice(3)}
        </span>
      </p>
      <button
        type="button"
        class="db-qr-button"
        {...keyed("projector")}
        aria-label={`${texts.show_big}: ${texts.show_big_label}`}
        title={texts.show_big_label}
        onClick={() => {
          isBig.value = true;
        }}
      >
        <Qr url={url} label={fill(t.value.dashboard.room.qr, { url })} />
        <span class="db-qr-words">
          <Icon name="expand" />
          <span>{texts.show_big}</span>
        </span>
      </button>
      <CopyLink url={url} />
      {isBig.value ? <ShowBig code={code} url={url} onClose={() => (isBig.value = false)} /> : null}
    </div>
  );
}

function CopyLink(props: { url: string }) {
  const texts = t.value.dashboard.room;
  const isCopied = useSignal(false);
  const failed = useSignal(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.url);
      isCopied.value = true;
      announce(texts.copied);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => (isCopied.value = false), 2500);
    } catch {
      // Plain http on a LAN has no clipboard: the link is shown to be copied by hand.
      failed.value = true;
    }
  };
  if (failed.value)
    return <input class="db-link-text" readOnly aria-label={texts.copy} value={props.url} onFocus={(event) => event.currentTarget.select()} />;
  return (
    <button type="button" class="db-button" onClick={() => void copy()}>
      <Icon name={isCopied.value ? "check" : "copy"} />
      <span>{isCopied.value ? texts.copied : texts.copy}</span>
    </button>
  );
}
