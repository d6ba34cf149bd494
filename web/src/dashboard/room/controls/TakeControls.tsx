import { useSignal } from "@preact/signals";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Confirm } from "../../Dialog";
import { announce } from "../../shell/announce";
import { reason } from "../../words";
import { useRoom } from "../room";

/** A colleague becomes a co-trainer, after being asked once; the owner is told by the server, so it needs the network. */
export function TakeControls(props: { owner: string | null }) {
  const room = useRoom();
  const texts = t.value.dashboard.controls;
  const isAsked = useSignal(false);
  const isBusy = useSignal(false);
  const failed = useSignal("");
  const isOnline = room.device.isOnline.value;
  const take = async () => {
    isBusy.value = true;
    failed.value = "";
    const refusal = await room.takeControls();
    isBusy.value = false;
    if (refusal === null) announce(texts.taken);
    else failed.value = fill(texts.failed, { reason: reason(refusal) });
  };
  return (
    <>
      <button
        type="button"
        class="db-button"
        aria-disabled={!isOnline || isBusy.value}
        aria-describedby={isOnline ? undefined : "take-controls-offline"}
        onClick={() => {
          if (isOnline && !isBusy.value) isAsked.value = true;
        }}
      >
        {texts.take}
      </button>
      {isOnline ? null : (
        <small class="db-hint" id="take-controls-offline">
          {texts.offline}
        </small>
      )}
      <p class="db-failed" role="alert">
        {failed}
      </p>
      {isAsked.value ? (
        <Confirm title={texts.take_title} yes={texts.take} onYes={() => void take()} onClose={() => (isAsked.value = false)}>
          <p>{props.owner === null ? texts.take_help : fill(texts.take_help_named, { name: props.owner })}</p>
        </Confirm>
      ) : null}
    </>
  );
}
