import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { Confirm } from "../../Dialog";
import { contactWords } from "../../halls/contact";
import { announce } from "../../shell/announce";
import { reason } from "../../words";
import { useRoom } from "../room";
import type { HomeHall } from "./standing";
import { Words } from "./Words";

/** Its events come by themselves; when the hall was heard of last does not. */
const LOOK_EVERY = 15_000;

/** Where the session runs, how old its news is, and for an admin the way to go on here if that hall is lost. */
export function Elsewhere(props: { hall: HomeHall; mayTakeOver: boolean }) {
  const room = useRoom();
  const { device } = room;
  const texts = t.value.halls.room;
  const { name, heard_at } = props.hall;
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && device.isOnline.peek()) void device.refresh();
    }, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [device]);
  // Once a minute is often enough for a screen reader, too.
  const minute = useComputed(() => Math.floor(room.time.second.value / 60_000));
  void minute.value;
  const contact = contactWords(heard_at, device.serverNow());
  return (
    <Words words={`${fill(texts.runs, { hall: name })} ${fill(texts.contact, { contact })}`}>
      {props.mayTakeOver ? <TakeOver name={name} contact={contact} /> : null}
    </Words>
  );
}

function TakeOver(props: { name: string; contact: string }) {
  const room = useRoom();
  const texts = t.value.halls.room;
  const isAsked = useSignal(false);
  const failed = useSignal("");
  const take = async () => {
    failed.value = "";
    const refusal = await room.device.takeOver(room.id);
    if (refusal === null) announce(texts.taken);
    else failed.value = fill(texts.failed, { reason: reason(refusal) });
  };
  return (
    <>
      <button type="button" class="db-button" onClick={() => (isAsked.value = true)}>
        {texts.take}
      </button>
      <p class="db-failed" role="alert">
        {failed}
      </p>
      {isAsked.value ? (
        <Confirm
          title={fill(texts.take_title, { hall: props.name })}
          yes={texts.take}
          onYes={() => void take()}
          onClose={() => (isAsked.value = false)}
        >
          <p>{fill(texts.contact, { contact: props.contact })}</p>
          <p>{texts.take_help}</p>
        </Confirm>
      ) : null}
    </>
  );
}
